"""What is measured of pictures, to tell whether later ones still look like those that the model was made for.

Luma is that of ITU-R BT.601. Pictures are measured at the size in which the network sees them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d

from container.evaluation.baseline import Features
from container.serving.classifier import AT_ONCE, VIEWS, Classifier, normalised, views

LUMA = (0.299, 0.587, 0.114)
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
CELLS, DIRECTIONS = 3, 9  # of the outlines: 3 by 3 cells, and directions over half a turn
FAINT = 0.05  # gradients below this hardly count as outlines


@torch.inference_mode()
def of(classifier: Classifier, images: Tensor) -> Features:
    """The features of uint8 `images` [N, 3, S, S], as the classifier would be served."""
    embedding = torch.cat([embeddings(classifier, some) for some in images.split(AT_ONCE)])
    # The head is linear: its answer to the mean of the views is the mean of its answers, as in Classifier.logits.
    confidence, predicted = (
        (classifier.network.head(embedding) / classifier.temperature).softmax(1).max(1)
    )
    return Features(
        embedding=embedding.numpy(),
        outlines=torch.cat([outlines(views(some)) for some in images.split(AT_ONCE)]).numpy(),
        **{name: values.numpy() for name, values in simple(images).items()},
        confidence=confidence.numpy(),
        predicted=predicted.numpy(),
    )


def embeddings(classifier: Classifier, images: Tensor) -> Tensor:
    """What the head decides by, in the mean of the views: [N, width]."""
    seen = views(normalised(images, classifier.mean, classifier.std))
    found: Tensor = classifier.network.embedding(seen).unflatten(0, (VIEWS, -1)).mean(0)
    return found


def simple(images: Tensor) -> dict[str, Tensor]:
    """Brightness, contrast, sharpness, saturation and warmth of uint8 `images` [N, 3, S, S]: [N] each."""
    colours, luma = images.float() / 255, luma_of(images)
    edges = conv2d(luma[:, None], torch.tensor(LAPLACIAN)[None, None])
    most, least = colours.amax(1), colours.amin(1)
    return {
        "brightness": luma.mean((1, 2)),
        "contrast": luma.std((1, 2)),
        "sharpness": edges.flatten(1).std(1),
        "saturation": ((most - least) / most.clamp(min=1 / 255)).mean((1, 2)),
        "warmth": (colours[:, 0] - colours[:, 2]).mean((1, 2)),
    }


def outlines(seen: Tensor) -> Tensor:
    """Histograms of oriented gradients [N, 81], in the mean of the views of uint8 pictures, `seen` [views N, 3, S, S].

    Dalal & Triggs 2005, "Histograms of oriented gradients for human detection", with cells that do not overlap. Every
    cell counts alike, unless there is hardly an edge in it.
    """
    luma = luma_of(seen)
    across, down = torch.zeros_like(luma), torch.zeros_like(luma)
    across[:, :, 1:-1] = luma[:, :, 2:] - luma[:, :, :-2]
    down[:, 1:-1] = luma[:, 2:] - luma[:, :-2]
    strength = (across**2 + down**2).sqrt()
    direction = torch.atan2(down, across) % math.pi / math.pi * DIRECTIONS
    # An edge counts for the two directions that it lies between.
    lower, beyond = direction.long() % DIRECTIONS, direction.frac()
    found = torch.zeros(len(luma), DIRECTIONS, *luma.shape[1:])
    found.scatter_add_(1, lower[:, None], (strength * (1 - beyond))[:, None])
    found.scatter_add_(1, ((lower + 1) % DIRECTIONS)[:, None], (strength * beyond)[:, None])
    cells = adaptive_avg_pool2d(found, CELLS)
    even = cells / (cells.square().sum(1, keepdim=True).sqrt() + FAINT)
    mean: Tensor = even.flatten(1).unflatten(0, (VIEWS, -1)).mean(0)
    return mean


def luma_of(images: Tensor) -> Tensor:
    """[N, S, S], 0 to 1."""
    return (images.float() / 255 * torch.tensor(LUMA)[:, None, None]).sum(1)
