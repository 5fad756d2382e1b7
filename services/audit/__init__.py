"""What is done with the audit trail beside writing it: sealing, verifying, handing out."""
