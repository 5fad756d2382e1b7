"""Tests that need a database server."""
