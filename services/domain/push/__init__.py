"""Rules about messages to phones through Firebase."""
