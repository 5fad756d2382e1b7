"""Pure rules and frozen values: no input, no output, no clock of their own."""
