"""The Makefile: its help, and how values reach a verb."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from closed_pipe import run_unread
from makefile import documented_variables, help_groups
from paths import ROOT
from recorded_makefile import RecordedMakefile

# Everything that make or the shell would expand, cut or split. The files would be created in the
# folder of the Makefile.
NASTY = (
    "new bike $HOME $$ ${HOME} $(HOME) $(shell touch by-make) $(touch by-shell) `touch by-tick` "
    "'a' \"b\" \\ \\n # * ; touch by-semicolon ü 自転車 \nsecond line"
)
LEADING_DASH = "-rf"
SWITCHES = {"FORCE", "INSTALLED", "RETRAIN"}
LISTS = {"ONLY", "SEEDS"}
OF_MAKE = {"PYTHON", "TORCH_INDEX", "VENV"}
# The verbs that run Python, and the variables that each passes on as they are.
VERBS = {
    verb: [name for name in names if name not in SWITCHES | LISTS | OF_MAKE]
    for verb, names in documented_variables().items()
    if verb not in help_groups()["Develop"] or verb.startswith(("bench-", "crossval"))
}


@pytest.fixture
def makefile(tmp_path: Path) -> RecordedMakefile:
    return RecordedMakefile.at(tmp_path / "a checkout")


def test_make_help_shows_every_target_in_its_group() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for group, targets in help_groups().items():
        assert f"\n{group}\n" in shown.stdout
        for target in targets:
            assert f"\n  {target} " in shown.stdout
    assert [line for line in shown.stdout.splitlines() if len(line) > 78] == []


def test_a_reader_of_the_help_may_close_the_pipe_before_its_end() -> None:
    done = run_unread(["make", "-s", "-C", str(ROOT)], os.environ)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("value", [NASTY, LEADING_DASH], ids=["nasty", "leading dash"])
@pytest.mark.parametrize("given", ["on the command line", "in the environment"])
def test_a_value_reaches_a_verb_as_it_is_written(
    makefile: RecordedMakefile, value: str, given: str
) -> None:
    for verb, names in VERBS.items():
        variables = dict.fromkeys([*names, "TARGET"], value)
        if given == "in the environment":
            options = makefile.options(verb, variables=variables)
        else:
            options = makefile.options(
                verb, *(f"{name}={text}" for name, text in variables.items())
            )
        passed = {name: options.get(name.lower(), "") for name in names}
        # A new file lies where make was called.
        if "OUT" in passed:
            passed["OUT"] = passed["OUT"].removeprefix(f"{makefile.folder}/")
        assert passed == dict.fromkeys(names, value), verb
        assert options.get("target", value) == value, verb
    created = {file.name for file in makefile.folder.iterdir()}
    assert created == {"Makefile", "pyproject.toml", "constraints.txt", ".venv", "record"}


def test_a_list_is_passed_as_several_values_and_a_switch_as_a_flag(
    makefile: RecordedMakefile,
) -> None:
    (call,) = makefile.calls("crossval", "SEEDS=0 1 $(shell touch by-make)", "OUT=/x")
    assert call[call.index("--seeds") + 1 :][:4] == ["0", "1", "$(shell", "touch"]
    *_, call = makefile.calls("train", "RETRAIN=1", "FORCE=1")
    assert {"--retrain", "--force"} <= {*call}
    *_, call = makefile.calls("train")
    assert call == ["-m", "scones", "train", "--target=local"]


def test_a_switch_of_0_is_off(makefile: RecordedMakefile) -> None:
    *_, call = makefile.calls("train", "RETRAIN=0", "FORCE=0")
    assert {"--retrain", "--force"}.isdisjoint(call)


def test_train_stages_first_if_it_has_a_source(makefile: RecordedMakefile) -> None:
    calls = makefile.calls("train", "SOURCE=some.tar.gz")
    assert calls == [
        ["-m", "scones", "stage", "--target=local", "--source=some.tar.gz"],
        ["-m", "scones", "train", "--target=local"],
    ]


@pytest.mark.parametrize(
    ("target", "source"), [("local", "sample"), ("prod", "cifar100"), ("", "sample")]
)
def test_the_default_source_depends_on_the_target(
    makefile: RecordedMakefile, target: str, source: str
) -> None:
    assert makefile.options("stage", f"TARGET={target}") == {
        "target": target or "local",
        "source": source,
    }


@pytest.mark.parametrize("venv", ["a b", "$(touch x)", "`touch x`", "x;touch x", "'", "~/venv"])
def test_an_environments_folder_with_special_characters_is_refused(
    makefile: RecordedMakefile, venv: str
) -> None:
    done = subprocess.run(
        ["make", "alarms", f"VENV={venv}"],
        cwd=makefile.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"VENV={venv} is not a plain path. Name a folder without" in done.stderr
    assert not (makefile.folder / "x").exists()


@pytest.mark.parametrize(
    ("verb", "variable"), [("classify", "IMAGE"), ("stage", "SOURCE"), ("report", "CAPTURE")]
)
def test_a_path_is_relative_to_where_make_was_called(
    makefile: RecordedMakefile, tmp_path: Path, verb: str, variable: str
) -> None:
    caller = tmp_path / "where $HOME is"
    caller.mkdir()
    (caller / "my file").touch()
    option = variable.lower()
    there = makefile.options(verb, f"{variable}=my file", called_from=caller)
    assert there[option] == f"{caller}/my file"
    for elsewhere in ("other file", "/my file", "s3://bucket/my file"):
        options = makefile.options(verb, f"{variable}={elsewhere}", called_from=caller)
        assert options[option] == elsewhere


def test_a_source_that_is_a_word_is_no_file(makefile: RecordedMakefile, tmp_path: Path) -> None:
    (tmp_path / "cifar100").touch()
    options = makefile.options("stage", "SOURCE=cifar100", called_from=tmp_path)
    assert options["source"] == "cifar100"


def test_new_files_lie_where_make_was_called(makefile: RecordedMakefile, tmp_path: Path) -> None:
    assert makefile.options("crossval", "OUT=x", called_from=tmp_path)["out"] == f"{tmp_path}/x"
    assert makefile.options("crossval", "OUT=/x", called_from=tmp_path)["out"] == "/x"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "There is no ./my python. Install Python 3.11 or newer"),
        ("exit 127", "There is no ./my python. Install Python 3.11 or newer"),  # pyenv's shim
        ("exit 11", "./my python is older than 3.11. Name a newer one"),
    ],
)
def test_without_a_python_that_is_new_enough_make_says_so(
    makefile: RecordedMakefile, script: str | None, sentence: str
) -> None:
    (makefile.folder / ".venv" / "ready-local").unlink()
    if script:
        python = makefile.folder / "my python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    done = subprocess.run(
        ["make", "alarms", "PYTHON=./my python"],
        cwd=makefile.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"Error: {sentence}" in done.stderr
