"""What a thread has changed and not saved yet; a request is answered after its changes are saved.

`note` is called where something changes, `save` at the end of a request, and by the threads that
change something between requests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

from localaws.json_object import JsonObject
from localaws.server.wsgi import Application

Saver = Callable[[Collection[Any]], None]


class Pending(threading.local):
    def __init__(self) -> None:
        self.items: dict[str, set[Hashable]] = {}


_pending = Pending()
_savers: dict[str, Saver] = {}


def register(kind: str, saver: Saver) -> None:
    """`saver` saves the noted items of this kind as they are then, or forgets what is gone."""
    _savers[kind] = saver


def note(kind: str, item: Hashable) -> None:
    if kind in _savers:
        _pending.items.setdefault(kind, set()).add(item)


def save_service(name: str) -> None:
    """Save a service that has changed without a request, such as "sagemaker"."""
    note("services", name)
    save()


def save() -> None:
    """Save what this thread has noted. Raises sqlite3.Error where the disk is full."""
    items, _pending.items = _pending.items, {}
    for kind, changed in items.items():
        _savers[kind](changed)


def answer_when_saved(application: Application) -> Application:
    def answer(environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = application(environ, start_response)
        save()
        return response

    return answer
