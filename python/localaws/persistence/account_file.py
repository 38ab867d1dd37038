"""The file of an account: a SQLite database, so that a kill at any moment leaves it consistent.

Every change is a transaction. SQLite hands it to the system before the request is answered: a kill
of the process loses nothing that was answered, a power cut the last seconds.
"""

from __future__ import annotations

import pickle
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localaws.errors import LocalAwsError

NAME = "account.sqlite"
FORMAT = 1  # of the tables below and of what is pickled into them
MOTO = "moto"  # the name of a setting: the version that has saved the services
TABLES = """
create table setting (name text primary key, value text not null);
create table bucket (
    name text primary key, account text not null, partition text not null,
    state blob not null, tags text not null
);
create table object (
    bucket text not null, key text not null, version text not null, place integer not null,
    state blob not null, tags text not null, body blob, parts blob,
    primary key (bucket, key, version)
);
create table message (
    id text primary key, account text not null, region text not null, queue text not null,
    state blob not null
);
create table execution (
    arn text primary key, machine text not null, state blob not null, history blob not null
);
create index executions on execution (machine);
create table service (
    module text not null, class text not null, account text not null, region text not null,
    state blob not null,
    primary key (module, class, account, region)
);
"""


class AccountFile:
    """One connection for all threads; they take turns."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it. Raises LocalAwsError for what is no account file."""
        self._turn = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise LocalAwsError(
                f"{path} is not the file of an account ({error}). "
                "Delete it to begin with an empty account."
            ) from error
        except LocalAwsError:
            self._connection.close()
            raise

    def read(self, query: str, *values: Any) -> list[Any]:
        with self._turn:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is in the file afterwards, or nothing where it raises."""
        with self._turn:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def write(self, statement: str, *values: Any) -> None:
        with self.writing() as connection:
            connection.execute(statement, values)

    def setting(self, name: str) -> str | None:
        rows = self.read("select value from setting where name = ?", name)
        return str(rows[0][0]) if rows else None

    def set(self, name: str, value: str) -> None:
        self.write("insert or replace into setting values (?, ?)", name, value)

    def drop_services_of_another(self, moto_version: str) -> bool:
        """Forget the services unless this version of moto saved them; return whether it did."""
        if self.setting(MOTO) == moto_version:
            return False
        with self.writing() as connection:
            dropped = connection.execute("delete from service").rowcount
            connection.execute("insert or replace into setting values (?, ?)", [MOTO, moto_version])
        return dropped > 0

    def contents(self) -> str:
        """Such as "460 objects in 2 buckets and 3 messages"; "" for an empty account."""
        ((buckets,),) = self.read("select count(*) from bucket")
        ((objects,),) = self.read("select count(distinct bucket || '/' || key) from object")
        ((messages,),) = self.read("select count(*) from message")
        if not (buckets or messages):
            return ""
        return (
            f"{_count(objects, 'object')} in {_count(buckets, 'bucket')}"
            f" and {_count(messages, 'message')}"
        )

    def shrink(self) -> None:
        """Give the space of deleted rows back to the file system."""
        with self._turn:
            self._connection.executescript("pragma incremental_vacuum")  # a page with each step
            self._connection.execute("pragma wal_checkpoint(truncate)").fetchall()

    def close(self) -> None:
        with self._turn:
            self.shrink()
            self._connection.close()

    def _prepare(self, path: Path) -> None:
        # One server per folder. Before the first access, so that no shared memory file is needed.
        self._connection.execute("pragma locking_mode = exclusive").fetchall()
        ((version,),) = self.read("pragma user_version")
        is_new = not self.read("select 1 from sqlite_master")
        if version != FORMAT and not is_new:
            raise LocalAwsError(
                f"{path} was written by another version of the local AWS "
                f"(format {version}; this one writes format {FORMAT}). "
                "Go back to that version, or delete the file to begin with an empty account."
            )
        settings = (
            "auto_vacuum = incremental",
            "journal_mode = wal",
            "synchronous = normal",
            "secure_delete = on",  # what is deleted is overwritten: destroy leaves nothing on disk
        )
        for setting in settings:
            self._connection.execute(f"pragma {setting}").fetchall()
        if not is_new:
            return
        with self.writing() as connection:
            for statement in TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"pragma user_version = {FORMAT}")


def unpickle(state: bytes) -> Any:
    return pickle.loads(state)  # noqa: S301  no one but the account itself writes its file


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
