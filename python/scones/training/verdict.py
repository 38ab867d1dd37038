"""What is thought of a trained model: how it stands to the live one, and whether it passes the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scones.handover import Comparison, Gate, Metrics, Model
from scones.training import comparison, quality_gate
from scones.training.live_model import LiveModel
from scones.training.trained_models import Candidate


@dataclass(frozen=True)
class Verdict:
    """The model as it would be handed over, its gate, and in a sentence how it stands to the live model."""

    model: Model
    gate: Gate
    standing: str

    @property
    def hands_over(self) -> bool:
        return self.gate.passed or self.gate.forced


def reach(
    candidate: Candidate, live: LiveModel | None, limits: Mapping[str, float], force: bool
) -> Verdict:
    """Compare the candidate with the live model, and hold it against the `limits` of the quality gate."""
    found, standing = _compared(candidate, live)
    gate = quality_gate.judge(limits, candidate.model.metrics, found, _measured(candidate, live))
    gate = replace(gate, forced=force and not gate.passed)
    return Verdict(replace(candidate.model, gate=gate, comparison=found), gate, standing)


def refusal(gate: Gate, command: str, settings: str) -> str:
    """Why a model is not handed over, and what to do; `command` hands it over all the same."""
    return (
        f"The model missed its quality gate: {'; '.join(gate.missed)}. Nothing was handed over. Train a better one, "
        f'mend quality_gate in {settings}, or run "{command}" to hand it over all the same.'
    )


def _measured(candidate: Candidate, live: LiveModel | None) -> Metrics | None:
    """The live model's figures where one of the two has no answers to go by, as the built-in algorithm's have none."""
    if (
        live is None
        or live.handover is None
        or (candidate.artifact.predictions and live.predictions)
    ):
        return None
    return live.handover.metrics


def _compared(candidate: Candidate, live: LiveModel | None) -> tuple[Comparison | None, str]:
    """The comparison, and the sentence about it."""
    new = candidate.artifact.predictions
    if live is None:
        return None, "No model is live yet to compare it with."
    if live.name == candidate.model.name:  # what was found when it was new
        return (
            live.handover.comparison if live.handover else None,
            f"It is the live model, {live.name}.",
        )
    if new is None or live.predictions is None:
        who = "This model" if new is None else f"The live model, {live.name},"
        return (
            None,
            f"{who} has no recorded answers to test images, so the two were not compared image by image.",
        )
    found = comparison.compare(live.name, new, live.predictions)
    if found is None:
        return (
            None,
            f"No test image is common to it and the live model, {live.name}: they were not compared.",
        )
    low, high = found.interval
    return found, (
        f"On the {found.images} test images that the live model, {live.name}, answered too, its accuracy differs by "
        f"{found.difference:+.4g} (95 % interval {low:+.4g} to {high:+.4g}, p = {found.p_value:.2g}); "
        f"{len(found.changed)} answers change."
    )
