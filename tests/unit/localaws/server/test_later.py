"""What happens a while after a request."""

from __future__ import annotations

import threading

from localaws.server.later import Agenda


def test_actions_happen_in_the_order_in_which_they_are_due() -> None:
    agenda, last = Agenda(), threading.Event()
    happened: list[str] = []
    agenda.add(0.02, lambda: happened.append("second"))
    agenda.add(0.0, lambda: happened.append("first"))
    agenda.add(0.02, lambda: happened.append("third"))
    agenda.add(0.03, last.set)
    close = agenda.start()
    assert last.wait(60)
    assert happened == ["first", "second", "third"]
    close()


def test_what_is_not_due_when_the_account_ends_happens_then() -> None:
    agenda = Agenda()
    happened: list[str] = []
    close = agenda.start()
    agenda.add(3600, lambda: happened.append("late"))
    close()
    assert happened == ["late"]


def test_a_failed_action_does_not_keep_the_next_one_from_happening() -> None:
    agenda = Agenda()
    happened: list[str] = []

    def fail() -> None:
        raise LookupError("gone meanwhile")

    agenda.add(0, fail)
    agenda.add(0, lambda: happened.append("next"))
    agenda.start()()
    assert happened == ["next"]
