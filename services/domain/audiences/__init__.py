"""Who belongs to a saved query over contacts, as a pure question."""
