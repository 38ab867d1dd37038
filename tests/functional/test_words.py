"""The project speaks plain English: words that once stood for others do not come back."""

from __future__ import annotations

import re
import subprocess

import pytest
from paths import ROOT

# What is not written, and the word for it.
BANNED = {
    r"mend(s|ed|ing)?": "fix, correct",
    r"pictures?": "image",
    r"photos?": "image, or photograph as opposed to drawn",
    r"strangers?": "unknown objects",
    r"truths": "ground truth",
    r"rooms?": "package, module, folder",
    r"told": "reported, notified, logged, returned",
    r"tells? of": "report, notify about",
    r"says? of": "report",
    r"doubt(s|ed|ful)?": "low confidence, unsure",
    r"(take|takes|taken|took) up": "resume",
    r"vouch(es|ed)?": "confirm, check",
    r"nought": "zero",
    r"anew": "again",
    r"all the same": "anyway",
    r"for want of": "out of",
    r"manieth": "stride",
    r"ask people": "human review",
    r"somebody": "a person by their role",
    r"none of ours": "from another endpoint",
    r"came of (it|them)": "what happened",
    r"(?<!there )is no (json|image|number any)": "is not",
    r"farewells?": "shutdown",
}
TEXT = {".py", ".md", ".tf", ".hcl", ".tfvars", ".json", ".html", ".css", ".js", ".toml", ".yaml"}
EXEMPT = {"tests/functional/test_words.py", "CHANGELOG.md"}


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("this folder is not a git checkout")
    names = listed.stdout.splitlines()
    return [name for name in names if (ROOT / name).suffix in TEXT or name == "Makefile"]


@pytest.mark.parametrize("word", BANNED)
def test_no_tracked_text_uses_a_banned_word(word: str) -> None:
    # Names are searched too: snake_case and camelCase end a word.
    pattern = re.compile(rf"(?<![a-z])(?:{word})(?![a-z])", re.IGNORECASE)
    camel = re.compile(r"(?<=[a-z])(?=[A-Z])")
    uses = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name in tracked_files()
        if name not in EXEMPT and (ROOT / name).exists()
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1)
        if pattern.search(camel.sub(" ", line))
    ]
    assert uses == [], f"Write: {BANNED[word]}"
