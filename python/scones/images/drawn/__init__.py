"""A drawn sample: pictures of vehicles that need no download, hard enough that a model has something to learn."""
