"""The errors that a user can mend."""


class UserError(Exception):
    """One sentence that says what is wrong, and one that says what to do about it. Ends a verb with exit status 1."""
