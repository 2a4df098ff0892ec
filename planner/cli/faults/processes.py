"""Processes of this machine by their numbers, as Linux tells of them."""

import contextlib
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
