"""Tests through the HTTP client of the app."""
