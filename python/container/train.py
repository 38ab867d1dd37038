"""Train the classifier: `python -m container.train`, in the folders of a SageMaker training job.

This is the job itself; `scones.training` orders such a job, follows it and judges its model.

Measured with `make bench-train` on 900 bicycles and motorcycles of CIFAR-100, 32 pixels, 150
epochs, 2 threads of an AMD EPYC (AVX-512 BF16): 110 seconds. Of the 100 test images .95 to .99 are
right, .97 in the mean of three seeds; at a confidence of .93, .82 are accepted, all of them right;
the calibration error is .04. docs/training.md explains how the recipe was chosen.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from container import artifact, dataset, distributed, launch, pretraining
from container.augment import augment, blend
from container.calibration import fit_temperature
from container.checkpoints import Checkpoints, History, Run
from container.dataset import Manifest, Split
from container.distributed import World
from container.errors import Stopped, TrainingError
from container.evaluation import measurement
from container.job import Job, stop_signal
from container.serving.classifier import MAX_BATCH, Classifier, normalize
from container.serving.network import Network, widths_for
from container.settings import Settings, parse
from container.shares import Shares

WARM_UP = 0.2  # share of the steps in which the learning rate rises
FIRST_RATE = 0.1  # of the highest, at the first step
CHECKPOINT_EVERY = 10  # epochs
SAMPLE = 1000  # images, enough to measure colours and patches

Optimizer = torch.optim.Optimizer


def untrained(training: Split, manifest: Manifest) -> Classifier:
    """Return a network that knows the size, colours and patches of the images, but no label."""
    size = training.images.shape[-1]
    sample = training.images[:: math.ceil(len(training.images) / SAMPLE)]
    scaled = sample.float() / 255
    mean = scaled.mean((0, 2, 3)).tolist()
    std = scaled.std((0, 2, 3)).clamp(min=1 / 255).tolist()
    network = Network(len(manifest.classes), widths_for(size)).to(training.images.device)
    network.whiten(normalize(sample, mean, std))
    return Classifier(network, manifest.classes, size, mean, std, drawn=manifest.drawn)


def train_one_epoch(
    classifier: Classifier,
    network: Shares,
    optimizer: Optimizer,
    data: Split,
    settings: Settings,
    epoch: int,
    world: World,
) -> float:
    """Show the network every image once, augmented and blended; return the mean loss.

    `network` is the classifier's, as `shares` returns it; epochs are 0, 1, …. Images that do not
    fill a last batch are left out, chosen at random.
    """
    # Every epoch has a seed of its own, so that a resumed run equals one that never stopped.
    seed = settings.seed * 10_007 + epoch
    torch.manual_seed(seed)
    network.train()
    device = data.images.device
    count = len(data.images)
    size = min(settings.batch_size, count)
    batches = torch.randperm(count, device=device)[: count // size * size].split(size)
    if not world.first:  # the processes share the order of images, but not their augmentation
        torch.manual_seed(seed * 1_009 + world.rank)
    total = torch.zeros((), device=device)
    for step, whole in enumerate(batches):
        batch = world.share(whole)
        images = augment(normalize(data.images[batch], classifier.mean, classifier.std))
        targets = one_hot(data.labels[batch], len(classifier.classes)).float()
        images, targets = blend(images, targets)
        # Every image has the same weight, also where shares are not quite equal.
        weight = len(batch) * world.size / len(whole)
        progress = (epoch + step / len(batches)) / settings.epochs
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * one_cycle(progress)
        optimizer.zero_grad()
        total += network.backward(images, targets, weight)
        optimizer.step()
    network.average_buffers()
    world.average_buffers(classifier.network)
    return float(world.mean(total)) / len(batches)


def shares(network: nn.Module, world: World) -> Shares:
    """Return the network to train: on the CPU of a lone host, in threads of our own."""
    alone_on_cpu = world.size == 1 and world.device.type == "cpu"
    return Shares(world.parallel(network), batch_loss, divided=alone_on_cpu)


def batch_loss(network: nn.Module, images: Tensor, targets: Tensor) -> Tensor:
    with reduced_precision(images.device):
        logits = network(images)
    return cross_entropy(logits.float(), targets)


def one_cycle(progress: float) -> float:
    """The learning rate after `progress` (0 to 1) of all steps, as a share of the highest.

    It rises, then falls to zero.
    """
    if progress < WARM_UP:
        return FIRST_RATE + (1 - FIRST_RATE) * progress / WARM_UP
    return (1 - progress) / (1 - WARM_UP)


def reduced_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the hardware multiplies it.

    This takes a third off the time on a CPU with AVX-512 BF16, at equal accuracy.
    """
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        cpu = torch.cpu.get_capabilities()
        native = any(cpu.get(feature) for feature in ("avx512_bf16", "amx_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=native)


@torch.inference_mode()
def accuracy(classifier: Classifier, data: Split) -> float:
    """The share of right answers at a single view: enough to follow the training by."""
    network = classifier.network.eval()
    right = 0
    for images, labels in zip(
        data.images.split(MAX_BATCH), data.labels.split(MAX_BATCH), strict=True
    ):
        with reduced_precision(images.device):
            logits = network(normalize(images, classifier.mean, classifier.std))
        right += int((logits.argmax(1) == labels).sum())
    return right / len(data.labels)


def adamw(network: Network, weight_decay: float) -> Optimizer:
    """AdamW, with weight decay on matrices and filters only, not on biases and batch norms."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    matrices = [weight for weight in weights if weight.ndim > 1]
    vectors = [weight for weight in weights if weight.ndim == 1]
    return torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
    )


def fit(classifier: Classifier, training: Split, validation: Split, run: Run) -> History:
    """Train the classifier's network in place, from the newest checkpoint on.

    Returns the figures of every epoch. Of several processes, the first one's checkpoint counts,
    since each host has a checkpoint folder of its own.

    Raises:
        Stopped: the job is to stop; a checkpoint is saved.
        TrainingError: the loss is NaN or infinite.
    """
    settings, world = run.settings, run.world
    network = classifier.network
    optimizer = adamw(network, settings.weight_decay)
    history: History = []
    state = world.broadcast(run.checkpoints.newest() if world.first else None)
    if state:
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        history = state["history"]
    learner = shares(network, world)

    for epoch in range(len(history), settings.epochs):
        start = time.perf_counter()
        loss = train_one_epoch(classifier, learner, optimizer, training, settings, epoch, world)
        done = epoch + 1
        if not math.isfinite(loss):
            raise TrainingError(
                f"NaN or infinite loss in epoch {done}: lower the hyperparameter learning_rate, "
                f"which is {settings.learning_rate}."
            )
        right = accuracy(classifier, validation) if world.first else math.nan
        seconds = round(time.perf_counter() - start, 3)
        figures = {
            "epoch": done,
            "train_loss": loss,
            "validation_accuracy": right,
            "seconds": seconds,
        }
        history.append(figures)
        world.log(
            f"{run.title}epoch={done}/{settings.epochs} train_loss={loss:.4f} "
            f"validation_accuracy={right:.4f} seconds={seconds:.1f}"
        )
        stop = world.any(run.stopping())
        due = stop or done % CHECKPOINT_EVERY == 0 or done == settings.epochs
        if world.first and due:
            state = {
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "history": history,
            }
            run.checkpoints.save(done, state)
        if stop:
            raise Stopped(
                f"Stopped after {done} of {settings.epochs} epochs, with a checkpoint to resume."
            )
    learner.close()
    network.eval()
    return history


def main(job: Job) -> None:
    stopping = stop_signal()
    settings = parse(job.hyperparameters(), sys.argv[1:])
    world = distributed.join(job.hosts().current)
    device = world.device
    with world.share_errors():
        manifest = Manifest.read(job.channel("manifest"))
        training = dataset.read("train", job.channel("train"), manifest)
        validation = dataset.read("validation", job.channel("validation"), manifest)
    world.compare(
        {
            "settings": str(settings),
            "manifest": manifest.fingerprint,
            "training images": training.images,
            "training labels": training.labels,
        }
    )
    world.log(
        f"{len(training.labels)} images to train with and {len(validation.labels)} to validate, "
        f"{', '.join(manifest.classes)}, on {device.type}, threads: {torch.get_num_threads()}, "
        f"processes: {world.size}."
    )

    torch.manual_seed(settings.seed)
    classifier = untrained(training.to(device), manifest)
    checkpoints = Checkpoints(job.checkpoints, f"{manifest.fingerprint} {settings}")
    run = Run(settings, checkpoints, stopping, world)
    pretraining_facts = pretraining.pretrain(classifier, job, manifest, run, fit)
    history = fit(classifier, training.to(device), validation.to(device), run)
    distributed.leave()
    if not world.first:
        return  # one model is enough

    classifier.network.cpu()
    temperature = fit_temperature(classifier.logits(validation.images), validation.labels)
    artifact.write(replace(classifier, temperature=temperature), job.model)

    # Nothing is chosen from here on: the served classifier may see the test images, once.
    test = dataset.read("test", job.channel("test"), manifest)
    facts = {
        "epochs": settings.epochs,
        "parameters": sum(weight.numel() for weight in classifier.network.parameters()),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "history": history,
        "pretraining": pretraining_facts,
    }
    measurement.write(job.model, validation, test, settings, facts)


if __name__ == "__main__":
    raise SystemExit(Job.here().run(launch.everywhere(main, module="container.train")))
