"""What breaks: each strike is named, does its harm to an installation, and leaves the rest to be put right after it."""

import contextlib
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from planner.cli.faults.installation import Installation

AWAY: Final = (0.5, 3.0)
"""Between so many seconds a database is away, or a disk is full."""
LARGEST: Final = 64 * 1024
"""No file grows beyond so many bytes while the disk counts as full."""
JUMPS: Final = (-86_400, -3_600, -5, 30, 3_600)
"""Seconds by which clocks jump: back by a day or an hour, as two hosts differ, ahead by less than a sign-in lasts."""
BALLAST: Final = "ballast"

Strike: TypeAlias = Callable[[Installation, random.Random], None]


def kill_page_process(installation: Installation, chance: random.Random) -> None:
    """Kill one of the server's processes; the server replaces it by itself."""
    if processes := installation.server_processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(processes), signal.SIGKILL)


def kill_server(installation: Installation, _chance: random.Random) -> None:
    """Kill the whole server."""
    installation.kill_server()


def kill_workers(installation: Installation, _chance: random.Random) -> None:
    """Kill every worker."""
    installation.kill_workers()


def kill_database(installation: Installation, _chance: random.Random) -> None:
    """Kill the database's server with all its processes."""
    installation.database.kill()


def kill_everything(installation: Installation, _chance: random.Random) -> None:
    """Kill server, workers and database, as when the machine goes down."""
    installation.database.kill()
    installation.kill_workers()
    installation.kill_server()


def take_database_away(installation: Installation, chance: random.Random) -> None:
    """Stop the database for a while. The application stays up, and finds it again."""
    installation.database.stop()
    time.sleep(chance.uniform(*AWAY))


def fill_disk(installation: Installation, chance: random.Random) -> None:
    """Let the application's files grow no more for a while; on a file system of its own, fill that to the last byte."""
    ballast = installation.folder / BALLAST
    if ballast.exists():
        _fill(ballast)
        time.sleep(chance.uniform(*AWAY))
        ballast.write_bytes(b"")
        return
    _limit(installation, LARGEST)
    time.sleep(chance.uniform(*AWAY))
    _limit(installation, resource.RLIM_INFINITY)


def move_clock(installation: Installation, chance: random.Random) -> None:
    """Let the clock jump, and jump back after a while."""
    installation.move_clock(chance.choice(JUMPS))
    time.sleep(chance.uniform(*AWAY))
    installation.move_clock(0)


STRIKES: Final[Mapping[str, Strike]] = MappingProxyType(
    {
        "page-process": kill_page_process,
        "server": kill_server,
        "workers": kill_workers,
        "database": kill_database,
        "everything": kill_everything,
        "away": take_database_away,
        "disk": fill_disk,
        "clock": move_clock,
    }
)
"""Every strike by its name."""
OF_SERVERS: Final = frozenset({"database", "away"})
"""What only a database that is a server can suffer."""
ANSWERED: Final = frozenset({"workers", "clock"})
"""Strikes of which nobody at a page may notice anything: every request is answered, and none with a defect."""


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def _limit(installation: Installation, size: int) -> None:
    for number in installation.processes():
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(number, resource.RLIMIT_FSIZE)
            resource.prlimit(number, resource.RLIMIT_FSIZE, (size, hard))
