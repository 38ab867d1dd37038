"""docs/localaws.md names every service that departs from stock moto."""

from __future__ import annotations

from departures import DEPARTURES
from paths import PYTHON, ROOT

# Modules of probes whose service has another heading.
SECTIONS = {
    "iam roles": "iam",
    "requests": "requests that aws refuses",
    "states language": "step functions",
    "step functions api": "step functions",
    "step functions maps": "step functions",
    "step functions tasks": "step functions",
}
PAGE = (ROOT / "docs" / "localaws.md").read_text()


def test_the_page_names_every_module_of_the_gaps() -> None:
    modules = {path.name for path in (PYTHON / "localaws" / "gaps").glob("*.py")}
    missing = {name for name in modules - {"__init__.py"} if f"`gaps/{name}`" not in PAGE}
    assert missing == set()


def test_the_page_has_a_section_for_every_service_that_departs() -> None:
    headings = [line.lower() for line in PAGE.splitlines() if line.startswith("## ")]
    services = {SECTIONS.get(one.service, one.service) for one in DEPARTURES}
    missing = {name for name in services if not any(name in heading for heading in headings)}
    assert missing == set()
