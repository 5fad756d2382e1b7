"""What other machines and their doubles promise, tried over real HTTP."""
