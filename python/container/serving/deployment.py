"""The Ray Serve application of SageMaker's Ray image: the answers of `inference`, over HTTP.

The artifact holds a copy of this file at its root, beside model.pt.

The image's adapter asks Ray for GET /ping, and Ray's proxy is healthy as soon as this file could be
imported: so the model is loaded by the import, and one that does not load is never healthy. With a
path in RAYSERVE_BACKEND_URL, which Terraform sets, the adapter asks this application instead, which
answers only where a replica runs.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from container.serving.attribution import answer_headers
from container.serving.images import ImageError
from container.serving.inference import input_fn, model_fn, output_fn, predict_fn

HEALTH_PATH = "/-/healthz"  # below the path in RAYSERVE_BACKEND_URL
REQUESTS = 256  # in the replica at a time; more wait in Ray's proxy, and health checks with them

MODEL = model_fn(str(Path(__file__).parent))


class Endpoint:
    def __init__(self) -> None:
        # Images are classified beside the event loop, so that it answers health checks meanwhile.
        self.threads = ThreadPoolExecutor(os.cpu_count())

    async def __call__(self, request: Request) -> Response:
        if request.url.path.endswith(HEALTH_PATH):
            return Response()
        body = await request.body()
        loop = asyncio.get_running_loop()
        content_type, accept = request.headers.get("content-type"), request.headers.get("accept")
        return await loop.run_in_executor(self.threads, respond, body, content_type, accept)


def respond(body: bytes, content_type: str | None, accept: str | None) -> Response:
    try:
        prediction = predict_fn(input_fn(body, content_type), MODEL)
    except ImageError as error:
        return Response(str(error), error.status, media_type="text/plain")
    answer, answer_type = output_fn(prediction, accept or "*/*")
    headers = answer_headers(MODEL.classes, prediction)
    return Response(answer, media_type=answer_type, headers=headers)


app = serve.deployment(Endpoint, max_ongoing_requests=REQUESTS).bind()
