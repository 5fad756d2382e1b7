"""Use cases about what a volunteer's phone knows."""
