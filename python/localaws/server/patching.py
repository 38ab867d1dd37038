"""Patches of moto: always through these decorators, so that every departure can be listed.

A patched function receives moto's own as its first argument, which is called `moto` everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Function = Callable[..., Any]
Closer = Callable[[], None]

FILLED: list[tuple[Any, str]] = []
CHANGED: list[tuple[Any, str]] = []
REMEMBERED = 1024  # answers of a function


@dataclass(frozen=True)
class Account:
    """`state` is the account's folder on disk, `url` its address, such as http://127.0.0.1:5000."""

    state: Path
    url: str


def fill(owner: type) -> Callable[[Function], Function]:
    """Add a method that `owner` lacks."""

    def decorate(function: Function) -> Function:
        FILLED.append((owner, function.__name__))
        setattr(owner, function.__name__, function)
        return function

    return decorate


def change(owner: type, method: str = "") -> Callable[[Function], Function]:
    """Replace a method, static method or property of `owner`.

    `method` names it where the function has another name.
    """

    def decorate(function: Function) -> Function:
        name = method or function.__name__
        CHANGED.append((owner, name))
        original = inspect.getattr_static(owner, name)
        if isinstance(original, property):
            replacement: Any = original.getter(_wrap(original.fget, function))
        elif isinstance(original, staticmethod):
            replacement = staticmethod(_wrap(original.__func__, function))
        else:
            replacement = _wrap(original, function)
        setattr(owner, name, replacement)
        return function

    return decorate


def remember(owner: Any, name: str) -> None:
    """Compute every answer of a pure function of `owner`, a class or a module, once."""
    CHANGED.append((owner, name))
    original = inspect.getattr_static(owner, name)
    if isinstance(original, staticmethod):
        setattr(owner, name, staticmethod(functools.lru_cache(REMEMBERED)(original.__func__)))
    else:
        setattr(owner, name, functools.lru_cache(REMEMBERED)(original))


def _wrap(original: Any, function: Function) -> Function:
    @functools.wraps(original)
    def changed(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    return changed
