"""Use cases about what keeps an installation running."""
