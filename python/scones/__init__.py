"""What `make` runs: a module per verb in commands/, and the packages that the verbs share."""
