"""What the user asks of a simulation."""

from __future__ import annotations

import pytest

from scones.errors import UserError
from scones.simulation import mix, settings
from scones.simulation.settings import Settings

STAGED = {"bicycle": 50, "motorcycle": 150}
CLASSES = tuple(STAGED)


def parsed(**words: str) -> Settings:
    given = {
        "rate": "5",
        "seconds": "60",
        "classes": "",
        "kind": "none",
        "strength": "",
        "seed": "1",
        **words,
    }
    return settings.parse(**given, staged=STAGED)


def test_the_mix_is_the_staged_images_own_unless_it_is_named() -> None:
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
    ("classes", "said"),
    [
        ("bus=1", 'CLASSES names "bus"; the served model knows bicycle, motorcycle'),
        ("bicycle=0.7", "add up to 0.7, not to 1"),
        ("bicycle=0.7,motorcycle=0.7", "add up to 1.4"),
        ("bicycle", "no class with its share"),
        ("bicycle=0.5,,motorcycle=0.5", "no class with its share"),
        ("bicycle=0.5,bicycle=0.5", "twice"),
        ("bicycle=-1,motorcycle=2", 'must be a number from 0 to 1, not "-1"'),
        ("bicycle=nan,motorcycle=1", 'not "nan"'),
        ("bicycle=half,motorcycle=0.5", 'not "half"'),
        ("bicycle=,motorcycle=1", 'not ""'),
    ],
)
def test_a_mix_that_makes_no_sense_is_a_sentence(classes: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parsed(classes=classes)


def test_the_mix_shifts_towards_its_rarest_class() -> None:
    before = {"bicycle": 0.7, "motorcycle": 0.3}
    assert mix.shifted(before, 0) == before
    assert mix.shifted(before, 0.5) == pytest.approx({"bicycle": 0.35, "motorcycle": 0.65})
    assert mix.shifted(before, 1) == {"bicycle": 0, "motorcycle": 1}


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
    ("words", "said"),
    [
        ({"rate": "0"}, "RATE must be a number of pictures a second above 0 and up to 100"),
        ({"rate": "101"}, "RATE must be"),
        ({"rate": "nan"}, "RATE must be"),
        ({"rate": "fast"}, 'not "fast"'),
        ({"seconds": "-1"}, "FOR must be a number of seconds"),
        ({"seconds": "inf"}, "FOR must be"),
        (
            {"rate": "100", "seconds": "86400"},
            "make 8,640,000 pictures; a simulation sends from 1 to 100,000",
        ),
        ({"rate": "0.1", "seconds": "1"}, "make 0 pictures"),
        ({"kind": "fog"}, 'There is no drift "fog". Use one of none, dark, blur'),
        ({"kind": "dark", "strength": "1.1"}, 'STRENGTH must be a number from 0 to 1, not "1.1"'),
        ({"kind": "dark", "strength": "nan"}, "STRENGTH must be"),
        ({"kind": "dark", "strength": "much"}, "STRENGTH must be"),
        ({"strength": "0.5"}, "Name a DRIFT, or leave STRENGTH out"),
        ({"seed": "-1"}, "SEED must be a whole number"),
        ({"seed": "²"}, "SEED must be a whole number"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(words: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        parsed(**words)


def test_a_drift_has_a_strength_of_its_own() -> None:
    assert parsed(kind="dark").strength > 0
    assert parsed(kind="dark", strength="0").strength == 0
    assert parsed().strength == 0


def test_without_a_seed_each_simulation_is_another() -> None:
    assert parsed(seed="").seed != parsed(seed="").seed
    assert parsed(seed="17").seed == 17


def test_there_may_be_less_than_a_picture_a_second() -> None:
    assert parsed(rate="0.5", seconds="60").pictures == 30
