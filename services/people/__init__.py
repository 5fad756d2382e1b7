"""Use cases about who works here."""
