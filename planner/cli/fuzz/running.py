"""Run cases in a process of their own, which may die, hang or eat memory without taking the campaign along."""

import multiprocessing
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Final

from planner.cli.fuzz.targets import prepare
from planner.errors import PlannerError

MEMORY: Final = 3 * 1024**3
"""Bytes of addresses that the process may have: more is a defect, and must not be the machine's."""
START: Final = 120.0
"""Seconds until the targets must be ready."""
_OURS: Final = ("planner/", "reports/", "models/")


@dataclass(frozen=True)
class Outcome:
    """What became of one case: "taken", "refused", or a defect with where and of which kind it is."""

    target: str
    number: int
    result: str
    seconds: float = 0.0
    memory: int = 0


@dataclass
class Tally:
    """What a campaign came to, by target: cases, those refused, CPU seconds and number of the slowest.

    `memory` is the most that was in use, in bytes; `defects` gives the first case of each, by target and what it is.
    """

    cases: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, int]] = field(default_factory=dict)
    memory: int = 0
    defects: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> bool:
        """Count one case; whether it shows a defect that no other did."""
        name = outcome.target
        self.cases[name] += 1
        self.refused[name] += outcome.result == "refused"
        self.slowest[name] = max(self.slowest.get(name, (0.0, 0)), (outcome.seconds, outcome.number))
        self.memory = max(self.memory, outcome.memory)
        new = outcome.result not in {"taken", "refused"} and (name, outcome.result) not in self.defects
        if new:
            self.defects[name, outcome.result] = outcome.number
        return new


def campaign(names: Sequence[str], numbers: range, *, seed: int, seconds: float, patience: float) -> Iterator[Outcome]:
    """What becomes of the cases of these `numbers`, for each target in the same time.

    A case that takes longer than `patience` seconds counts as a defect. The campaign ends when reading took `seconds`.
    """
    spent = dict.fromkeys(names, 0.0)
    waiting = {name: iter(numbers) for name in names}
    while waiting and sum(spent.values()) < seconds:
        with ExitStack() as stack:
            ours = _worker(names, seed, stack)
            sound = True
            while sound and waiting and sum(spent.values()) < seconds:
                name = min(waiting, key=spent.__getitem__)
                number = next(waiting[name], None)
                if number is None:
                    del waiting[name]
                    continue
                began = time.monotonic()
                outcome = _ask(ours, name, number, patience)
                sound = outcome.memory > 0
                spent[name] += time.monotonic() - began
                yield outcome


def _ask(worker: Connection, name: str, number: int, patience: float) -> Outcome:
    """What becomes of one case. One without memory left no process that could read another."""
    try:
        worker.send((name, number))
        if worker.poll(patience):
            return Outcome(name, number, *worker.recv())
    except (EOFError, OSError):
        return Outcome(name, number, "the process died")
    return Outcome(name, number, f"no answer in {patience:g} s", patience)


def write_cases(found: Sequence[tuple[str, int]], seed: int, folder: Path) -> None:
    """Write the files of these cases, by target and number, to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        targets = prepare(sorted({name for name, _ in found}), stack)
        for name, number in found:
            Path(folder, f"{name}-{seed}-{number}").write_bytes(targets[name].case(_chance(name, seed, number)))


def _worker(names: Sequence[str], seed: int, stack: ExitStack) -> Connection:
    """Begin a process that reads cases; it ends with `stack`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(tuple(names), seed, theirs), daemon=True)
    process.start()
    theirs.close()
    stack.callback(process.join)
    stack.callback(process.kill)
    stack.callback(ours.close)
    if not ours.poll(START):
        raise TimeoutError
    ours.recv()
    return ours


def _work(names: Sequence[str], seed: int, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with ExitStack() as stack:
        targets = prepare(names, stack)
        pipe.send(None)
        while True:
            name, number = pipe.recv()
            data = targets[name].case(_chance(name, seed, number))
            began = time.process_time()
            try:
                targets[name].read(data)
                result = "taken"
            except PlannerError:
                result = "refused"
            except Exception as error:
                result = _place(error)
            memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            pipe.send((result, time.process_time() - began, memory))


def _chance(name: str, seed: int, number: int) -> Random:
    return Random(f"{seed}:{name}:{number}")  # noqa: S311 - spoiled files, repeatable on purpose


def _place(error: BaseException) -> str:
    """Where of our code an exception came from, and what it is."""
    root = Path(sys.modules["planner"].__path__[0]).parent
    frames = [
        f"{Path(frame.filename).relative_to(root)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(tuple(str(root / part) for part in _OURS))
    ]
    return f"{type(error).__name__} at {frames[-1] if frames else '?'}"
