"""How a gap in moto is filled: always through these decorators, so that every departure from moto can be listed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Function = Callable[..., Any]
Closer = Callable[[], None]

FILLED: list[tuple[type, str]] = []
CHANGED: list[tuple[type, str]] = []


@dataclass(frozen=True)
class Account:
    """Where the account lives: `state` is its folder on disk, `url` its address, such as http://127.0.0.1:5000."""

    state: Path
    url: str


def fill(owner: type) -> Callable[[Function], Function]:
    """Give `owner` a method that moto lacks altogether."""

    def decorate(function: Function) -> Function:
        FILLED.append((owner, function.__name__))
        setattr(owner, function.__name__, function)
        return function

    return decorate


def change(owner: type, method: str = "") -> Callable[[Function], Function]:
    """Replace a method, static method or property of `owner`; the new one gets moto's own as its first argument.

    `method` names it where the function cannot bear its name.
    """

    def decorate(function: Function) -> Function:
        name = method or function.__name__
        CHANGED.append((owner, name))
        original = inspect.getattr_static(owner, name)
        if isinstance(original, property):
            setattr(owner, name, original.getter(_around(original.fget, function)))
        elif isinstance(original, staticmethod):
            setattr(owner, name, staticmethod(_around(original.__func__, function)))
        else:
            setattr(owner, name, _around(original, function))
        return function

    return decorate


def _around(original: Any, function: Function) -> Function:
    @functools.wraps(original)
    def changed(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    return changed
