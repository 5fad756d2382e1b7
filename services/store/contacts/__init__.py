"""Collections about the people who may be contacted."""
