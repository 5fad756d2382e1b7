"""Collections about what a volunteer's phone knows."""
