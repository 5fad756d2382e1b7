"""Use cases about sheets brought in."""
