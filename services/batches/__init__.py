"""Use cases about work given out, held and taken back."""
