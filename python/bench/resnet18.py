"""The baseline: ResNet-18 from scratch, as SageMaker's built-in image-classification algorithm trains it.

Its source is closed, so this follows what is public. The network is the one of MXNet's image-classification example,
from which the algorithm comes: units with batch norm and activation before each convolution (He et al. 2016, identity
mappings); more than 28 pixels mean four groups of 64 to 512 channels, which is where 18 layers are allowed; up to 32
pixels mean a first convolution of 3 by 3 without stride or pooling. The rest are the documented defaults: SGD with a
constant learning rate of 0.1, momentum 0.9 and weight decay 1e-4, batches of 32, 30 epochs, no augmentation, and of all
epochs the one with the best validation accuracy is kept. Its probabilities are left as they come.

`python -m bench.resnet18` runs in a training job's folder and writes a metrics.json with the same measures.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from container import dataset
from container.dataset import Manifest, Split
from container.evaluation import metrics
from container.job import Job
from container.serving.classifier import normalize
from container.settings import parse
from container.train import reduced_precision

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, BATCH, EPOCHS = 0.1, 0.9, 1e-4, 32, 30
WIDTHS = (64, 128, 256, 512)
MAX_BATCH = 250  # images to answer together
THRESHOLD = 0.93


class Unit(nn.Module):
    """Two convolutions, each after a batch norm; the shortcut goes around both, or branches off after the first."""

    def __init__(self, inputs: int, outputs: int, stride: int, first: bool) -> None:
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        self.convolutions = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        )
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if first else None

    def forward(self, features: Tensor) -> Tensor:
        active = self.before(features)
        answer: Tensor = self.convolutions(active)
        return answer + (features if self.shortcut is None else self.shortcut(active))


def resnet18(classes: int) -> nn.Sequential:
    """Normalised pictures [N, 3, S, S] of at most 32 pixels in, logits [N, classes] out."""
    units: list[nn.Module] = []
    inputs = WIDTHS[0]
    for group, outputs in enumerate(WIDTHS):
        units += [
            Unit(inputs, outputs, 1 if group == 0 else 2, first=True),
            Unit(outputs, outputs, 1, first=False),
        ]
        inputs = outputs
    last = [
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(inputs, classes),
    ]
    network = nn.Sequential(nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False), *units, *last)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
    return network


def train(
    network: nn.Module, training: Split, validation: Split, seen: Callable[[Tensor], Tensor]
) -> None:
    """Train `network` in place; it ends as it was after the epoch that answered most of `validation` right."""
    optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, MOMENTUM, weight_decay=WEIGHT_DECAY
    )
    best, kept = -1, network.state_dict()
    for epoch in range(1, EPOCHS + 1):
        network.train()
        total = 0.0
        batches = torch.randperm(len(training.labels)).split(BATCH)
        for batch in batches:
            with reduced_precision(training.images.device):
                answers = network(seen(training.images[batch]))
            loss = cross_entropy(answers.float(), training.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
        right = int(
            (probabilities(network, seen(validation.images)).argmax(1) == validation.labels).sum()
        )
        if right > best:
            best, kept = right, copy.deepcopy(network.state_dict())
        figures = f"train_loss={total / len(batches):.4f} validation_accuracy={right / len(validation.labels):.4f}"
        print(f"epoch={epoch}/{EPOCHS} {figures}", flush=True)
    network.load_state_dict(kept)


@torch.inference_mode()
def probabilities(network: nn.Module, images: Tensor) -> Tensor:
    answers = [network.eval()(some).softmax(1) for some in images.split(MAX_BATCH)]
    return torch.cat(answers)


def main(job: Job) -> None:
    settings = parse(job.hyperparameters())
    torch.manual_seed(settings.seed)
    manifest = Manifest.read(job.channel("manifest"))
    training, validation = (
        dataset.read(name, job.channel(name), manifest) for name in ("train", "validation")
    )
    scaled = training.images.float() / 255
    mean, std = scaled.mean((0, 2, 3)).tolist(), scaled.std((0, 2, 3)).tolist()
    network, began = resnet18(len(manifest.classes)), time.perf_counter()
    train(network, training, validation, lambda images: normalize(images, mean, std))
    seconds = time.perf_counter() - began
    test = dataset.read("test", job.channel("test"), manifest)
    answers = probabilities(network, normalize(test.images, mean, std))
    figures = metrics.report(
        answers.numpy(), test.labels.numpy(), manifest.classes, THRESHOLD, settings.target_precision
    )
    (job.model / "metrics.json").write_text(json.dumps({"test": figures, "seconds": seconds}))


if __name__ == "__main__":
    raise SystemExit(Job.here().run(main))
