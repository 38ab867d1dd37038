"""Lambda: the deployed zip runs in a process of its own, with the real service's errors, logs and limits."""
