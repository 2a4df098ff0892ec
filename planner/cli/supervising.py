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
        self._thread = threading.Thread(target=self._keep, name="supervisor", daemon=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker, and another whenever it ends."""
        self.process = self._begin()
        self._thread.start()

    def stop(self) -> None:
        """Tell the worker to end, and wait until it has."""
        self._stopping.set()
        for end in (subprocess.Popen.terminate, subprocess.Popen.kill):  # what is killed is taken up by another
            if self.process is not None and self._thread.is_alive():
                end(self.process)
                self._thread.join(FAREWELL)

    def _begin(self) -> subprocess.Popen[bytes]:
        """A worker; it ends when this process does, however that ends, for then its standard input does."""
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own command

    def _keep(self) -> None:
        while self.process is not None:
            with self.process as process:  # closes its standard input in the end
                process.wait()
            if self._stopping.wait(REST):
                return
            self.process = self._begin()
