"""The type of requests, answers and their parts."""

from typing import Any

JsonObject = dict[str, Any]
