"""Rules about a made-up electoral roll."""
