"""Use cases about messages to phones through Firebase."""
