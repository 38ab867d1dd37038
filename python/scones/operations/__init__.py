"""Looking after what runs: its alarms, and what failed."""
