"""The verdict on a trained model: the comparison with the live model, and the quality gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scones.handover import Comparison, Gate, Model
from scones.training import comparison, quality_gate
from scones.training.live_model import LiveModel
from scones.training.quality_gate import Check
from scones.training.trained_models import Candidate


@dataclass(frozen=True)
class Verdict:
    """The model as it would be handed over, its gate, and a sentence about the live model.

    `checks` are the limits of the gate beside the model's figures.
    """

    model: Model
    gate: Gate
    standing: str
    checks: tuple[Check, ...] = ()

    @property
    def hands_over(self) -> bool:
        return self.gate.passed or self.gate.forced


def reach(
    candidate: Candidate,
    live: LiveModel | None,
    limits: Mapping[str, float],
    force: bool,
) -> Verdict:
    """Compare the candidate with the live model, and check it against the gate's `limits`.

    Where either has no predictions, as the built-in algorithm's models have none, the gate goes by
    the metrics in the live model's hand-over.
    """
    compared, standing = _compare(candidate, live)
    live_metrics = None
    if live and live.handover and not (candidate.artifact.predictions and live.predictions):
        live_metrics = live.handover.metrics
    checks = quality_gate.check(limits, candidate.model.metrics, compared, live_metrics)
    gate = quality_gate.gate(checks)
    gate = replace(gate, forced=force and not gate.passed)
    model = replace(candidate.model, gate=gate, comparison=compared)
    return Verdict(model, gate, standing, checks)


def refusal(gate: Gate, command: str, settings: str) -> str:
    """Why a model is not handed over, and what to do; `command` hands it over anyway."""
    return (
        f"The model misses the quality gate: {'; '.join(gate.missed)}. Nothing was handed over. "
        f"Train a better model, change quality_gate in {settings}, "
        f'or run "{command}" to hand it over anyway.'
    )


def _compare(candidate: Candidate, live: LiveModel | None) -> tuple[Comparison | None, str]:
    """The comparison, and the sentence about it."""
    if live is None:
        return None, "No model is live yet to compare it with."
    if live.name == candidate.model.name:
        # The comparison from when the model was new is kept.
        recorded = live.handover.comparison if live.handover else None
        return recorded, f"It is the live model, {live.name}."
    predictions = candidate.artifact.predictions
    if predictions is None or live.predictions is None:
        lacking = "This model" if predictions is None else f"The live model, {live.name},"
        return None, (
            f"{lacking} has no recorded answers to test images, "
            "so the two were not compared image by image."
        )
    compared = comparison.compare(live.name, predictions, live.predictions)
    if compared is None:
        return None, (
            f"This model and the live model, {live.name}, have no test image in common: "
            "they were not compared."
        )
    low, high = compared.interval
    return compared, (
        f"On the {compared.images} test images that the live model, {live.name}, answered too, "
        f"its accuracy differs by {compared.difference:+.4g} "
        f"(95 % interval {low:+.4g} to {high:+.4g}, p = {compared.p_value:.2g}); "
        f"{len(compared.changed)} answers change."
    )
