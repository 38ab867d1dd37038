"""The train verb and its quality gate: what is handed over, compared and forced."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from eventually import eventually
from trainers import handed_over, jobs, with_hyperparameters

from scones.commands.train import Trainer
from scones.errors import UserError
from scones.handover import Gate, Model
from scones.training.request import SCRIPT

IMPOSSIBLE = {"minimum_accuracy": 1.0}
MISSED = "test accuracy 0.94 is below minimum_accuracy 1 (95 % interval 0.91 to 0.97)"


def with_gate(trainer: Trainer, limits: dict[str, float], *, force: bool = False) -> Trainer:
    return replace(trainer, outputs=replace(trainer.outputs, quality_gate=limits), force=force)


def serve(trainer: Trainer, model: Model) -> Trainer:
    """Deploy the model as an apply does; returns the trainer that knows of it from the outputs."""
    sagemaker, endpoint = trainer.account.client("sagemaker"), trainer.outputs.endpoint.name
    role = trainer.outputs.training.role_arn
    container = {"Image": model.image_uri, "ModelDataUrl": model.data_url}
    sagemaker.create_model(ModelName=model.name, ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": model.name, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{model.name}-a1b2c3",
        ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
    )
    sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=f"{model.name}-a1b2c3")

    def status() -> str:
        return str(sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"])

    assert eventually(lambda: status() != "Creating" and status()) == "InService"
    return replace(trainer, outputs=replace(trainer.outputs, model=model))


def delete_endpoint(trainer: Trainer) -> None:
    """Delete the endpoint; its name is free when it is gone."""
    sagemaker, endpoint = trainer.account.client("sagemaker"), trainer.outputs.endpoint.name
    sagemaker.delete_endpoint(EndpointName=endpoint)
    eventually(lambda: not sagemaker.list_endpoints(NameContains=endpoint)["Endpoints"])


@pytest.fixture
def served(trainer: Trainer) -> Trainer:
    """A trainer whose account serves a model that is right on 47 of 50 images."""
    trainer.train(SCRIPT, retrain=False)
    return serve(trainer, handed_over(trainer))


def test_a_model_that_passes_is_handed_over_with_its_verdict(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer.train(SCRIPT, retrain=False) == 0
    model = handed_over(trainer)
    assert (model.gate, model.comparison) == (Gate(passed=True, forced=False, missed=()), None)
    seen = capsys.readouterr()
    assert "force" not in seen.out
    assert "No model is live yet to compare it with." in seen.err


def test_a_model_that_misses_is_not_handed_over_and_the_message_says_why_and_what_to_do(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert with_gate(trainer, IMPOSSIBLE).train(SCRIPT, retrain=False) == 1
    (job,) = jobs(trainer)
    assert not trainer.target.handover.exists()
    seen = capsys.readouterr()
    assert seen.out.startswith(f"Trained {job}: test accuracy 0.94 (50 images)"), (
        "what was measured is reported anyway"
    )
    assert seen.err.endswith(
        f"Error: The model misses the quality gate: {MISSED}. Nothing was handed over. "
        "Train a better model, change quality_gate in terraform/targets/local.tfvars, "
        f'or run "make train JOB={job} FORCE=1" to hand it over anyway.\n'
    )
    assert "Next:" not in seen.err


def test_an_earlier_hand_over_stays_untouched(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    before = trainer.target.handover.read_bytes()
    worse = with_gate(with_hyperparameters(trainer, accuracy="0.8"), {"minimum_accuracy": 0.9})
    assert worse.train(SCRIPT, retrain=False) == 1
    assert len(jobs(trainer)) == 2
    assert trainer.target.handover.read_bytes() == before


def test_force_hands_it_over_and_records_what_it_misses(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    with_gate(trainer, IMPOSSIBLE).train(SCRIPT, retrain=False)
    (job,) = jobs(trainer)
    capsys.readouterr()
    assert with_gate(trainer, IMPOSSIBLE, force=True).train(SCRIPT, retrain=False) == 0
    assert jobs(trainer) == [job], "no new job"
    assert handed_over(trainer).gate == Gate(passed=False, forced=True, missed=(MISSED,))
    seen = capsys.readouterr()
    assert seen.out.endswith(f"It misses the quality gate and is handed over by force: {MISSED}.\n")
    assert seen.err.endswith("Next: make apply\n")


def test_the_job_in_the_message_can_be_forced_after_another_was_handed_over(
    trainer: Trainer,
) -> None:
    trainer.train(SCRIPT, retrain=False)
    first = handed_over(trainer)
    time.sleep(1)  # a job's name counts seconds
    assert with_gate(trainer, IMPOSSIBLE).train(SCRIPT, retrain=True) == 1
    second = max(jobs(trainer))
    assert handed_over(trainer) == first
    assert with_gate(trainer, IMPOSSIBLE, force=True).resume(second) == 0
    assert handed_over(trainer).training_job == second != first.training_job


def test_force_leaves_a_model_that_passes_as_it_is(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replace(trainer, force=True).train(SCRIPT, retrain=False) == 0
    assert handed_over(trainer).gate == Gate(passed=True, forced=False, missed=())
    assert "force" not in capsys.readouterr().out


def test_a_changed_gate_needs_no_training(trainer: Trainer) -> None:
    assert with_gate(trainer, IMPOSSIBLE).train(SCRIPT, retrain=False) == 1
    assert with_gate(trainer, {"minimum_accuracy": 0.9}).train(SCRIPT, retrain=False) == 0
    assert handed_over(trainer).gate == Gate(passed=True, forced=False, missed=())
    assert with_gate(trainer, IMPOSSIBLE).train(SCRIPT, retrain=False) == 1, (
        "stricter than what is handed over"
    )
    assert handed_over(trainer).gate == Gate(passed=True, forced=False, missed=())
    assert len(jobs(trainer)) == 1


def test_a_gate_with_an_unknown_limit_is_one_sentence_before_anything_costs_money(
    trainer: Trainer,
) -> None:
    with pytest.raises(
        UserError,
        match=r"quality_gate names minimum_acuracy.*Correct it in terraform/targets/local\.tfvars",
    ):
        with_gate(trainer, {"minimum_acuracy": 0.9}).train(SCRIPT, retrain=False)
    assert jobs(trainer) == []


def test_the_models_own_threshold_is_used_where_the_settings_have_none(trainer: Trainer) -> None:
    hyperparameters = {
        name: text
        for name, text in trainer.outputs.training.hyperparameters.items()
        if name != "threshold"
    }
    training = replace(trainer.outputs.training, hyperparameters=hyperparameters)
    free = replace(
        trainer, outputs=replace(trainer.outputs, training=training, confidence_threshold=None)
    )
    assert free.train(SCRIPT, retrain=False) == 0
    assert handed_over(free).threshold == 0.71


def test_a_model_much_worse_than_the_live_one_is_held_back(
    served: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    live = handed_over(served)
    worse = with_gate(with_hyperparameters(served, accuracy="0.7"), {"live_margin": 0.02})
    capsys.readouterr()
    assert worse.train(SCRIPT, retrain=False) == 1
    assert handed_over(served) == live
    seen = capsys.readouterr().err
    assert (
        f"On the 50 test images that the live model, {live.name}, answered too, "
        "its accuracy differs by -0.24" in seen
    )
    assert (
        f"the accuracy on 50 common test images is 0.24 below that of the live model {live.name}"
        in seen
    )
    assert "and live_margin is 0.02" in seen


def test_a_better_model_is_handed_over_with_the_comparison(served: Trainer) -> None:
    live = handed_over(served)
    assert with_hyperparameters(served, accuracy="0.98").train(SCRIPT, retrain=False) == 0
    comparison = handed_over(served).comparison
    assert comparison is not None
    assert (comparison.live, comparison.images) == (live.name, 50)
    assert (
        comparison.both_right,
        comparison.only_new_right,
        comparison.only_live_right,
        comparison.both_wrong,
    ) == (
        47,
        2,
        0,
        1,
    )
    assert (comparison.difference, comparison.p_value) == (0.04, 0.5)
    assert comparison.interval[0] < 0 < comparison.interval[1]
    assert comparison.changed == ("test/01.png", "test/02.png")


def test_the_live_model_keeps_the_comparison_with_the_one_before(served: Trainer) -> None:
    better = with_hyperparameters(served, accuracy="0.98")
    better.train(SCRIPT, retrain=False)
    model = handed_over(served)
    delete_endpoint(served)
    applied = serve(better, model)
    before = served.target.handover.stat().st_mtime_ns
    assert applied.train(SCRIPT, retrain=False) == 0
    assert (handed_over(served), served.target.handover.stat().st_mtime_ns) == (model, before)
    served.target.handover.unlink()
    assert applied.train(SCRIPT, retrain=False) == 0
    assert handed_over(served) == model, "written again from the job, and from what is live"


def test_after_a_failed_apply_the_model_still_serving_is_compared_with(
    served: Trainer,
) -> None:
    live = handed_over(served)
    planned = replace(
        live,
        name="scones-local-never-started",
        data_url="s3://nowhere/model.tar.gz",
    )
    failed = replace(served, outputs=replace(served.outputs, model=planned))
    assert with_hyperparameters(failed, accuracy="0.98").train(SCRIPT, retrain=False) == 0
    comparison = handed_over(served).comparison
    assert comparison is not None
    assert (comparison.live, comparison.images) == (live.name, 50)


def test_without_a_common_image_nothing_is_compared(
    served: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    live = handed_over(served)
    others = with_hyperparameters(served, dataset="another", accuracy="0.9")
    capsys.readouterr()
    assert others.train(SCRIPT, retrain=False) == 0
    assert handed_over(served).comparison is None
    assert (
        f"This model and the live model, {live.name}, have no test image in common: "
        "they were not compared."
    ) in capsys.readouterr().err
