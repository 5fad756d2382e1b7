"""Rules about work given out, held and taken back."""
