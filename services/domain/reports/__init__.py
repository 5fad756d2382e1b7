"""What reports say, as pure sums."""
