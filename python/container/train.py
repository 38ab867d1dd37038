"""Train the classifier: `python -m container.train`, in the folders of a SageMaker training job.

Measured with `make bench-train` on 900 bicycles and motorcycles of CIFAR-100, 32 pixels, 150 epochs, 2 threads of an
AMD EPYC (AVX-512 BF16): 110 seconds. Of the 100 test images .95 to .99 are right, .97 in the mean of three seeds; at a
confidence of .93, .82 are accepted, all of them right; the calibration error is .04. docs/training.md tells how the
recipe was chosen.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from container import artifact, dataset, distributed, launch, pretraining
from container.augment import blend, vary
from container.calibration import fit_temperature
from container.checkpoints import Checkpoints
from container.dataset import Manifest, Split
from container.distributed import ALONE, World
from container.errors import Stopped, TrainingError
from container.evaluation import measurement
from container.job import Job, stop_signal
from container.serving.classifier import Classifier, normalised
from container.serving.network import Network, widths_for
from container.settings import Settings, parse

WARM_UP = 0.2  # share of the steps in which the learning rate rises
FIRST_RATE = 0.1  # of the highest, at the first step
CHECKPOINT_EVERY = 10  # epochs
SAMPLE = 1000  # images, enough to know colours and patches by
AT_ONCE = 1000  # images to evaluate together


def untrained(training: Split, manifest: Manifest) -> Classifier:
    """A network that knows the training images' size, colours, patches and number of classes, but no label yet."""
    size = training.images.shape[-1]
    sample = training.images[:: math.ceil(len(training.images) / SAMPLE)]
    scaled = sample.float() / 255
    mean, std = scaled.mean((0, 2, 3)).tolist(), scaled.std((0, 2, 3)).clamp(min=1 / 255).tolist()
    network = Network(len(manifest.classes), widths_for(size)).to(training.images.device)
    network.whiten(normalised(sample, mean, std))
    return Classifier(network, manifest.classes, size, mean, std, drawn=manifest.drawn)


