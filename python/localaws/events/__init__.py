"""EventBridge: rules deliver events to queues, topics, state machines and functions."""
