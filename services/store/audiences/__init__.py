"""Collections of audiences."""
