"""The baseline: ResNet-18 from scratch, as SageMaker's built-in image classification trains it.

Its source is closed, so this follows what is public. The network is the one of MXNet's
image-classification example, from which the algorithm comes: units with batch norm and activation
before each convolution (He et al. 2016, identity mappings); more than 28 pixels mean four groups of
64 to 512 channels, which is where 18 layers are allowed; up to 32 pixels mean a first convolution
of 3 by 3 without stride or pooling. The rest are the documented defaults: SGD with a constant
learning rate of 0.1, momentum 0.9 and weight decay 1e-4, batches of 32, 30 epochs, no augmentation,
and of all epochs the one with the best validation accuracy is kept. Its probabilities are not
calibrated.

`python -m bench.resnet18` runs in a training job's folder and writes a metrics.json with the same
figures.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from container import dataset
from container.dataset import Manifest, Split
from container.evaluation import metrics
from container.job import Job
from container.serving.classifier import MAX_BATCH, normalize
from container.settings import parse
from container.train import reduced_precision

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, BATCH, EPOCHS = 0.1, 0.9, 1e-4, 32, 30
WIDTHS = (64, 128, 256, 512)
THRESHOLD = 0.93


class Unit(nn.Module):
    """Two convolutions, each after a batch norm.

    The shortcut goes around both, or branches off after the first batch norm.
    """

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
        output: Tensor = self.convolutions(active)
        return output + (features if self.shortcut is None else self.shortcut(active))


def resnet18(classes: int) -> nn.Sequential:
    """Normalised images [N, 3, S, S] of at most 32 pixels in, logits [N, classes] out."""
    layers: list[nn.Module] = [nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False)]
    inputs = WIDTHS[0]
    for group, outputs in enumerate(WIDTHS):
        layers += [
            Unit(inputs, outputs, 1 if group == 0 else 2, first=True),
            Unit(outputs, outputs, 1, first=False),
        ]
        inputs = outputs
    layers += [
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(inputs, classes),
    ]
    network = nn.Sequential(*layers)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
    return network


def train(network: nn.Module, training: Split, validation: Split) -> None:
    """Train `network` in place on normalised images.

    It ends with the weights of the epoch that answered most of `validation` right.
    """
    optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, MOMENTUM, weight_decay=WEIGHT_DECAY
    )
    best, best_weights = -1, network.state_dict()
    for epoch in range(1, EPOCHS + 1):
        network.train()
        total = 0.0
        batches = torch.randperm(len(training.labels)).split(BATCH)
        for batch in batches:
            with reduced_precision(training.images.device):
                logits = network(training.images[batch])
            loss = cross_entropy(logits.float(), training.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
        predicted = probabilities(network, validation.images).argmax(1)
        right = int((predicted == validation.labels).sum())
        if right > best:
            best, best_weights = right, copy.deepcopy(network.state_dict())
        print(
            f"epoch={epoch}/{EPOCHS} train_loss={total / len(batches):.4f} "
            f"validation_accuracy={right / len(validation.labels):.4f}",
            flush=True,
        )
    network.load_state_dict(best_weights)


@torch.inference_mode()
def probabilities(network: nn.Module, images: Tensor) -> Tensor:
    return torch.cat([network.eval()(batch).softmax(1) for batch in images.split(MAX_BATCH)])


def main(job: Job) -> None:
    settings = parse(job.hyperparameters())
    torch.manual_seed(settings.seed)
    manifest = Manifest.read(job.channel("manifest"))
    training, validation, test = (
        dataset.read(name, job.channel(name), manifest) for name in ("train", "validation", "test")
    )
    scaled = training.images.float() / 255
    mean, std = scaled.mean((0, 2, 3)).tolist(), scaled.std((0, 2, 3)).tolist()
    training, validation, test = (
        replace(split, images=normalize(split.images, mean, std))
        for split in (training, validation, test)
    )
    network = resnet18(len(manifest.classes))
    start = time.perf_counter()
    train(network, training, validation)
    seconds = time.perf_counter() - start
    figures = metrics.report(
        probabilities(network, test.images).numpy(),
        test.labels.numpy(),
        manifest.classes,
        THRESHOLD,
        settings.target_precision,
    )
    (job.model / "metrics.json").write_text(json.dumps({"test": figures, "seconds": seconds}))


if __name__ == "__main__":
    raise SystemExit(Job.here().run(main))
