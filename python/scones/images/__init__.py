"""From a published archive, or a drawn one, to labelled images in the data bucket."""
