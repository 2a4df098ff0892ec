"""The levels of a problem by one direct model and a general solver, held as the engine holds them, and timed."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.allocation.instance import Instance
from planner.allocation.layout import SLACK, Layout
from planner.bench.model import build_model
from planner.bench.solvers import SOLVERS, Answer, HighsSolver, TimeUpError
from planner.errors import NotSolvedError

BINDS = 1e-7
"""A service row with a price above this binds in every optimal plan: its ministry can rise no further."""


@dataclass(frozen=True, slots=True)
class DirectLevel:
    """What the solver reached, in the level's unit, in how many solves and seconds."""

    name: str
    value: float
    solves: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DirectRun:
    """One solver's run: all levels if it is `solved`, those done before it ended otherwise.

    `build` is seconds to make the model and hand it over; `seconds` is all of the run, a level left undone included;
    `cpu` is what it took of the processors.
    """

    solver: str
    status: Literal["solved", "time_limit", "failed"]
    build: float
    seconds: float
    cpu: float
    levels: tuple[DirectLevel, ...]


def run_direct(instance: Instance, layout: Layout, solver: str, time_limit: float) -> DirectRun:
    """The levels of `instance` by the solver of that name in `SOLVERS`, or as many as `time_limit` seconds allow."""
    began, cpu = time.monotonic(), cpu_seconds()
    stated = SOLVERS[solver](build_model(instance, layout), began + time_limit)
    built = time.monotonic()
    levels: list[DirectLevel] = []
    status: Literal["solved", "time_limit", "failed"] = "solved"
    try:
        levels.extend(_Levels(instance, layout, stated).reach())
    except TimeUpError:
        status = "time_limit"
    except NotSolvedError:
        status = "failed"
    seconds = time.monotonic() - began
    return DirectRun(solver, status, built - began, seconds, cpu_seconds() - cpu, tuple(levels))


def cpu_seconds() -> float:
    """What this process and those that it ran to the end have taken of the processors."""
    return sum(os.times()[:4])


class _Levels:
    """The levels in strict order."""

    def __init__(self, instance: Instance, layout: Layout, solver: HighsSolver) -> None:
        self.policy, self.layout, self.solver = instance.policy, layout, solver
        self.solves = 0

    def reach(self) -> Iterator[DirectLevel]:
        """Each level when it is done."""
        for level in self.layout.levels:
            began, self.solves = time.monotonic(), 0
            value = self.fairness() if level == "fairness" else self.least(level)
            yield DirectLevel(level, value, self.solves, time.monotonic() - began)

    def least(self, level: str) -> float:
        """Minimise a level and hold it: the policy's tolerance, and a hair for rounding."""
        row, constant = self.layout.level[level], self.layout.at_stake[level]
        least, _ = self.minimise(level)
        value = least + constant
        rounding = SLACK * max(constant, abs(value), float(self.layout.scale[row]))
        self.limit(row, least + self.policy.tolerance * abs(value) + rounding)
        return value

    def fairness(self) -> float:
        """Raise the lowest share, settle the ministries that cannot rise, and repeat; the first round's floor."""
        service = self.layout.service
        rising = np.flatnonzero(service >= 0)
        settled: dict[int, float] = {}
        floors: list[float] = []
        while len(rising):
            value, answer = self.minimise("fairness")
            floors.append(-value)
            binds = answer.prices[service[rising]] / self.layout.scale[service[rising]] > BINDS
            whole = self.policy.fairness == "maxmin" or floors[-1] >= 1 - SLACK or not binds.any()
            stuck = rising if whole else rising[binds]
            for m in stuck.tolist():
                settled[m] = floors[-1]
                self.solver.drop(int(service[m]), self.solver.model.fairness)
                self.limit(int(service[m]), SLACK - floors[-1])
            rising = np.setdiff1d(rising, stuck)
        for m, share in settled.items():
            self.limit(int(service[m]), SLACK - share * (1 - self.policy.tolerance))
        return floors[0] if floors else self.least("fairness")

    def minimise(self, level: str) -> tuple[float, Answer]:
        """The level's least value without its constant, and where it is reached."""
        self.solves += 1
        answer = self.solver.minimise(level)
        least = float(self.solver.model.level[level] @ answer.values)
        return least * float(self.layout.scale[self.layout.level[level]]), answer

    def limit(self, row: int, bound: float) -> None:
        self.solver.limit(row, bound / float(self.layout.scale[row]))
