"""The traffic report in a browser: wide and narrow, light and dark, and by keyboard."""

from __future__ import annotations

from typing import Any

import captured
import pytest
from browser import console, cut_off, needs_browser, overflow, window
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from traffic_reports import answers, full_report, report

from scones.reporting.report_page import write_report

SIZES = [(1280, False), (1280, True), (390, False), (390, True)]
pytestmark = needs_browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of a full report, one with every kind of problem, and an empty one."""
    folder = tmp_path_factory.mktemp("reports")
    captured.write(folder / "captures", [f"{'unreadable ' * 200}\n"] * 9, f"{'x' * 120}.jsonl")
    odd = [
        captured.record(200, (0.1, 0.2, 0.7), endpoint="an-endpoint-with-quite-a-long-name" * 2),
        captured.record(201, body=b"hello", inference_id="a" * 64),
        captured.record(202, None),
    ]
    (folder / "nothing").mkdir()
    reports = {
        "full": full_report(folder / "nothing"),
        "problems": report([*answers(3), *odd], folder / "captures"),
        "empty": report([], folder / "nothing"),
    }
    return {name: write_report(built, folder / name).as_uri() for name, built in reports.items()}


@pytest.mark.parametrize(("width", "dark"), SIZES)
@pytest.mark.parametrize("name", ["full", "problems", "empty"])
def test_nothing_overflows_and_the_console_is_empty(
    chromium: Any, pages: dict[str, str], name: str, width: int, dark: bool
) -> None:
    with window(chromium, width, dark=dark) as driver:
        driver.get(pages[name])
        opened = "document.querySelectorAll('details').forEach(details => details.open = true)"
        for _ in range(2):
            assert overflow(driver) == 0
            assert cut_off(driver) == []
            driver.execute_script(opened)
        assert console(driver) == []
        assert ids(driver) == sorted(set(ids(driver)))
        assert all(image.get_attribute("alt") for image in driver.find_elements(By.TAG_NAME, "img"))
        assert driver.execute_script(COUNT_BROKEN_IMAGES) == 0
        ground = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(", "))) < 200) == dark


@pytest.mark.parametrize("width", [1280, 390])
def test_the_texts_of_a_chart_lie_inside_it(
    chromium: Any, pages: dict[str, str], width: int
) -> None:
    with window(chromium, width) as driver:
        driver.get(pages["full"])
        assert driver.execute_script(OUTSIDE) == []


COUNT_BROKEN_IMAGES = """
return [...document.images].filter(image => !image.complete || !image.naturalWidth).length;
"""

OUTSIDE = """
return [...document.querySelectorAll('svg.chart')].flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map(text => chart.getAttribute('aria-label') + ': ' + text.textContent);
});
"""


def test_the_page_is_used_by_keyboard(chromium: Any, pages: dict[str, str]) -> None:
    with window(chromium) as driver:
        driver.get(pages["full"])
        met: list[str] = []
        for _ in range(60):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            active = driver.switch_to.active_element
            met.append(active.tag_name)
            if active.tag_name == "summary" and not driver.find_elements(
                By.CSS_SELECTOR, "details[open]"
            ):
                active.send_keys(Keys.ENTER)
        assert met[0] == "a", "the skip link comes first"
        assert {"a", "summary", "div"} <= set(met), "links, details, and scrolling regions"
        assert driver.find_elements(By.CSS_SELECTOR, "details[open] table")


def test_the_page_loads_no_other_files(chromium: Any, pages: dict[str, str]) -> None:
    with window(chromium) as driver:
        driver.get(pages["full"])
        loaded = driver.execute_script(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        assert [name for name in loaded if not name.startswith("data:")] == []


def ids(driver: Any) -> list[str]:
    element_ids: list[str] = driver.execute_script(
        "return [...document.querySelectorAll('[id]')].map(element => element.id)"
    )
    return sorted(element_ids)
