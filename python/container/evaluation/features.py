"""Features of images, which show whether later images still look like those of the training.

Luma is that of ITU-R BT.601. Images are measured at the size in which the network sees them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d

from container.evaluation.baseline import Features
from container.serving.classifier import MAX_BATCH, Classifier, mean_of_views, normalize, views

LUMA = (0.299, 0.587, 0.114)
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
CELLS, DIRECTIONS = 3, 9  # of the outlines: 3 by 3 cells, and directions over half a turn
LEAST_CONTRAST = 1 / 255  # of an image that has edges at all
FAINT = 0.05  # gradients below this hardly count as outlines


@torch.inference_mode()
def extract(classifier: Classifier, images: Tensor) -> Features:
    """The features of uint8 `images` [N, 3, S, S], as the classifier would be served."""
    batches = images.split(MAX_BATCH)
    embedding = torch.cat([embeddings(classifier, batch) for batch in batches])
    # The head is linear: its output for the mean of the views is the mean of its outputs, as in
    # Classifier.logits.
    logits = classifier.network.head(embedding)
    confidence, predicted = (logits / classifier.temperature).softmax(1).max(1)
    statistics = image_statistics(images)
    return Features(
        embedding=embedding.numpy(),
        outlines=torch.cat([outlines(views(batch)) for batch in batches]).numpy(),
        confidence=confidence.numpy(),
        predicted=predicted.numpy(),
        **{name: values.numpy() for name, values in statistics.items()},
    )


def embeddings(classifier: Classifier, images: Tensor) -> Tensor:
    """The input of the network's head, in the mean of the views: [N, width]."""
    seen = views(normalize(images, classifier.mean, classifier.std))
    return mean_of_views(classifier.network.embedding(seen))


def image_statistics(images: Tensor) -> dict[str, Tensor]:
    """The features of uint8 `images` [N, 3, S, S] that need no network: [N] each."""
    colours = images.float() / 255
    grey = luma(images)
    contrast = grey.std((1, 2))
    edges = conv2d(grey[:, None], torch.tensor(LAPLACIAN)[None, None])
    strongest = colours.amax(1)
    weakest = colours.amin(1)
    saturation = (strongest - weakest) / strongest.clamp(min=1 / 255)
    return {
        "brightness": grey.mean((1, 2)),
        "contrast": contrast,
        # Relative to the contrast: a dark image has fainter edges, but is not blurred.
        "sharpness": edges.flatten(1).std(1) / contrast.clamp(min=LEAST_CONTRAST),
        "saturation": saturation.mean((1, 2)),
        "warmth": (colours[:, 0] - colours[:, 2]).mean((1, 2)),
    }


def outlines(seen: Tensor) -> Tensor:
    """Histograms of oriented gradients [N, 81] of uint8 images, `seen` [views N, 3, S, S].

    They are the mean of the views: Dalal & Triggs 2005, "Histograms of oriented gradients for human
    detection", with cells that do not overlap. Cells have equal weight unless they have hardly an
    edge.
    """
    grey = luma(seen)
    across = torch.zeros_like(grey)
    down = torch.zeros_like(grey)
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    strength = (across**2 + down**2).sqrt()
    direction = torch.atan2(down, across) % math.pi / math.pi * DIRECTIONS
    # An edge counts for the two directions that it lies between.
    lower = direction.long() % DIRECTIONS
    upper = (lower + 1) % DIRECTIONS
    upper_share = direction.frac()
    gradients = torch.zeros(len(grey), DIRECTIONS, *grey.shape[1:])
    gradients.scatter_add_(1, lower[:, None], (strength * (1 - upper_share))[:, None])
    gradients.scatter_add_(1, upper[:, None], (strength * upper_share)[:, None])
    cells = adaptive_avg_pool2d(gradients, CELLS)
    length = cells.square().sum(1, keepdim=True).sqrt()
    return mean_of_views((cells / (length + FAINT)).flatten(1))


def luma(images: Tensor) -> Tensor:
    """[N, S, S], 0 to 1."""
    weights = torch.tensor(LUMA)[:, None, None]
    return (images.float() / 255 * weights).sum(1)
