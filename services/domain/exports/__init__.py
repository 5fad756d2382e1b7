"""What exports hold, as pure shapes."""
