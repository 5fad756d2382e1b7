"""Collections about what is said, asked, sent and answered."""
