"""Settings, logging and the data files that rules are read from."""
