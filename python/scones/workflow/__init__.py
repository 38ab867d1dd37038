"""Executions of the state machine: classify one image, measure many, redrive the failed ones."""
