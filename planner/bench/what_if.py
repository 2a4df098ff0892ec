"""Measuring what-ifs: a problem with one thing changed, solved from the last plan and anew."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from planner.allocation import GAP, Plan, Problem, Progress, solve
from planner.allocation.instance import build_instance
from planner.allocation.layout import Layout, build_layout
from planner.allocation.problem import Series
from planner.bench.compare import cpu_seconds
from planner.bench.run import relative_difference

CAPACITY: Final = 0.05
DEMAND: Final = 0.1


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan, seconds by the clock and (`cpu`) of the processors, and how often each level was solved and priced."""

    plan: Plan
    seconds: float
    cpu: float
    rounds: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """One change, solved from the last plan and anew."""

    change: str
    layout: Layout
    again: Solved
    anew: Solved


def list_changes(problem: Problem) -> Iterator[tuple[str, Problem]]:
    """The first site's capacity a twentieth less and more, and the first ministry's demand a tenth more."""
    site = min(row.code for row in problem.sites)
    for name, factor in (("capacity_less", 1 - CAPACITY), ("capacity_more", 1 + CAPACITY)):
        sites = [
            replace(row, capacity=_scaled(row.capacity, factor)) if row.code == site else row for row in problem.sites
        ]
        yield name, replace(problem, sites=tuple(sites))
    ministry = min(row.code for row in problem.ministries)
    agencies = {row.code for row in problem.agencies if row.ministry == ministry}
    rows = [
        replace(row, demand=_scaled(row.demand, 1 + DEMAND)) if row.agency in agencies else row
        for row in problem.requirements
    ]
    yield "demand_more", replace(problem, requirements=tuple(rows))


def measure_what_ifs(
    problem: Problem, last: Plan, progress: Callable[[Progress], None], gap: float = GAP
) -> list[WhatIf]:
    """Each change of `problem`, whose plan is `last`, solved to `gap`."""
    found = []
    for name, changed in list_changes(problem):
        again, anew = _solved(changed, last, progress, gap), _solved(changed, None, progress, gap)
        found.append(WhatIf(name, build_layout(build_instance(changed)), again, anew))
    return found


def describe_what_ifs(first_cpu: float, found: list[WhatIf]) -> list[dict[str, Any]]:
    """What was measured as values for JSON; ratios are of processor seconds, `first_cpu` those of the first solve."""
    return [
        {
            "change": row.change,
            "status": row.again.plan.status,
            "seconds": {"again": row.again.seconds, "anew": row.anew.seconds},
            "cpu": {"again": row.again.cpu, "anew": row.anew.cpu},
            "ratio_to_first": row.again.cpu / first_cpu,
            "ratio_to_anew": row.again.cpu / row.anew.cpu,
            "levels": [
                {
                    "name": level.name,
                    "value": level.value,
                    "gap": level.gap,
                    "rounds": {"again": row.again.rounds[level.name], "anew": row.anew.rounds[level.name]},
                    "difference": level.value - other.value,
                    "relative_difference": relative_difference(row.layout, level.name, level.value, other.value),
                }
                for level, other in zip(row.again.plan.levels, row.anew.plan.levels, strict=True)
            ],
        }
        for row in found
    ]


def _solved(problem: Problem, last: Plan | None, progress: Callable[[Progress], None], gap: float) -> Solved:
    rounds: dict[str, int] = {}

    def count(report: Progress) -> None:
        rounds[report.level] = max(report.round, rounds.get(report.level, 0))
        progress(report)

    began, cpu = time.perf_counter(), cpu_seconds()
    plan = solve(problem, progress=count, last=last, gap=gap)
    return Solved(plan, time.perf_counter() - began, cpu_seconds() - cpu, rounds)


def _scaled(amounts: Mapping[str, Series], factor: float) -> dict[str, Series]:
    return {code: tuple(factor * amount for amount in series) for code, series in amounts.items()}
