"""What a model was made from, as one number: the same inputs never need a second training job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def of_inputs(
    *,
    data: str,
    hyperparameters: Mapping[str, str],
    threshold: float | None,
    algorithm: str,
    image_uri: str,
    source: str,
) -> str:
    """SHA-256 (hex) over everything that decides what a job learns; where it runs and how long it may is left out.

    `data` is the manifest's fingerprint, `source` that of the container package ("" for the built-in algorithm).
    """
    inputs = {
        "algorithm": algorithm,
        "data": data,
        "hyperparameters": dict(hyperparameters),
        "image_uri": image_uri,
        "source": source,
        "threshold": threshold,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def of_files(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
