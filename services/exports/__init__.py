"""Files that are handed out: asked for, approved, made, taken, gone."""
