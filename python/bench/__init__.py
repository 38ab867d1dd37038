"""Measurements of training and monitoring, for `make bench-…` and `make crossval`."""
