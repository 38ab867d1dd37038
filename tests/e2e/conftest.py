"""What the end-to-end tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from checkouts import LEFT_OUT, SOURCES, Checkout
from paths import ROOT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    project = Checkout(folder)
    yield project
    project.make("local-stop")
