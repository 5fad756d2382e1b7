"""How the use cases of one subject are put together; the container calls each once."""
