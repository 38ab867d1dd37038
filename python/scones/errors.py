"""The errors that a user can fix."""


class UserError(Exception):
    """One sentence for the cause and one for the remedy. Ends a verb with exit status 1."""
