"""Step Functions: corrections to moto's interpreter, which runs the state machines."""
