"""What `make` runs: one module per verb, the pure modules and adapters that the verbs share."""
