"""Collections about what people are asked to do."""
