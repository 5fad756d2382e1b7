"""Use cases about drives, their places and the rules that hold for them."""
