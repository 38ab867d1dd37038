"""Pages for people: one look, one file each, readable without a network."""
