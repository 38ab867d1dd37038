"""Turns a published archive, or a drawn one, into labelled images in the data bucket."""
