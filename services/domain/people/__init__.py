"""Rules about who works here."""
