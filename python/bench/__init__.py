"""Measures how well and how fast the classifier is trained. Nothing else needs it."""
