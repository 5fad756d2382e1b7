"""Rules about what is said, asked, sent and answered."""
