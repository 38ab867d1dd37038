"""A drawn sample: images of vehicles that need no download, hard enough to learn from."""
