"""Lambda: the deployed zip runs in sandboxes, with the real service's errors, logs and limits."""
