"""The file of an account: whole transactions, one format, and no traces of what was deleted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from localaws.errors import LocalAwsError
from localaws.persistence.account_file import FORMAT, AccountFile

SECRET = b"a label that was deleted" * 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.sqlite"


def message(number: int) -> list[object]:
    return [f"message-{number}", "123456789012", "us-east-1", "queue", b"state"]


def test_an_opened_file_holds_what_was_written_before(path: Path) -> None:
    first = AccountFile(path)
    assert first.contents() == ""
    first.write("insert into message values (?, ?, ?, ?, ?)", *message(1))
    first.set("port", "5000")
    first.close()
    second = AccountFile(path)
    assert second.contents() == "0 objects in 0 buckets and 1 message"
    assert second.setting("port") == "5000"
    second.close()


def test_of_a_transaction_that_fails_nothing_is_written(path: Path) -> None:
    file = AccountFile(path)
    twice = [message(1), message(1)]
    with pytest.raises(sqlite3.IntegrityError), file.writing() as connection:
        connection.executemany("insert into message values (?, ?, ?, ?, ?)", twice)
    assert file.contents() == ""
    file.write("insert into message values (?, ?, ?, ?, ?)", *message(2))
    file.close()


def test_a_torn_end_of_the_log_costs_the_torn_transaction_alone(path: Path) -> None:
    file = AccountFile(path)
    for number in range(3):
        file.write("insert into message values (?, ?, ?, ?, ?)", *message(number))
    log = path.with_name(f"{path.name}-wal")
    torn = path.with_name("torn.sqlite")  # the files as a power cut leaves them
    torn.write_bytes(path.read_bytes())
    torn.with_name("torn.sqlite-wal").write_bytes(log.read_bytes()[:-100])
    file.close()
    restored = AccountFile(torn)
    assert [name for (name,) in restored.read("select id from message")] == [
        "message-0",
        "message-1",
    ]
    restored.close()


def test_another_format_is_refused_and_left_alone(path: Path) -> None:
    AccountFile(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LocalAwsError, match=f"format {FORMAT + 1}; this one writes .* delete"):
        AccountFile(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.write_text("not a database, but long enough to have a header of one")
    with pytest.raises(LocalAwsError, match=r"is not the file of an account .* Delete it"):
        AccountFile(path)


def test_services_of_another_version_of_moto_are_dropped_and_the_rest_stays(path: Path) -> None:
    file = AccountFile(path)
    assert not file.drop_services_of_another("5.0"), "there are none yet"
    file.write("insert into service values ('m', 'c', 'a', 'r', x'00')")
    file.write("insert into message values (?, ?, ?, ?, ?)", *message(1))
    assert not file.drop_services_of_another("5.0")
    assert file.drop_services_of_another("5.1")
    assert file.read("select * from service") == []
    assert file.contents() == "0 objects in 0 buckets and 1 message"
    file.close()


def test_nothing_of_what_was_deleted_stays_on_disk(path: Path) -> None:
    file = AccountFile(path)
    file.shrink()
    empty = path.stat().st_size
    for key in range(100):
        values = ["bucket", str(key), "null", 0, b"state", "{}", SECRET, None]
        file.write("insert into object values (?, ?, ?, ?, ?, ?, ?, ?)", *values)
    file.shrink()
    assert path.stat().st_size > empty + 100 * len(SECRET)
    file.write("delete from object")
    file.shrink()
    assert path.stat().st_size == empty
    on_disk = b"".join(part.read_bytes() for part in path.parent.iterdir())
    assert SECRET[:20] not in on_disk
    file.close()
