"""An installation as processes of this machine: a server with several processes, workers, and a database."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from planner.cli.faults.databases import Database
from planner.cli.faults.processes import children

PATIENCE: Final = 3
"""Seconds after which the workers of a test take another for lost."""
LONGEST: Final = 120.0
"""Seconds until everything must be up again."""
LOOK: Final = 0.05


class DownError(Exception):
    """The installation did not come back."""


class Installation:
    """Starts, kills and restarts the application's processes on `database`. Everything it writes is in `folder`.

    `environ` are settings that it has beside its own.
    """

    def __init__(
        self, database: Database, folder: Path, environ: Mapping[str, str], *, processes: int = 2, workers: int = 1
    ) -> None:
        self.database, self.folder = database, folder
        self.port = free_port()
        self.attachments = folder / "attachments"
        self._pages, self._count = processes, workers
        self._environ = {
            **os.environ,
            **environ,
            "PLANNER_DATABASE_URL": database.url,
            "PLANNER_ATTACHMENTS": str(self.attachments),
            "PLANNER_SECRET_KEY": secrets.token_hex(32),
        }
        self._clock = folder / "clock"
        self.move_clock(0)
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._names = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything runs within the context."""
        try:
            self.heal()
            yield
        finally:
            self.kill_server()
            self.kill_workers()

    def heal(self) -> float:
        """Start whatever does not run; the seconds until pages are served again. `DownError` if they are not."""
        began = time.monotonic()
        self.database.start()
        if self.server is None or self.server.poll() is not None:
            command = ["serve", "--no-worker", "--port", str(self.port)]
            self.server = self._start("server", [*command, "--workers", str(self._pages), "--threads", "4"])
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < self._count:
            self._names += 1
            name = f"fault-{os.getpid()}-{self._names}"
            self.workers.append(self._start("worker", ["worker", "--executor", name, "--patience", str(PATIENCE)]))
        while not self.is_ready():
            if time.monotonic() - began > LONGEST or self.server.poll() is not None:
                raise DownError(self.log())
            time.sleep(LOOK)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        """Whether the server says that it can serve."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill_server(self) -> None:
        """Kill the server and every process of it with -9."""
        _kill([self.server] if self.server else [])

    def kill_workers(self) -> None:
        """Kill the workers with -9."""
        _kill(self.workers)

    def server_processes(self) -> list[int]:
        """The processes that serve pages, without the one that keeps them."""
        return children(self.server.pid) if self.server else []

    def processes(self) -> list[int]:
        """Every process of the application."""
        own = [process.pid for process in [self.server, *self.workers] if process is not None]
        return [*own, *self.server_processes()]

    def move_clock(self, seconds: int) -> None:
        """Set the clock of the application's processes so far ahead, or back."""
        new = self._clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._clock)  # whoever asks for the time reads the one or the other

    def log(self) -> str:
        """The end of what the processes said."""
        texts = [path.read_text("utf-8", "replace")[-4000:] for path in sorted(self.folder.glob("*.log"))]
        return "\n".join(texts)

    def _start(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "planner.cli.faults.clock", str(self._clock), *arguments],
                env=self._environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _kill(processes: list[subprocess.Popen[bytes]]) -> None:
    """Kill each with everything it started: it leads a session of its own."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
