"""Reads a pickle of plain data and byte arrays without running anything from it.

The pickles of CIFAR-100 name four callables. Each is answered with a stand-in of ours, so that not even numpy's own
unpickling runs; any other name is refused. What a small file could blow up into is bounded beforehand.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

import numpy as np
import numpy.typing as npt

from scones.errors import UserError

# CIFAR-100's largest pickle holds 50,000 names and twice as many labels: 0.5 million opcodes.
MAX_OPCODES = 2_000_000
MEMO_WRITES = {"PUT", "BINPUT", "LONG_BINPUT"}


def loads(data: bytes, title: str) -> dict[str, Any]:
    """The dictionary pickled in `data`, its keys as text, its arrays as numpy arrays of uint8.

    Reads Python 2's pickles and Python 3's. Text in a Python 2 pickle arrives as bytes.

    Raises:
        UserError: the pickle asks for anything else than plain data, is broken, or is built to exhaust the memory.
            The sentence calls it `title`.
    """
    try:
        _refuse_bomb(data)
        content = _Restricted(data).load()
        return {
            _text(key): value.values if isinstance(value, _Array) else value
            for key, value in content.items()
        }
    except _RefusedError as error:
        raise UserError(
            f"{title} {error} Nothing of it was run. Use an archive from a source that you trust."
        ) from None
    except (
        Exception
    ) as error:  # a broken pickle may raise anything: the format is a small programming language
        raise UserError(
            f"{title} is not a readable pickle: {error}. Download or copy the archive again."
        ) from error


class _RefusedError(Exception):
    """What is wrong with the pickle, as the rest of a sentence."""


class _Restricted(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="bytes")
        self._may_encode = len(data)

    def find_class(self, module: str, name: str) -> Any:
        match module, name:
            case "_codecs", "encode":
                return self._encode
            case "numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct":
                return _reconstruct
            case "numpy", "ndarray":
                return _Array
            case "numpy", "dtype":
                return _dtype
        raise _RefusedError(f"asks for {module}.{name}, which image data have no use for.")

    def _encode(self, text: str, encoding: str | bytes) -> bytes:
        """How Python 3 spells bytes in a protocol 2 pickle."""
        if _text(encoding) not in ("latin1", "latin-1"):
            raise _RefusedError(
                f"asks for the text encoding {_text(encoding)!r}, which image data have no use for."
            )
        self._may_encode -= len(text)
        if self._may_encode < 0:
            raise _RefusedError("repeats its text to exhaust the memory.")
        return text.encode("latin1")


class _Array:
    """Stands in for numpy.ndarray while the pickle is read."""

    __slots__ = ("values",)
    values: npt.NDArray[np.uint8]

    def __setstate__(self, state: tuple[int, tuple[int, ...], object, bool, bytes]) -> None:
        _, shape, dtype, fortran_order, raw = state
        if not isinstance(dtype, _UInt8):
            raise _RefusedError("holds an array of something else than bytes.")
        self.values = np.frombuffer(raw, np.uint8).reshape(
            shape, order="F" if fortran_order else "C"
        )


class _UInt8:
    """Stands in for numpy.dtype("uint8"), whose state says nothing more."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        pass


def _reconstruct(kind: object, *_empty_array: object) -> _Array:
    if kind is not _Array:
        raise _RefusedError("holds an array of an unknown kind.")
    return _Array()


def _dtype(code: str | bytes, *_flags: object) -> _UInt8:
    if _text(code) not in ("u1", "|u1"):
        raise _RefusedError(f"holds an array of type {_text(code)!r}; images are u1.")
    return _UInt8()


def _refuse_bomb(data: bytes) -> None:
    """An opcode of one byte may allocate an object of a hundred, or a memo as large as it says."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        if count >= MAX_OPCODES or (opcode.name in MEMO_WRITES and int(argument or 0) > count):
            raise _RefusedError("is built to exhaust the memory.")


def _text(value: str | bytes) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)
