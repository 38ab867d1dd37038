"""One picture through the state machine, and many of them measured."""