def train_one_epoch(
    classifier: Classifier,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Split,
    settings: Settings,
    epoch: int,
    world: World = ALONE,
) -> float:
    """Show the network every image once, varied and blended, in epoch 0, 1, …. Returns the mean loss.

    `network` is the classifier's, as the world calls it. What does not fill a last batch is left out, by chance.
    """
    # Seeded by itself, so that a resumed run goes on as if it had never stopped.
    torch.manual_seed(settings.seed * 10_007 + epoch)
    network.train()
    count, device = len(data.images), data.images.device
    size = min(settings.batch_size, count)
    batches = torch.randperm(count, device=device)[: count // size * size].split(size)
    if not world.first:  # the order of images is everyone's, how they are varied each process's own
        torch.manual_seed((settings.seed * 10_007 + epoch) * 1_009 + world.rank)
    total = torch.zeros((), device=device)
    for step, whole in enumerate(batches):
        batch = world.share(whole)
        images = vary(normalised(data.images[batch], classifier.mean, classifier.std))
        images, targets = blend(
            images, one_hot(data.labels[batch], len(classifier.classes)).float()
        )
        with reduced_precision(device):
            answers = network(images)
        # Every image weighs the same, also where shares are not quite equal.
        loss = cross_entropy(answers.float(), targets) * (len(batch) * world.size / len(whole))
        for weights in optimizer.param_groups:
            weights["lr"] = settings.learning_rate * one_cycle(
                (epoch + step / len(batches)) / settings.epochs
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
    world.average(network)
    return float(world.mean(total)) / len(batches)


def one_cycle(progress: float) -> float:
    """The learning rate after `progress` (0 to 1) of all steps, as a share of the highest: up, then down to nothing."""
    if progress < WARM_UP:
        return FIRST_RATE + (1 - FIRST_RATE) * progress / WARM_UP
    return (1 - progress) / (1 - WARM_UP)


def reduced_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the hardware multiplies it: a third off the time on a CPU with AVX-512 BF16, at equal accuracy."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = any(
            torch.cpu.get_capabilities().get(feature) for feature in ("avx512_bf16", "amx_bf16")
        )
    return torch.autocast(device.type, torch.bfloat16, enabled=native)


@torch.inference_mode()
def accuracy(classifier: Classifier, data: Split) -> float:
    """The share of right answers at a single view: enough to follow the training by."""
    network, right = classifier.network.eval(), 0
    for images, labels in zip(data.images.split(AT_ONCE), data.labels.split(AT_ONCE), strict=True):
        with reduced_precision(images.device):
            answers = network(normalised(images, classifier.mean, classifier.std))
        right += int((answers.argmax(1) == labels).sum())
    return right / len(data.labels)


def adamw(network: Network, weight_decay: float) -> torch.optim.Optimizer:
    """Weight decay pulls on matrices and filters only, not on biases and batch norms."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    matrices = {
        "params": [weight for weight in weights if weight.ndim > 1],
        "weight_decay": weight_decay,
    }
    vectors = {"params": [weight for weight in weights if weight.ndim == 1], "weight_decay": 0.0}
    return torch.optim.AdamW([matrices, vectors])


def fit(
    classifier: Classifier,
    training: Split,
    validation: Split,
    settings: Settings,
    checkpoints: Checkpoints,
    stopping: Callable[[], bool],
    world: World = ALONE,
    title: str = "",
) -> list[dict[str, float]]:
    """Train the classifier's network in place, from the newest checkpoint on. Returns the figures of every epoch.

    Raises Stopped when `stopping`, after saving a checkpoint, and TrainingError when the loss is no number any more.
    Of several processes, the first one's checkpoint counts, since each host has a checkpoint folder of its own.
    """
    network, optimizer = classifier.network, adamw(classifier.network, settings.weight_decay)
    history: list[dict[str, float]] = []
    if state := world.from_first(checkpoints.newest() if world.first else None):
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        history = state["history"]
    parallel = world.parallel(network)

    for epoch in range(len(history), settings.epochs):
        began = time.perf_counter()
        loss = train_one_epoch(classifier, parallel, optimizer, training, settings, epoch, world)
        if not math.isfinite(loss):
            remedy = f"lower the hyperparameter learning_rate, which is {settings.learning_rate}"
            raise TrainingError(f"The loss became {loss} in epoch {epoch + 1}: {remedy}.")
        right = accuracy(classifier, validation) if world.first else math.nan
        done, took = epoch + 1, round(time.perf_counter() - began, 3)
        history.append(
            {"epoch": done, "train_loss": loss, "validation_accuracy": right, "seconds": took}
        )
        figures = f"train_loss={loss:.4f} validation_accuracy={right:.4f} seconds={took:.1f}"
        world.say(f"{title}epoch={done}/{settings.epochs} {figures}")
        stop = world.any(stopping())
        if world.first and (stop or done % CHECKPOINT_EVERY == 0 or done == settings.epochs):
            state = {
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "history": history,
            }
            checkpoints.save(done, state)
        if stop:
            raise Stopped(
                f"Stopped after {done} of {settings.epochs} epochs, with a checkpoint to go on from."
            )
    network.eval()
    return history


def main(job: Job) -> None:
    stopping = stop_signal()
    settings = parse(job.hyperparameters(), sys.argv[1:])
    world = distributed.join(job.hosts().current)
    device = world.device
    with world.together():
        manifest = Manifest.read(job.channel("manifest") / "manifest.json")
        training = dataset.read("train", job.channel("train"), manifest)
        validation = dataset.read("validation", job.channel("validation"), manifest)
    given = {"settings": str(settings), "manifest": manifest.fingerprint}
    world.compare({**given, "training images": training.images, "training labels": training.labels})
    counted = (
        f"{len(training.labels)} images to train with and {len(validation.labels)} to validate"
    )
    hardware = f"{device.type}, threads: {torch.get_num_threads()}, processes: {world.size}"
    world.say(f"{counted}, {', '.join(manifest.classes)}, on {hardware}.")

    torch.manual_seed(settings.seed)
    classifier = untrained(training.to(device), manifest)
    before = pretraining.prepare(classifier, job, manifest, settings, fit, stopping, world)
    checkpoints = Checkpoints(job.checkpoints, run=f"{manifest.fingerprint} {settings}")
    history = fit(
        classifier,
        training.to(device),
        validation.to(device),
        settings,
        checkpoints,
        stopping,
        world,
    )
    distributed.leave()
    if not world.first:
        return  # one model is enough

    classifier.network.cpu()
    temperature = fit_temperature(classifier.logits(validation.images), validation.labels)
    artifact.write(replace(classifier, temperature=temperature), job.model)

    # Nothing is chosen from here on: now the test images may be seen, once, by the classifier as it will be served.
    test = dataset.read("test", job.channel("test"), manifest)
    facts = {
        "epochs": settings.epochs,
        "parameters": sum(weight.numel() for weight in classifier.network.parameters()),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "history": history,
        "pretraining": before,
    }
    measurement.write(job.model, validation, test, settings, facts)


if __name__ == "__main__":
    raise SystemExit(Job.here().run(launch.everywhere(main, module="container.train")))
