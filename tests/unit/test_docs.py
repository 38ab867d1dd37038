"""README, docs and help say what is there: verbs, commands, files and links."""

from __future__ import annotations

import re

import pytest
from makefile import help_groups
from paths import ROOT

from scones import cli

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
USER_GROUPS = ("Start", "Use", "Watch", "Account")


def table_rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a line that is `heading`."""
    lines = page[page.index(f"\n{heading}\n") :].splitlines()[2:]
    rows: list[list[str]] = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def named_targets(text: str) -> list[str]:
    """Every target in every `make …` command of a text."""
    commands = re.findall(r"(?:^|`)make ((?:-\w+ )?[a-z][^`\n#]*)", text, re.MULTILINE)
    words = [word for command in commands for word in command.split()]
    return [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]


@pytest.mark.parametrize("group", USER_GROUPS)
def test_the_readme_lists_the_verbs_that_make_help_lists(group: str) -> None:
    rows = table_rows((ROOT / "README.md").read_text(), f"**{group}**")
    listed = [target for command, _ in rows for target in named_targets(command)]
    assert listed == list(help_groups()[group])


def test_the_contributing_page_lists_every_other_target() -> None:
    rows = table_rows("\n" + (ROOT / "CONTRIBUTING.md").read_text(), "# Contributing")
    listed = [target for command, _ in rows for target in named_targets(command)]
    assert sorted(listed) == sorted(help_groups()["Develop"])


def test_a_verb_is_described_in_the_same_words_everywhere() -> None:
    described = {target: text for group in help_groups().values() for target, text in group.items()}
    for verb, summary in cli.VERBS.items():
        if verb != "check-terraform":  # a part of `make check`
            assert described[verb] == summary, verb


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_on_a_page_exists(page: object) -> None:
    targets = {target for group in help_groups().values() for target in group} | {"help"}
    text = (ROOT / str(page)).read_text()
    assert [name for name in named_targets(text) if name not in targets] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: object) -> None:
    file = ROOT / str(page)
    text = file.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (file.parent / link).exists()] == []
    folders = "terraform|python|lambdas|states|tests|docs"
    paths = re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
