"""Rules about what phones told, and what follows from it."""
