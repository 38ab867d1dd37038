"""Reads a pickle of plain data and byte arrays without running anything from it.

The pickles of CIFAR-100 name four callables. Each is replaced by a stand-in of this module, so that
not even numpy's own unpickling runs; any other name is refused. The size that a small file could
expand to is bounded beforehand.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

import numpy as np

from scones.errors import UserError
from scones.images.dataset import Pixels
from scones.json_object import JsonObject

# CIFAR-100's largest pickle holds 50,000 names and twice as many labels: 0.5 million opcodes.
MAX_OPCODES = 2_000_000
MEMO_WRITES = {"PUT", "BINPUT", "LONG_BINPUT"}


def loads(data: bytes, title: str) -> JsonObject:
    """The dictionary pickled in `data`, its keys as text, its arrays as numpy arrays of uint8.

    Reads Python 2's pickles and Python 3's. Text in a Python 2 pickle arrives as bytes. Error
    messages call the pickle `title`.

    Raises:
        UserError: the pickle holds anything but plain data, is damaged, or is built to exhaust
            the memory.
    """
    try:
        _refuse_bomb(data)
        content = _RestrictedUnpickler(data).load()
        return {
            decode(key): value.values if isinstance(value, _Array) else value
            for key, value in content.items()
        }
    except _RefusedError as error:
        raise UserError(
            f"{title} {error} Nothing in it was run. Use an archive from a source that you trust."
        ) from None
    # A damaged pickle may raise anything: the format is a small programming language.
    except Exception as error:
        raise UserError(
            f"{title} is not a readable pickle: {error}. Download or copy the archive again."
        ) from error


def decode(value: str | bytes) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class _RefusedError(Exception):
    """Why the pickle is refused, as the predicate of a sentence."""


class _RestrictedUnpickler(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="bytes")
        self._encodable = len(data)

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
        raise _RefusedError(f"asks for {module}.{name}, which image data do not need.")

    def _encode(self, text: str, encoding: str | bytes) -> bytes:
        """How Python 3 spells bytes in a protocol 2 pickle."""
        name = decode(encoding)
        if name not in ("latin1", "latin-1"):
            raise _RefusedError(
                f"asks for the text encoding {name!r}, which image data do not need."
            )
        self._encodable -= len(text)
        if self._encodable < 0:
            raise _RefusedError("repeats its text to exhaust the memory.")
        return text.encode("latin1")


class _Array:
    """Stands in for numpy.ndarray while the pickle is read."""

    __slots__ = ("values",)
    values: Pixels

    def __setstate__(self, state: tuple[int, tuple[int, ...], object, bool, bytes]) -> None:
        _, shape, dtype, fortran_order, raw = state
        if not isinstance(dtype, _UInt8):
            raise _RefusedError("holds an array of something other than bytes.")
        values = np.frombuffer(raw, np.uint8)
        self.values = values.reshape(shape, order="F" if fortran_order else "C")


class _UInt8:
    """Stands in for numpy.dtype("uint8"), whose state adds nothing."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        pass


def _reconstruct(kind: object, *_empty_array: object) -> _Array:
    if kind is not _Array:
        raise _RefusedError("holds an array of an unknown kind.")
    return _Array()


def _dtype(code: str | bytes, *_flags: object) -> _UInt8:
    name = decode(code)
    if name not in ("u1", "|u1"):
        raise _RefusedError(f"holds an array of type {name!r}; images are u1.")
    return _UInt8()


def _refuse_bomb(data: bytes) -> None:
    """An opcode of one byte may allocate an object of 100 bytes, or a memo of any size."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        grows_memo = opcode.name in MEMO_WRITES and int(argument or 0) > count
        if grows_memo or count >= MAX_OPCODES:
            raise _RefusedError("is built to exhaust the memory.")
