"""Use cases, one module a subject; what they may import is said in CONTRIBUTING."""
