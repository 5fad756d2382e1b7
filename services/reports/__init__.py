"""Use cases about figures for those who lead."""
