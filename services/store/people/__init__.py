"""Collections about who works here."""
