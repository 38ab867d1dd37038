"""The code that answers requests. The training job copies this whole folder into model.tar.gz."""
