"""Use cases about what is said, asked, sent and answered."""
