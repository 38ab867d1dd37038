"""What a container image does with an unpacked model archive, as its model server sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

# Bodies of a failed health check, which SageMaker ignores. The account does not wait for a model
# that cannot become healthy any more as long as for one that is still being loaded.
STARTING, FAILED = b"starting", b"failed"


class Headers(Mapping[str, str]):
    """Names in any spelling; `items` returns them in lower case."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._values = {name.lower(): value for name, value in headers}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; of `headers`, SageMaker hands its own on to the caller."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


class Contract(Protocol):
    def load(self) -> None:
        """Load the model. Raises whatever its code raises."""

    def is_healthy(self) -> bool:
        """The answer to GET /ping; also asked while the model is being loaded."""

    def invoke(self, body: bytes, headers: Headers) -> Reply:
        """The answer to POST /invocations."""
