"""A worker kept running beside the server: as its child, and no longer than it."""

import subprocess
import sys
import threading
from typing import Final

from planner.services.jobs.workers import new_executor

REST: Final = 2.0
"""Seconds between a worker's end and the next one's start."""
FAREWELL: Final = 10.0
"""Seconds that a worker has to hand its work back."""


class Supervisor:
    """Keeps one worker process running. Each is called the same, so the next takes up at once what the last one had."""

    def __init__(self) -> None:
        self._command = [sys.executable, "-m", "planner", "worker", "--supervised", "--executor", new_executor()]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker, and another whenever it ends."""
        self._process = self._begin()
        threading.Thread(target=self._keep, name="supervisor", daemon=True).start()

    def stop(self) -> None:
        """Tell the worker to end, and wait until it has."""
        self._stopping.set()
        if (process := self._process) is None:
            return
        process.terminate()
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()  # what it had is taken up by another

    def _begin(self) -> subprocess.Popen[bytes]:
        """A worker; it ends when this process does, however that ends, for then its standard input does."""
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own command

    def _keep(self) -> None:
        while self._process is not None:
            self._process.wait()
            if self._stopping.wait(REST):
                return
            self._process = self._begin()
