"""A real browser to look at pages with: Chromium without a screen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
DRIVER = shutil.which("chromedriver")
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no browser: install Chromium and ChromeDriver (Debian: chromium chromium-driver)",
)


@contextmanager
def started() -> Iterator[Any]:
    """A running browser, to open windows in."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            *QUIET,
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(executable_path=str(DRIVER)))
        try:
            yield driver
        finally:
            driver.quit()


@contextmanager
def window(driver: Any, width: int = 1280, height: int = 900, dark: bool = False) -> Iterator[Any]:
    """A new window of that many CSS pixels; `console(driver)` returns its page's errors."""
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        yield driver
    finally:
        driver.close()
        driver.switch_to.window(first)
        console(driver)  # the next window begins with an empty one


def console(driver: Any) -> list[str]:
    """The warnings and errors of the browser's console so far."""
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] in ("WARNING", "SEVERE")
    ]


def cut_off(driver: Any) -> list[str]:
    """The names of the scrolling regions whose content is wider than they are."""
    script = """
    return [...document.querySelectorAll('.scroller')]
      .filter(region => region.scrollWidth > region.clientWidth + 1)
      .map(region => region.getAttribute('aria-label'));
    """
    return list(driver.execute_script(script))


def overflow(driver: Any) -> int:
    """CSS pixels by which the page is wider than its window."""
    script = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
    return max(0, int(driver.execute_script(script)))
