"""The images of the training report, cut out of the contact sheet."""

from __future__ import annotations

import base64
import io
import itertools

from PIL import Image

from container.evaluation import sheet_layout
from scones.training import report_images
from scones.training.report_images import Answer


def test_an_image_is_cut_out_of_its_place_on_the_sheet() -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    sheet = Image.new("RGB", sheet_layout.size([1, 2]), "white")
    first, second = sheet_layout.parts([1, 2])
    for corner, colour in zip((*first.corners, *second.corners), colours, strict=True):
        sheet.paste(colour, (*corner, corner[0] + 210, corner[1] + 210))
    file = io.BytesIO()
    sheet.save(file, "png")
    answer = Answer("test/a.png", "bicycle", "bicycle", 0.7)
    cut = report_images.cut_out(file.getvalue(), [[answer], [answer, answer]])
    found = []
    for image in itertools.chain(*cut):
        content = base64.b64decode(image.source.partition(",")[2])
        found.append(Image.open(io.BytesIO(content)).getcolors())
    assert found == [[(210 * 210, colour)] for colour in colours]
    assert report_images.cut_out(file.getvalue(), [[answer] * 7, []]) == [[], []], "other parts"
