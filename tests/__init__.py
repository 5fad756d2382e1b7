"""The suite; see CONTRIBUTING for which room a test lives in."""
