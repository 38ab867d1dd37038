"""Installs the Python packages. Runs before them, so it needs the standard library alone."""
