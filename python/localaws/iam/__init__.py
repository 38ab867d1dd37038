"""IAM enforced: who calls, which actions a request needs, and which policies allow them."""
