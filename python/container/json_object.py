"""The type of metrics, manifests and configuration files."""

from typing import Any

JsonObject = dict[str, Any]
