"""The expected errors of an installation."""


class InstallationError(Exception):
    """A sentence with its remedy."""
