import json
from dataclasses import replace

from container.serving.attribution import Attribution
from scones.images.manifest import Entry
from scones.workflow import evaluation
from scones.workflow.evaluation import Result
from scones.workflow.outcomes import Outcome

CLASSES = ("bicycle", "motorcycle")
FACTS = {"threshold": 0.93, "seconds": 2.5, "drawn": False, "model": "scones-local-0a1b2c3d"}


def result(truth: int, bicycle: float, milliseconds: int = 100) -> Result:
    inferences = (bicycle, 1 - bicycle)
    status = "accepted" if max(inferences) >= 0.93 else "unsure"
    label = CLASSES[inferences.index(max(inferences))]
    outcome = Outcome(
        status,
        "b",
        f"test/{truth}.png",
        label,
        max(inferences),
        inferences,
        None,
        None,
        "arn",
        milliseconds,
    )
    return Result(Entry(f"test/{truth}.png", truth, ""), outcome)


def answered_by(attribution: Attribution, truth: int, *inferences: float) -> Result:
    given = result(truth, 0.99)
    label = attribution.classes[inferences.index(max(inferences))]
    changes = {"inferences": inferences, "label": label, "attribution": attribution}
    return replace(given, outcome=replace(given.outcome, **changes))


def failed(error: str, key: str = "test/x.png") -> Result:
    outcome = Outcome("failed", "b", key, None, None, None, error, "It broke.", "arn", 9_999)
    return Result(Entry(key, 0, ""), outcome)


def staged(**counts: int) -> list[Entry]:
    return [
        Entry(f"test/{name}{n}.png", CLASSES.index(name), "")
        for name, count in counts.items()
        for n in range(count)
    ]


def test_accepted_and_unsure_answers_count_for_accuracy_and_failures_do_not() -> None:
    summary = evaluation.summarize(
        [result(0, 0.99), result(1, 0.45), result(1, 0.55), failed("EndpointError")],
        CLASSES,
        **FACTS,
    )
    assert summary["images"] == 4
    assert summary["accuracy"] == 2 / 3
    assert summary["accepted"] == 1 / 3
    assert summary["accepted_accuracy"] == 1.0
    assert summary["confusion"] == [[1, 0], [1, 1]]
    assert (summary["failures"], summary["errors"]) == (1, {"EndpointError": 1})


def test_answers_of_two_models_are_each_read_by_their_own_classes() -> None:
    reversed_classes = Attribution("scones-1", 0.9, ("motorcycle", "bicycle"))
    other_classes = Attribution("scones-2", 0.93, ("bus", "motorcycle"))
    results = [
        answered_by(reversed_classes, 0, 0.01, 0.99),
        answered_by(reversed_classes, 1, 0.99, 0.01),
        answered_by(other_classes, 0, 0.99, 0.01),
        answered_by(other_classes, 1, 0.01, 0.99),
    ]
    summary = evaluation.summarize(results, CLASSES, **FACTS)
    assert summary["classes"] == ["bicycle", "motorcycle", "bus"]
    assert summary["confusion"] == [[1, 0, 1], [0, 2, 0], [0, 0, 0]]
    assert summary["models"] == [
        {"model": "scones-1", "threshold": 0.9, "answers": 2},
        {"model": "scones-2", "threshold": 0.93, "answers": 2},
    ]
    assert "  scones-2: 2 answers, accepted from 0.93" in evaluation.table(summary).splitlines()


def test_the_summary_has_every_field_and_survives_json() -> None:
    summary = evaluation.summarize([result(0, 0.99)], CLASSES, **FACTS)
    assert json.loads(json.dumps(summary)).keys() == {
        "images",
        "classes",
        "accuracy",
        "per_class",
        "confusion",
        "accepted",
        "accepted_accuracy",
        "ece",
        "threshold",
        "failures",
        "errors",
        "seconds",
        "latency_ms",
        "drawn",
        "model",
        "models",
    }


def test_only_failures_give_no_accuracy() -> None:
    summary = evaluation.summarize([failed("EndpointError")], CLASSES, **FACTS)
    assert summary["accuracy"] is None
    assert summary["latency_ms"] == {"p50": None, "p95": None}
    assert "accuracy           -" in evaluation.table(summary)


def test_an_unsure_answer_without_probabilities_counts_as_a_failure() -> None:
    bare = Outcome("unsure", "b", "k", None, None, None, "LowConfidence", "none given", "arn", 1)
    assert Result(Entry("k", 0, ""), bare).failed


def test_latencies_are_nearest_ranks() -> None:
    values = list(range(1, 101))
    assert (evaluation.percentile(values, 50), evaluation.percentile(values, 95)) == (50, 95)
    assert evaluation.percentile([7], 95) == 7


def test_a_limit_takes_from_each_class_in_turn() -> None:
    chosen = evaluation.choose(staged(bicycle=5, motorcycle=5), 4)
    assert [image.key for image in chosen] == [
        "test/bicycle0.png",
        "test/motorcycle0.png",
        "test/bicycle1.png",
        "test/motorcycle1.png",
    ]


def test_a_small_class_does_not_stop_a_limit_from_being_filled() -> None:
    assert [image.label for image in evaluation.choose(staged(bicycle=1, motorcycle=5), 4)] == [
        0,
        1,
        1,
        1,
    ]


def test_a_limit_beyond_the_staged_images_takes_all_of_them_in_any_order() -> None:
    some = staged(bicycle=3, motorcycle=2)
    assert evaluation.choose(some[::-1], 99) == evaluation.choose(some, None)
    assert len(evaluation.choose(some, 99)) == 5


def test_the_table_shows_each_class_and_marks_drawn_images() -> None:
    results = [result(0, 0.99), result(1, 0.01), result(1, 0.60)]
    photographs = evaluation.table(evaluation.summarize(results, CLASSES, **FACTS))
    rows = [line.split() for line in photographs.splitlines()]
    assert ["bicycle", "0.500", "1.000", "1"] in rows
    assert ["motorcycle", "1", "1"] in rows
    assert "drawn" not in photographs
    assert "drawn sample, not photographs" in evaluation.table(
        evaluation.summarize(results, CLASSES, **{**FACTS, "drawn": True})
    )


def test_failures_are_counted_by_name_and_only_the_first_shown_in_full() -> None:
    results = [
        result(0, 0.99),
        *(failed("EndpointError", f"test/{n}.png") for n in range(7)),
        failed("NoSuchObject"),
    ]
    lines = evaluation.failure_report(results).splitlines()
    assert lines[0] == "8 of 9 images failed: 7 EndpointError, 1 NoSuchObject."
    assert lines[1] == "  test/0.png: EndpointError: It broke."
    assert lines[-1] == "  and 3 more"
    assert len(lines) == 7


def test_throttled_functions_come_with_the_quota_to_raise() -> None:
    report = evaluation.failure_report([failed("Lambda.TooManyRequestsException")])
    assert '"Concurrent executions" of AWS Lambda in Service Quotas' in report
