"""Rules about numbers and names that stand for a person."""
