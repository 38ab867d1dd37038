"""The review page: over HTTP as an attacker would try it, and in a real browser."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import review_desk
from browser import console, needs_browser, overflow, window
from eventually import eventually
from review_desk import CLASSES, Desk, image_bytes
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from scones.reviewing.review_page import Page
from scones.reviewing.server import Server
from scones.reviewing.session import Session


@pytest.fixture
def desk() -> Iterator[Desk]:
    with review_desk.in_memory() as desk:
        yield desk


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    for number in range(3):
        desk.add(f"run-{number}", image_bytes(number))
    with desk.session() as session:
        yield session


@pytest.fixture
def server(session: Session) -> Iterator[Server]:
    with Server(session, Page("local", CLASSES), 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(
    server: Server,
    method: str,
    place: str,
    body: object = None,
    secret: str | None = None,
    **headers: str,
) -> tuple[int, Any]:
    """Send a request as the page's script does, with changes; returns status and content."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    own = {
        "Host": f"127.0.0.1:{server.server_port}",
        "Origin": f"http://127.0.0.1:{server.server_port}",
    }
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(
        method,
        f"/{server.secret if secret is None else secret}/{place}",
        content if method == "POST" else None,
        {name: value for name, value in {**own, **headers}.items() if value},
    )
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if answer.headers[
        "Content-Type"
    ] == "application/json" else text


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert urlsplit(server.url).hostname == "127.0.0.1"
    assert len(server.secret) >= 20


