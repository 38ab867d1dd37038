"""What Terraform holds: planned, applied, proved, and recovered after an interruption."""
