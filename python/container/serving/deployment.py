"""The Ray Serve application of SageMaker's Ray image: the answers of `inference`, over HTTP at /.

The artifact holds a copy of this file at its root, beside model.pt.
"""

from __future__ import annotations

from pathlib import Path

from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from container.serving.attribution import answer_headers
from container.serving.images import ImageError
from container.serving.inference import input_fn, model_fn, output_fn, predict_fn


class Endpoint:
    def __init__(self) -> None:
        self.model = model_fn(str(Path(__file__).parent))

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        try:
            data = input_fn(body, request.headers.get("content-type"))
            prediction = predict_fn(data, self.model)
        except ImageError as error:
            return Response(str(error), error.status, media_type="text/plain")
        answer, content_type = output_fn(prediction, request.headers.get("accept", "*/*"))
        headers = answer_headers(self.model.classes, prediction)
        return Response(answer, media_type=content_type, headers=headers)


app = serve.deployment(Endpoint).bind()
