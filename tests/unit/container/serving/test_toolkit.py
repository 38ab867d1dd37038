"""Refusals as errors of SageMaker's inference toolkit, with a stand-in for its class."""

from __future__ import annotations

import inspect

import pytest
from monitored_images import pngs, untrained

from container.serving import toolkit
from container.serving.attribution import answer_headers
from container.serving.images import ImageError
from container.serving.inference import WrongContentType, input_fn


class Context:
    """What the toolkit hands on, as far as a handler uses it."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def set_response_header(self, _index: int, name: str, value: str) -> None:
        self.headers[name] = value


class ToolkitError(Exception):
    def __init__(self, status_code: int, message: str, phrase: str) -> None:
        self.status_code, self.message, self.phrase = status_code, message, phrase
        super().__init__(status_code, message, phrase)


def test_a_refusal_is_the_toolkits_error_and_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolkit, "ToolkitError", ToolkitError)
    with pytest.raises(ToolkitError, match=r"^The content type is 'text/plain'") as caught:
        toolkit.raise_toolkit_errors(input_fn)(b"", "text/plain")
    assert isinstance(caught.value, ImageError)
    assert (caught.value.status_code, caught.value.status, caught.value.phrase) == (
        415,
        415,
        "Unsupported Media Type",
    )
    assert caught.value.message == str(caught.value)


def test_the_toolkit_sees_as_many_arguments_as_the_handler_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(toolkit, "ToolkitError", ToolkitError)
    assert list(inspect.signature(toolkit.raise_toolkit_errors(input_fn)).parameters) == [
        "body",
        "content_type",
    ]


def test_the_attribution_is_a_header_that_the_context_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCONES_MODEL", "scones-1")
    monkeypatch.setenv("SCONES_THRESHOLD", "0.93")
    context, model = Context(), untrained()
    [image] = pngs([0])
    prediction = toolkit.predict_fn(image, model, context)
    assert context.headers == answer_headers(model.classes, prediction) != {}
    # The toolkit counts the arguments: with one more than usual, it passes the context.
    assert len(inspect.signature(toolkit.predict_fn).parameters) == 3


def test_without_the_toolkit_a_handler_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolkit, "ToolkitError", None)
    assert toolkit.raise_toolkit_errors(input_fn) is input_fn
    with pytest.raises(WrongContentType):
        input_fn(b"", None)
