"""What an installation shows."""

from __future__ import annotations

from installation.progress import Installation


def test_the_line_names_the_phase_and_what_is_being_downloaded() -> None:
    progress = Installation()
    assert str(progress) == "Finding the packages"
    assert progress.read("Resolved 99 packages in 3.23s\n") is None
    assert str(progress) == "Downloading the packages"
    assert progress.read("Downloading torch (181.0MiB)\n") == "Downloading torch (181.0MiB)"
    progress.read("Downloading scipy (33.7MiB)\n")
    assert str(progress) == "Downloading the packages: torch (181.0MiB), scipy (33.7MiB)"
    progress.read(" Downloaded scipy\n")
    assert str(progress) == "Downloading the packages: torch (181.0MiB)"
    progress.read("Prepared 49 packages in 6.19s\n")
    assert str(progress) == "Writing 99 packages"
