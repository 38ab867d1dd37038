"""The baseline: ResNet-18 from scratch, as SageMaker's built-in image-classification algorithm trains it by default.

That is He et al. 2015 with the stem for large pictures (7 by 7, stride 2, max-pooling), SGD with a learning rate of
0.1, momentum 0.9 and weight decay 1e-4, batches of 32, 30 epochs, and no augmentation. Its probabilities are left as
they come. `python -m bench.resnet18` runs in a training job's folder and writes a metrics.json with the same measures.
"""

from __future__ import annotations

import json
import time

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, relu

from container import dataset, evaluation
from container.classifier import normalised
from container.dataset import Manifest, Split
from container.job import Job
from container.settings import parse

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, BATCH, EPOCHS = 0.1, 0.9, 1e-4, 32, 30
WIDTHS = (64, 128, 256, 512)
THRESHOLD, TARGET_PRECISION = 0.93, 0.99


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, features: Tensor) -> Tensor:
        answer: Tensor = self.second(relu(self.first(features)))
        return relu(answer + self.shortcut(features))


def resnet18(classes: int) -> nn.Sequential:
    """Normalised pictures [N, 3, S, S] in, logits [N, classes] out."""
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    blocks, inputs = [], 64
    for group, outputs in enumerate(WIDTHS):
        blocks += [Block(inputs, outputs, 1 if group == 0 else 2), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


def train(network: nn.Module, data: Split, mean: list[float], std: list[float]) -> None:
    optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, MOMENTUM, weight_decay=WEIGHT_DECAY)
    images = normalised(data.images, mean, std)
    for epoch in range(EPOCHS):
        network.train()
        total = 0.0
        batches = torch.randperm(len(images)).split(BATCH)
        for batch in batches:
            loss = cross_entropy(network(images[batch]), data.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
        print(f"epoch={epoch + 1}/{EPOCHS} train_loss={total / len(batches):.4f}", flush=True)


def main(job: Job) -> None:
    torch.manual_seed(parse(job.hyperparameters()).seed)
    manifest = Manifest.read(job.channel("manifest") / "manifest.json")
    training = dataset.read("train", job.channel("train"), manifest)
    test = dataset.read("test", job.channel("test"), manifest)
    scaled = training.images.float() / 255
    mean, std = scaled.mean((0, 2, 3)).tolist(), scaled.std((0, 2, 3)).tolist()
    network, began = resnet18(len(manifest.classes)), time.perf_counter()
    train(network, training, mean, std)
    seconds = time.perf_counter() - began
    with torch.inference_mode():
        answers = network.eval()(normalised(test.images, mean, std)).softmax(1)
    figures = evaluation.report(answers, test.labels, manifest.classes, THRESHOLD, TARGET_PRECISION)
    (job.model / "metrics.json").write_text(json.dumps({"test": figures, "seconds": seconds}))


if __name__ == "__main__":
    raise SystemExit(Job.here().run(main))
