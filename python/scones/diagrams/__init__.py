"""State machines as pictures: from their definition in the Amazon States Language, and the way an execution took."""
