"""The process that is the account: its start and end, its record, and what every service uses."""
