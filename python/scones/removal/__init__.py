"""Taking everything away, and looking for what was left."""
