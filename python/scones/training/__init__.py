"""One training job: what it is asked for, how it is followed, what it hands over."""
