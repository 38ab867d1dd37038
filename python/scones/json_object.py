"""The type of requests, responses and reports."""

from collections.abc import Mapping
from typing import Any

JsonObject = Mapping[str, Any]
