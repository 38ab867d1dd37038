"""Measurements of a trained model: its answers, and the features of the images that it was judged on."""
