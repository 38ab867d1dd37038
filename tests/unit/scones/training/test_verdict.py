"""The verdict on a candidate: compared with the live model, handed over or refused."""

from __future__ import annotations

from dataclasses import replace

from example_model import MODEL

from scones.handover import Gate, Metrics
from scones.training import verdict
from scones.training.artifact import Artifact, Prediction
from scones.training.live_model import LiveModel
from scones.training.trained_models import Candidate

LIMITS = {"minimum_accuracy": 0.9, "live_margin": 0.02}
ANSWERS = tuple(Prediction(f"test/{n}.png", f"{n}", "bicycle", "bicycle") for n in range(50))
CANDIDATE = Candidate(
    replace(MODEL, gate=None, comparison=None), Artifact("deadbeef", predictions=ANSWERS)
)
LIVE = LiveModel(
    name="live",
    data_url=MODEL.data_url,
    handover=replace(MODEL, name="live", metrics=Metrics(0.92, 0.99)),
    predictions=ANSWERS,
)
BUILTIN = replace(CANDIDATE, artifact=Artifact("deadbeef"))


def test_a_candidate_is_judged_and_compared() -> None:
    reached = verdict.reach(CANDIDATE, LIVE, LIMITS, force=False)
    assert reached.hands_over
    assert reached.model.gate == Gate(passed=True)
    assert reached.model.comparison is not None
    assert reached.standing.startswith(
        "On the 50 test images that the live model, live, answered too, its accuracy "
    )
    assert reached.standing.endswith("p = 1); 0 answers change.")


def test_a_miss_is_forced_only_by_force() -> None:
    limits = {"minimum_accuracy": 0.99}
    held, forced = (verdict.reach(CANDIDATE, None, limits, force=force) for force in (False, True))
    assert (held.hands_over, forced.hands_over) == (False, True)
    assert held.model.gate == replace(forced.model.gate or Gate(passed=True), forced=False)


def test_answers_of_other_images_say_nothing_about_either() -> None:
    others = tuple(replace(answer, sha256=f"other {answer.sha256}") for answer in ANSWERS)
    reached = verdict.reach(CANDIDATE, replace(LIVE, predictions=others), LIMITS, force=False)
    assert (reached.hands_over, reached.model.comparison) == (True, None)
    assert "they were not compared" in reached.standing


def test_a_live_model_without_answers_is_compared_by_its_metrics() -> None:
    reached = verdict.reach(CANDIDATE, replace(LIVE, predictions=None), LIMITS, force=False)
    assert reached.model.comparison is None
    assert reached.standing == (
        "The live model, live, has no recorded answers to test images, "
        "so the two were not compared image by image."
    )
    assert reached.model.gate is not None
    assert reached.model.gate.missed == (
        "test accuracy 0.94 is below the live model's 0.99, and live_margin is 0.02",
    )


def test_a_candidate_without_answers_is_compared_by_its_metrics() -> None:
    reached = verdict.reach(BUILTIN, LIVE, LIMITS, force=False)
    assert reached.standing.startswith("This model has no recorded answers")
    assert not reached.hands_over


def test_of_a_live_model_without_a_hand_over_the_answers_alone_count() -> None:
    unknown = LiveModel("live", MODEL.data_url, None)
    assert verdict.reach(CANDIDATE, unknown, LIMITS, force=False).hands_over


def test_the_live_model_itself_keeps_its_first_comparison() -> None:
    itself = LiveModel(MODEL.name, MODEL.data_url, MODEL, ANSWERS)
    reached = verdict.reach(CANDIDATE, itself, LIMITS, force=False)
    assert reached.model.comparison == MODEL.comparison
    assert reached.standing == f"It is the live model, {MODEL.name}."


def test_the_refusal_names_the_figures_and_the_remedies() -> None:
    assert MODEL.gate is not None
    assert verdict.refusal(MODEL.gate, "make train FORCE=1", "terraform/targets/dev.tfvars") == (
        "The model misses the quality gate: test accuracy 0.87 is too low. "
        "Nothing was handed over. Train a better model, "
        "change quality_gate in terraform/targets/dev.tfvars, or run "
        '"make train FORCE=1" to hand it over anyway.'
    )
