"""Use cases about the people who may be contacted."""
