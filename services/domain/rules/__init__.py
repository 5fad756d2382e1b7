"""Rules about when a person may be contacted, and why not."""
