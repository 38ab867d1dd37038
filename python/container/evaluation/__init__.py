"""Measurements of a trained model: its answers, and the features of held-out images."""
