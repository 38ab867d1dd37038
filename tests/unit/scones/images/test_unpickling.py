from __future__ import annotations

import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scones.errors import UserError
from scones.images.unpickling import loads


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_data_and_byte_arrays_come_back_whatever_the_protocol(protocol: int) -> None:
    rows = np.arange(6, dtype=np.uint8).reshape(2, 3)
    content = loads(
        pickle.dumps({b"names": [b"x", "y"], b"label": 7, b"data": rows}, protocol), "It"
    )
    assert content["names"] in ([b"x", "y"], [b"x", b"y"])
    assert content["label"] == 7
    assert np.array_equal(content["data"], rows)


class Harmful:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_call_is_refused_by_name_and_not_made(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "trace"
    pickled = pickle.dumps({"data": Harmful(eval, f"open({str(trace)!r}, 'w')")}, protocol)
    with pytest.raises(
        UserError, match=r"It asks for (__builtin__|builtins).eval, .* Nothing in it was run"
    ):
        loads(pickled, "It")
    assert not trace.exists()


@pytest.mark.parametrize(
    "name",
    [
        "os system",
        "posix system",
        "builtins exec",
        "builtins getattr",
        "numpy load",
        "numpy.core.multiarray scalar",
        "_codecs decode",
        "numpy ndarray.tofile",
        "copyreg _reconstructor",
        "functools partial",
    ],
)
def test_no_other_name_is_looked_up(name: str) -> None:
    module, attribute = name.split()
    with pytest.raises(UserError, match=f"asks for {module}.{attribute}"):
        loads(f"c{module}\n{attribute}\n.".encode(), "It")


def test_an_array_of_objects_is_refused() -> None:
    with pytest.raises(UserError, match=r"holds an array of type 'O8'; images are u1"):
        loads(pickle.dumps({"data": np.array([{}, {}])}, 2), "It")


def test_an_encoding_that_could_do_more_than_encode_is_refused() -> None:
    with pytest.raises(UserError, match=r"asks for the text encoding 'zlib'"):
        loads(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00zlib\x86R.", "It")


def test_the_stand_ins_cannot_be_changed_from_within_a_pickle() -> None:
    hostile = b"\x80\x02cnumpy\ndtype\n}X\x08\x00\x00\x00__code__K\x01sb."
    with pytest.raises(UserError):
        loads(hostile, "It")
    rows = np.zeros((1, 2), np.uint8)
    assert np.array_equal(loads(pickle.dumps({"data": rows}, 2), "It")["data"], rows)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(b"\x80\x02}" + b"}" * 2_000_001 + b".", id="a million empty things"),
        pytest.param(b"\x80\x02}r\xff\xff\xff\x7f.", id="a huge memo"),
        pytest.param(
            b"\x80\x02c_codecs\nencode\nq\x00X"
            + struct.pack("<I", 1000)
            + b"a" * 1000
            + b"X\x06\x00\x00\x00latin1\x86q\x01R0"
            + b"h\x00h\x01R0" * 1000
            + b"}.",
            id="text repeated",
        ),
    ],
)
def test_a_pickle_built_to_exhaust_the_memory_is_refused(bomb: bytes) -> None:
    with pytest.raises(UserError, match=r"to exhaust the memory"):
        loads(bomb, "It")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b".",
        b"no pickle",
        b"\x80\x02}",
        b"\x80\x02]q\x00.",
        b"\x80\x63}.",
        b"\x80\x02cnumpy\nndarray\n)\x81N.",
        b"\x80\x02K\x01K\x02R.",
        pickle.dumps({"data": np.zeros((2, 3), np.uint8)}, 2)[:-9],
    ],
)
def test_a_damaged_pickle_is_one_sentence(broken: bytes) -> None:
    with pytest.raises(
        UserError, match=r"It is not a readable pickle: .* Download or copy the archive again"
    ):
        loads(broken, "It")
