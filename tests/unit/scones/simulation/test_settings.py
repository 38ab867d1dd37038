"""The settings of a simulation."""

from __future__ import annotations

import pytest

from scones.errors import UserError
from scones.simulation import mix, settings
from scones.simulation.settings import Settings

STAGED = {"bicycle": 50, "motorcycle": 150}
CLASSES = tuple(STAGED)


def parsed(**words: str) -> Settings:
    texts = {
        "rate": "5",
        "seconds": "60",
        "classes": "",
        "kind": "none",
        "strength": "",
        "seed": "1",
        **words,
    }
    return settings.parse(**texts, staged=STAGED)


def test_the_mix_is_that_of_the_staged_images_unless_it_is_set() -> None:
    assert parsed().mix == {"bicycle": 0.25, "motorcycle": 0.75}
    assert parsed(classes="bicycle=0.7,motorcycle=0.3").mix == pytest.approx(
        {"bicycle": 0.7, "motorcycle": 0.3}
    )
    assert parsed(classes=" motorcycle = 1 ").mix == {"bicycle": 0, "motorcycle": 1}


def test_shares_may_be_rounded() -> None:
    assert mix.parse("a=0.33,b=0.33,c=0.33", "abc") == pytest.approx(
        {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    )


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ("bus=1", 'CLASSES names "bus"; the served model has bicycle, motorcycle'),
        ("bicycle=0.7", "add up to 0.7, not to 1"),
        ("bicycle=0.7,motorcycle=0.7", "add up to 1.4"),
        ("bicycle", "not a class with its share"),
        ("bicycle=0.5,,motorcycle=0.5", "not a class with its share"),
        ("bicycle=0.5,bicycle=0.5", "twice"),
        ("bicycle=-1,motorcycle=2", 'must be a number from 0 to 1, not "-1"'),
        ("bicycle=nan,motorcycle=1", 'not "nan"'),
        ("bicycle=half,motorcycle=0.5", 'not "half"'),
        ("bicycle=,motorcycle=1", 'not ""'),
    ],
)
def test_an_invalid_mix_is_one_sentence(classes: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parsed(classes=classes)


def test_the_mix_shifts_towards_its_rarest_class() -> None:
    before = {"bicycle": 0.7, "motorcycle": 0.3}
    assert mix.shift(before, 0) == before
    assert mix.shift(before, 0.5) == pytest.approx({"bicycle": 0.35, "motorcycle": 0.65})
    assert mix.shift(before, 1) == {"bicycle": 0, "motorcycle": 1}


def test_a_class_without_test_images_cannot_be_sent() -> None:
    with pytest.raises(
        UserError, match=r"No test image of motorcycle is staged\. Leave it out of CLASSES"
    ):
        settings.parse(
            "5", "60", "bicycle=0.5,motorcycle=0.5", "none", "", "", {"bicycle": 5, "motorcycle": 0}
        )
    with pytest.raises(UserError, match="No test images are staged"):
        settings.parse("5", "60", "", "none", "", "", dict.fromkeys(CLASSES, 0))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"rate": "0"}, "RATE must be a number of images per second above 0 and up to 100"),
        ({"rate": "101"}, "RATE must be"),
        ({"rate": "nan"}, "RATE must be"),
        ({"rate": "fast"}, 'not "fast"'),
        ({"seconds": "-1"}, "FOR must be a number of seconds"),
        ({"seconds": "inf"}, "FOR must be"),
        (
            {"rate": "100", "seconds": "86400"},
            "make 8,640,000 images; a simulation sends from 1 to 100,000",
        ),
        ({"rate": "0.1", "seconds": "1"}, "make 0 images"),
        ({"kind": "fog"}, 'There is no drift "fog". Use one of none, dark, blur'),
        ({"kind": "dark", "strength": "1.1"}, 'STRENGTH must be a number from 0 to 1, not "1.1"'),
        ({"kind": "dark", "strength": "nan"}, "STRENGTH must be"),
        ({"kind": "dark", "strength": "much"}, "STRENGTH must be"),
        ({"strength": "0.5"}, "Set DRIFT, or leave STRENGTH out"),
        ({"seed": "-1"}, "SEED must be a whole number"),
        ({"seed": "²"}, "SEED must be a whole number"),
    ],
)
def test_an_invalid_setting_is_one_sentence(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parsed(**words)


def test_a_drift_has_a_default_strength() -> None:
    assert parsed(kind="dark").strength > 0
    assert parsed(kind="dark", strength="0").strength == 0
    assert parsed().strength == 0


def test_without_a_seed_each_simulation_is_different() -> None:
    assert parsed(seed="").seed != parsed(seed="").seed
    assert parsed(seed="17").seed == 17


def test_the_rate_may_be_less_than_one_image_per_second() -> None:
    assert parsed(rate="0.5", seconds="60").image_count == 30
