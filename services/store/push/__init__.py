"""Collections about messages to phones through Firebase."""
