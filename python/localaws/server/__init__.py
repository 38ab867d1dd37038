"""The process that is the account: how it starts, what it records about itself, and what every service uses."""
