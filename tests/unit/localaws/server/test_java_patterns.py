"""Patterns of AWS's service models, which are Java's, in Python."""

from __future__ import annotations

import warnings

import pytest
from botocore.loaders import Loader

from localaws.server.java_patterns import compile_pattern

METADATA = r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}"


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (METADATA, "Größe 東京/v1.0", True),
        (METADATA, "~/images", False),
        (METADATA, "50%", False),
        (r"[\p{Print}]*", "plain text", True),
        (r"[\p{Print}]*", "é", False),
        (r"\p{ASCII}*", "a\tb", True),
        (r"\w+", "é", False),
        (r"\d+", "٣", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a 🚲", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a\n", False),
        (r"\A\S[\p{Print}]*\z", "a b", True),
        (r"\A\S[\p{Print}]*\z", " a", False),
        (r"[\w-_]*", "a-b", True),
        (r"[\w-_]*", "a.b", False),
        (r".*", "two\nlines", False),
        (r"[a-z]+", "abc1", False),
    ],
)
def test_a_pattern_matches_as_in_java(pattern: str, text: str, matches: bool) -> None:
    assert (compile_pattern(pattern).fullmatch(text) is not None) is matches


def test_every_pattern_of_the_checked_services_is_understood() -> None:
    services = ("events", "iam", "lambda", "logs", "sagemaker", "sagemaker-runtime", "scheduler")
    patterns = set()
    for service in services:
        model = Loader().load_service_model(service, "service-2")
        shapes = model["shapes"].values()
        patterns |= {shape["pattern"] for shape in shapes if "pattern" in shape}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Python warns about what it may read otherwise than Java
        for pattern in patterns:
            compile_pattern(pattern)
    assert len(patterns) > 300
