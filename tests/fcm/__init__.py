"""Our double of Firebase: messaging (HTTP v1), OAuth tokens and phone sign-in, scripted and logged, on loopback."""
