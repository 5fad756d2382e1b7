"""Saved queries over contacts: kept, counted, planned with."""
