"""Processes of this machine by their numbers, as Linux tells of them."""

import contextlib
import os
from pathlib import Path


def children(number: int) -> list[int]:
    """The processes that a process has started and that still run; none where it is gone."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    return []


def is_gone(number: int) -> bool:
    """Whether there is no such process, or but its name until its parent has taken note."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def processor_seconds(number: int) -> float:
    """Seconds of the processor that a process has taken so far; 0 where it is gone."""
    with contextlib.suppress(OSError):
        told = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
