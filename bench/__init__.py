"""Load and scale: benchmarks, each one command, and the simulated people that they and the demo share."""
