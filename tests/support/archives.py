"""Small archives in the layout of cifar-100-python.tar.gz, valid or not."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = ("apple", "bicycle", "motorcycle")


def fields(
    names: Sequence[str], labels: Sequence[int], rows: np.ndarray | None = None
) -> dict[str, Any]:
    """What a split's pickle holds; row i is filled with i unless `rows` says otherwise."""
    if rows is None:
        rows = np.repeat(np.arange(len(names), dtype=np.uint8)[:, None], 3072, axis=1)
    return {
        "filenames": [name.encode() for name in names],
        "fine_labels": list(labels),
        "data": rows,
    }


def pickled(content: Mapping[str, Any], protocol: int = 2) -> bytes:
    return pickle.dumps({key.encode(): value for key, value in content.items()}, protocol)


META = pickled({"fine_label_names": [name.encode() for name in CLASSES]})
TRAIN = fields(["a.png", "b1.png", "b2.png", "m1.png", "m2.png"], [0, 1, 1, 2, 2])
TEST = fields(["c.png", "b3.png", "m3.png"], [0, 1, 2])


def archive(
    path: Path, meta: bytes = META, train: Any = TRAIN, test: Any = TEST, extra: Sequence[Any] = ()
) -> Path:
    """Write an archive. A split is its fields or its pickle, or None to leave it out.

    `extra` holds further TarInfos.
    """
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("meta", meta), ("train", train), ("test", test)):
            if content is not None:
                data = content if isinstance(content, bytes) else pickled(content)
                member = tarfile.TarInfo(f"cifar-100-python/{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        for member in extra:
            tar.addfile(member, io.BytesIO(b"\0" * member.size))
    return path


def python2_pickle(split: Mapping[str, Any]) -> bytes:
    """The bytes that Python 2 wrote: byte strings, and numpy's modules under their old names."""
    rows: np.ndarray = split["data"]
    count, raw = len(rows), rows.tobytes()
    names = b"".join(_string(name) for name in split["filenames"])
    labels = b"".join(b"K" + bytes([label]) for label in split["fine_labels"])
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    minus_one = b"J\xff\xff\xff\xff"
    state = b"(K\x03U\x01|NNN" + 2 * minus_one + b"K\x00tb"
    uint8 = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R" + state
    shape = b"M" + struct.pack("<H", count) + b"M" + struct.pack("<H", 3072) + b"\x86"
    array = empty + b"(K\x01" + shape + uint8 + b"\x89T" + struct.pack("<i", len(raw)) + raw + b"tb"
    items = (
        _string(b"filenames")
        + b"]("
        + names
        + b"e"
        + _string(b"fine_labels")
        + b"]("
        + labels
        + b"e"
    )
    return b"\x80\x02}q\x01(" + items + _string(b"data") + array + b"u."


def _string(text: bytes) -> bytes:
    return b"U" + bytes([len(text)]) + text
