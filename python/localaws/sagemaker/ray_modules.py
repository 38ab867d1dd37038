"""What a deployment.py may import where Ray is not installed, for one deployment per application.

`ray.serve` with `deployment`, `.options` and `.bind`; `starlette.requests` with `Request`, and
`starlette.responses` with `Response`, `PlainTextResponse` and `JSONResponse`. Names and behaviour
are those of Ray 2.57 and Starlette 1.10 as far as a deployment that answers HTTP itself sees them.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from localaws.sagemaker.model_contract import Headers


class Request:
    def __init__(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        self.method = method
        self.url: SplitResult = urlsplit(path)
        self.headers = Headers(headers.items())
        self._body = body

    async def body(self) -> bytes:
        return self._body

    async def json(self) -> Any:
        return json.loads(self._body)


class Response:
    media_type: str | None = None

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        self.status_code = status_code
        self.body = self.render(content)
        media_type = media_type or self.media_type
        own = {}
        if media_type:
            is_text = media_type.startswith("text/") and "charset=" not in media_type
            own["content-type"] = f"{media_type}; charset=utf-8" if is_text else media_type
        self.headers = Headers({**own, **(headers or {})}.items())

    def render(self, content: Any) -> bytes:
        if content is None:
            return b""
        return content if isinstance(content, bytes) else str(content).encode()


class PlainTextResponse(Response):
    media_type = "text/plain"


class JSONResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Application:
    target: Callable[..., Any]
    arguments: tuple[Any, ...]
    named_arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Deployment:
    target: Callable[..., Any]

    def options(self, **_options: Any) -> Deployment:
        """Numbers of replicas, of CPUs and the like have no effect here."""
        return self

    def bind(self, *arguments: Any, **named_arguments: Any) -> Application:
        return Application(self.target, arguments, named_arguments)


def deployment(target: Callable[..., Any] | None = None, **_options: Any) -> Any:
    """Ray's decorator, with or without options in parentheses."""
    return Deployment if target is None else Deployment(target)


async def start(application: Application) -> Any:
    """What answers requests: an instance of the deployment's class, or its function."""
    for argument in (*application.arguments, *application.named_arguments.values()):
        if isinstance(argument, Application):
            raise TypeError("The local AWS runs one deployment per application.")
    if inspect.isclass(application.target):
        return application.target(*application.arguments, **application.named_arguments)
    return application.target


async def call(replica: Any, request: Request) -> Any:
    answer = replica(request)
    return await answer if inspect.isawaitable(answer) else answer


def as_response(answer: Any) -> Response:
    """What Ray makes of a deployment's return value."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, bytes):
        return Response(answer, media_type="text/plain")
    if isinstance(answer, str):
        return PlainTextResponse(answer)
    return JSONResponse(answer)


MODULES: Mapping[str, Mapping[str, Any]] = {
    "ray": {},
    "ray.serve": {"Application": Application, "Deployment": Deployment, "deployment": deployment},
    "starlette": {},
    "starlette.requests": {"Request": Request},
    "starlette.responses": {
        "JSONResponse": JSONResponse,
        "PlainTextResponse": PlainTextResponse,
        "Response": Response,
    },
}


def install() -> None:
    """Put the modules where `import` finds them, also where the real ones are installed."""
    for name, content in MODULES.items():
        module = ModuleType(name, "A part of this package, as far as the local AWS emulates it.")
        vars(module).update(content)
        sys.modules[name] = module
        package, _, part = name.rpartition(".")
        if package:
            setattr(sys.modules[package], part, module)
