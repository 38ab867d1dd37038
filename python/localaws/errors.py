"""The errors that a user can mend."""


class LocalAwsError(Exception):
    """One sentence that says what is wrong, with its remedy. Ends a command with exit status 1."""
