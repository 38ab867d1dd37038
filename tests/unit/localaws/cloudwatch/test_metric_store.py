from __future__ import annotations

import pytest

from localaws.cloudwatch.store import Bucket, Metric, Store, UnknownStatisticError

NOW = 1_800_000_000.0
METRIC = Metric.of("Test", "Latency", {"Endpoint": "e", "Variant": "v"})


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p0", 1),
        ("p50", 50),
        ("p95", 95),
        ("p99.9", 100),
        ("p100", 100),
    ],
)
def test_the_statistics_of_1_to_100(statistic: str, value: float) -> None:
    bucket = Bucket()
    for number in range(1, 101):
        bucket.add(number)
    assert bucket.statistic(statistic) == value


def test_an_empty_bucket_has_no_statistics() -> None:
    assert Bucket().statistic("Sum") is None


def test_an_unknown_statistic_is_an_error() -> None:
    with pytest.raises(UnknownStatisticError):
        Bucket().statistic("tm90")


def test_dimensions_are_the_same_in_any_order() -> None:
    store = Store()
    store.add(Metric.of("Test", "Latency", {"Variant": "v", "Endpoint": "e"}), 1, NOW)
    assert store.windows(METRIC, NOW, 1, 60)[0].count == 1
    assert store.windows(Metric("Test", "Latency"), NOW, 1, 60)[0].count == 0


def test_a_window_begins_with_its_first_second_and_ends_before_the_next_one() -> None:
    store = Store()
    for second in (-1, 0, 59, 60, 119, 120):
        store.add(METRIC, 1, NOW + second)
    assert [window.count for window in store.windows(METRIC, NOW, 2, 60)] == [2, 2]


def test_each_unit_is_a_series_of_its_own() -> None:
    store = Store()
    store.add(METRIC, 1, NOW, "Seconds")
    store.add(METRIC, 1000, NOW, "Milliseconds")
    assert store.windows(METRIC, NOW, 1, 60, "Seconds")[0].sum == 1
    assert store.windows(METRIC, NOW, 1, 60, "Count")[0].count == 0
    assert store.windows(METRIC, NOW, 1, 60)[0].count == 2


def test_a_day_of_data_is_merged_into_minutes() -> None:
    store = Store()
    for second in range(7200):
        store.add(METRIC, second % 10, NOW - second)
    store.add(METRIC, 1, NOW - 86_401)
    store.sweep(NOW)
    assert len(store._series[METRIC]["None"]) <= 3600 + 61
    assert store.windows(METRIC, NOW - 86_400 * 2, 1, 86_400 * 3)[0].count == 7200


def test_a_metric_that_is_a_day_old_is_deleted() -> None:
    store = Store()
    store.add(METRIC, 1, NOW)
    store.sweep(NOW + 86_401)
    assert store.metrics() == []
