"""Removing everything that a target has in its account, and searching for leftovers."""
