"""Tests in which something is killed."""
