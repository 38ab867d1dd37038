"""The errors that a user can fix."""


class LocalAwsError(Exception):
    """A sentence that says what is wrong, with its remedy. Ends a command with exit status 1."""
