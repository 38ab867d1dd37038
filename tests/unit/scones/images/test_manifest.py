from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from scones.errors import UserError
from scones.images.dataset import Dataset, Image
from scones.images.manifest import Manifest, Origin

PIXELS = np.zeros((32, 32, 3), np.uint8)
DATA = Dataset(
    ("bicycle", "motorcycle"),
    {
        "train": (Image("m.png", 1, PIXELS), Image("b.png", 0, PIXELS)),
        "validation": (Image("v.png", 1, PIXELS),),
        "test": (Image("t.png", 0, PIXELS),),
    },
)
PNGS = {"train/m.png": b"m", "train/b.png": b"b", "validation/v.png": b"v", "test/t.png": b"t"}
MANIFEST = Manifest.of(DATA, PNGS, Origin("cifar100", "ab" * 32, drawn=False), "c0ffee", seed=7)


def test_it_holds_what_a_reviewer_needs() -> None:
    content = json.loads(MANIFEST.as_json())
    images = content.pop("images")
    assert content == {
        "version": 1,
        "classes": ["bicycle", "motorcycle"],
        "drawn": False,
        "source": {"name": "cifar100", "sha256": "ab" * 32},
        "code_version": "c0ffee",
        "seed": 7,
        "fingerprint": MANIFEST.fingerprint,
        "counts": {
            "train": {"bicycle": 1, "motorcycle": 1},
            "validation": {"bicycle": 0, "motorcycle": 1},
            "test": {"bicycle": 1, "motorcycle": 0},
        },
        "reviewed": 0,
        "pretraining": None,
    }
    assert [image["key"] for image in images] == [
        "test/t.png",
        "train/b.png",
        "train/m.png",
        "validation/v.png",
    ]
    assert images[0] == {
        "key": "test/t.png",
        "label": 0,
        "sha256": hashlib.sha256(b"t").hexdigest(),
    }


def test_what_is_written_is_what_is_read() -> None:
    read = Manifest.parse(MANIFEST.as_json())
    assert (read.images, read.classes, read.origin) == (
        MANIFEST.images,
        MANIFEST.classes,
        MANIFEST.origin,
    )
    assert read.as_json() == MANIFEST.as_json()


def test_a_list_has_a_line_for_each_image_of_its_split() -> None:
    assert MANIFEST.lst("train") == b"0\t0\tb.png\n1\t1\tm.png\n"
    assert MANIFEST.lst("validation") == b"0\t1\tv.png\n"


def test_the_fingerprint_follows_the_data_and_not_the_code_or_the_source() -> None:
    same = replace(
        MANIFEST, code_version="other", origin=Origin("elsewhere", "", drawn=True), seed=1
    )
    assert same.fingerprint == MANIFEST.fingerprint
    image = MANIFEST.images[0]
    for other in (
        replace(image, label=1),
        replace(image, sha256="00"),
        replace(image, key="test/u.png"),
    ):
        assert (
            replace(MANIFEST, images=(other, *MANIFEST.images[1:])).fingerprint
            != MANIFEST.fingerprint
        )
    assert replace(MANIFEST, classes=("bicycle", "bus")).fingerprint != MANIFEST.fingerprint


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"version": 1}', b'{"version": 2}'])
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(
        UserError, match=r"manifest.json (is not a manifest|has version 2).*Stage the data again"
    ):
        Manifest.parse(text)