def test_after_a_label_the_next_image_is_shown(server: Server, desk: Desk) -> None:
    status, state = send(server, "GET", "state")
    labelled = state["tally"]["labelled"]
    assert (status, labelled, state["waiting"], state["undo"]) == (200, 0, 3, False)
    card = state["card"]
    assert card["probabilities"] == {"bicycle": 0.61, "motorcycle": 0.39}
    assert (card["size"], card["small"], card["remark"]) == ("48 by 36 pixels, PNG", True, "")
    status, shown = send(server, "GET", f"image/{card['id']}")
    assert (status, shown[:4]) == (200, b"\x89PNG")
    status, state = send(server, "POST", "label", {"id": card["id"], "label": "motorcycle"})
    labelled = state["tally"]["labelled"]
    assert (status, labelled, state["waiting"], state["undo"]) == (200, 1, 2, True)
    assert state["card"]["id"] != card["id"]
    assert list(desk.truth().values()) == ["motorcycle"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"secret": "guessed"}, 403),
        ({"secret": ""}, 403),
        ({"secret": "%C3%A9"}, 403),
        ({"Host": "rebound.example:80"}, 403),
        ({"Host": "127.0.0.1.rebound.example"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_requests_from_elsewhere_are_refused(
    server: Server, desk: Desk, changes: dict[str, str], expected: int
) -> None:
    card = send(server, "GET", "state")[1]["card"]["id"]
    status, answer = send(server, "POST", "label", {"id": card, "label": "bicycle"}, **changes)
    assert status == expected
    assert answer["error"].endswith(".")
    assert desk.keys("reviewed/") == []


def test_reading_needs_the_whole_address_too(server: Server) -> None:
    assert send(server, "GET", "", secret="guessed")[0] == 403
    assert send(server, "GET", "state", Host="rebound.example")[0] == 403
    status, page = send(server, "GET", "", Host=f"localhost:{server.server_port}", Origin="")
    assert status == 200
    assert b"<title>Review: local</title>" in page


@pytest.mark.parametrize(
    ("place", "body", "expected", "sentence"),
    [
        (
            "label",
            {"id": "unknown", "label": "bicycle"},
            404,
            "This image is not the one shown now",
        ),
        ("label", {"label": "bicycle"}, 404, "This image is not"),
        ("skip", {"id": "unknown"}, 404, "This image is not"),
        (
            "label",
            {"id": "*", "label": "zeppelin"},
            400,
            'There is no class "zeppelin"; nothing was stored.',
        ),
        ("label", {"id": "*"}, 400, "There is no class"),
        ("label", [], 400, "The body is not a JSON object."),
        ("label", b"{", 400, "The body is not a JSON object."),
        ("label", b"[" * 4000, 400, "The body is not a JSON object."),
        ("label", b" " * 5000, 413, "A body of at most 4096 bytes"),
        ("undo", {}, 409, "There is no label to change."),
        ("dance", {}, 404, "There is nothing here."),
        ("dismiss", {"id": "*"}, 404, "This image is not"),
    ],
)
def test_an_invalid_request_is_one_sentence(
    server: Server, desk: Desk, place: str, body: object, expected: int, sentence: str
) -> None:
    card = send(server, "GET", "state")[1]["card"]["id"]
    if isinstance(body, dict) and body.get("id") == "*":
        body["id"] = card
    status, answer = send(server, "POST", place, body)
    assert status == expected
    assert answer["error"].startswith(sentence)
    assert desk.keys("reviewed/") == desk.keys("ground-truth/") == []
    assert send(server, "GET", "state")[1]["card"]["id"] == card


def test_an_image_that_is_not_shown_is_not_served(server: Server) -> None:
    assert send(server, "GET", "image/unknown")[0] == 404
    assert send(server, "GET", "../../pyproject.toml")[0] == 404


def test_the_page_runs_no_script_but_its_own(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET", f"/{server.secret}/")
    answer = connection.getresponse()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.read().count(b"<script") == 1


def test_done_ends_the_serving(session: Session) -> None:
    with Server(session, Page("local", CLASSES), 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        assert send(server, "POST", "done", {}) == (200, {})
        thread.join(5)
        assert not thread.is_alive()


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_review_in_a_browser(
    chromium: Any,
    server: Server,
    session: Session,
    desk: Desk,
    width: int,
    height: int,
    dark: bool,
) -> None:
    desk.add("gone", None)
    with window(chromium, width, height, dark) as driver:

        def part(name: str) -> Any:
            return driver.find_element(By.ID, name)

        def press(key: str) -> None:
            driver.find_element(By.TAG_NAME, "body").send_keys(key)

        def shows_status(text: str) -> None:
            eventually(
                lambda: (
                    text in part("status").text
                    and part("review").get_attribute("aria-busy") == "false"
                )
            )
            assert overflow(driver) == 0

        def key() -> str:
            return str(part("key").text)

        driver.get(server.url)
        eventually(
            lambda: (
                part("image").is_displayed() and part("image").get_property("naturalWidth") == 48
            )
        )
        assert part("waiting").text == "4 to review"
        assert part("message").text == "Most likely bicycle, but 0.61 is below the threshold, 0.93."
        bars = [bar.size["width"] for bar in driver.find_elements(By.CSS_SELECTOR, ".bar span")]
        assert bars[0] / bars[1] == pytest.approx(0.61 / 0.39, rel=0.05)
        assert part("threshold").text == "; the mark is the model's threshold, 93\u202f%"
        assert overflow(driver) == 0
        assert part("image").size["width"] <= width
        assert driver.find_element(By.CSS_SELECTOR, "[data-key='0']").rect["y"] < height

        first = key()
        press("1")
        shows_status("Stored: bicycle.")
        assert part("done").text == "1 labelled"
        second = key()
        press("s")
        shows_status("Skipped: it is in the queue again.")
        press("u")
        eventually(lambda: key() == first)
        assert (
            part("stored").text
            == "Stored as bicycle. Another choice replaces that; “Keep” leaves it."
        )
        assert overflow(driver) == 0
        driver.find_element(By.CSS_SELECTOR, "[data-label='motorcycle']").click()
        shows_status("Stored: motorcycle.")
        assert key() not in (first, second)
        press(Keys.ENTER)  # the button that was clicked has no focus left
        press("0")
        shows_status("Stored: none of these.")
        assert part("remark").text.endswith("uploads/gone.png is missing.")
        assert not part("choices").is_displayed()
        press("1")
        press("d")
        shows_status("Dismissed")
        eventually(lambda: part("empty").is_displayed())
        assert part("done").text == "2 labelled, 1 skipped, 1 dismissed"
        press("r")
        eventually(lambda: part("review").is_displayed() and key() == second)
        assert part("waiting").text == "1 to review"
        part("end").click()
        eventually(lambda: part("ended").is_displayed())
        assert "2 images labelled here." in part("ended-text").text
        assert overflow(driver) == 0
        assert console(driver) == []
    runs = {f"uploads/run-{number}.png": f"run-{number}" for number in range(3)}
    third = ({*runs} - {first, second}).pop()
    assert desk.truth() == {runs[first]: "motorcycle", runs[third]: "none"}
    session.close()
    assert desk.in_queue() == (1, 0)


@needs_browser
def test_the_text_of_a_message_is_never_markup(
    chromium: Any, server: Server, session: Session, desk: Desk
) -> None:
    while card := session.show():
        session.label(card.id, "bicycle")
    desk.add("run-9", image_bytes(9), key='uploads/<img src=x onerror="alert(1)">.png')
    with window(chromium) as driver:
        driver.get(server.url)
        eventually(
            lambda: (
                driver.find_element(By.ID, "key").text
                == 'uploads/<img src=x onerror="alert(1)">.png'
            )
        )
        assert console(driver) == []
