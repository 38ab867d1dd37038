"""The Ray Serve application of SageMaker's Ray image: the same answers as `inference`, over HTTP at /."""

from __future__ import annotations

from pathlib import Path

from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from container.serving.images import ImageError
from container.serving.inference import input_fn, model_fn, output_fn, predict_fn


class Endpoint:
    def __init__(self) -> None:
        self.model = model_fn(str(Path(__file__).parent))

    async def __call__(self, request: Request) -> Response:
        try:
            data = input_fn(await request.body(), request.headers.get("content-type"))
            answer, content_type = output_fn(
                predict_fn(data, self.model), request.headers.get("accept", "*/*")
            )
        except ImageError as error:
            return Response(str(error), error.status, media_type="text/plain")
        return Response(answer, media_type=content_type)


app = serve.deployment(Endpoint).bind()
