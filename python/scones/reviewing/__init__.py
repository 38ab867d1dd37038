"""`make review`: reviewers label the images with low confidence on a local web page."""
