"""Measuring the engine on one problem: seconds by step, memory, and how general solvers do on the same LP.

Steps are timed from outside, at the engine's public functions: a level reports its own seconds, and what is repeated
alone to be timed (arrays, certificate) is not part of the solve's total.
"""

import os
import platform
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from statistics import median
from typing import Any, Final

from planner import __version__
from planner.allocation import GAP, Plan, Problem, Progress, solve
from planner.allocation.certificate import certify
from planner.allocation.explain import open_quote_book, open_view, quote
from planner.allocation.instance import Instance, build_instance
from planner.allocation.layout import Layout, build_layout
from planner.bench.compare import DirectRun, cpu_seconds
from planner.bench.model import count_options
from planner.bench.solvers import cbc_version

FORMAT: Final = "planner-bench/1"
PACKAGES: Final = ("highspy", "numpy", "pulp")
QUOTES: Final = 40


@dataclass(frozen=True, eq=False)
class Measured:
    """One solve to `gap`: rounds by level, seconds by the clock and (`cpu`) of the processors, peak memory in MiB.

    `book` seconds open the plan's prices for quotes; each of `quotes` is what one quote took. Both are the processor's:
    a quote is over before the clock of a busy machine says anything of it.
    """

    instance: Instance
    layout: Layout
    plan: Plan
    gap: float
    rounds: Mapping[str, int]
    build: float
    certificate: float
    book: float
    quotes: tuple[float, ...]
    total: float
    cpu: float
    memory_before: float
    memory_after: float

    @property
    def levels(self) -> float:
        """Seconds of all levels."""
        return sum(level.seconds for level in self.plan.levels)


def measure(problem: Problem, progress: Callable[[Progress], None], gap: float = GAP) -> Measured:
    """Solve `problem` to `gap`, and time what the solve is made of."""
    before = peak_memory()
    rounds: Counter[str] = Counter()

    def count(report: Progress) -> None:
        rounds[report.level] += 1
        progress(report)

    began, cpu = time.perf_counter(), cpu_seconds()
    plan = solve(problem, progress=count, gap=gap)
    total, cpu, after = time.perf_counter() - began, cpu_seconds() - cpu, peak_memory()
    began = time.perf_counter()
    instance = build_instance(problem)
    layout = build_layout(instance)
    build = time.perf_counter() - began
    began = time.perf_counter()
    certify(problem, plan.placements, plan.purchases, plan.levels)
    certificate = time.perf_counter() - began
    book, quotes = _time_quotes(problem, plan)
    return Measured(instance, layout, plan, gap, rounds, build, certificate, book, quotes, total, cpu, before, after)


def _time_quotes(problem: Problem, plan: Plan) -> tuple[float, tuple[float, ...]]:
    """Seconds to open the plan's prices, and to quote each of the first requirements as if it were a new one."""
    began = time.process_time()
    book = open_quote_book(open_view(problem, plan))
    opened = time.process_time() - began
    quotes = []
    for row in problem.requirements[:QUOTES]:
        began = time.process_time()
        quote(book, replace(row, code=f"{row.code}-new"))
        quotes.append(time.process_time() - began)
    return opened, tuple(quotes)


def describe(
    problem: Problem, seed: int, runs: Sequence[Measured], direct: Sequence[Sequence[DirectRun]]
) -> dict[str, Any]:
    """Everything measured as values for JSON: the fastest of `runs`, and the fastest of each solver's runs."""
    best = min(runs, key=lambda run: run.total)
    fastest = [min(of_solver, key=lambda run: (run.status != "solved", run.seconds)) for of_solver in direct]
    return {
        "format": FORMAT,
        "machine": describe_machine(),
        "problem": {
            "requirements": len(problem.requirements),
            "sites": len(problem.sites),
            "seed": seed,
            "fiscal_years": len(problem.fiscal_years),
            "resource_types": len(problem.resource_types),
            "options": count_options(best.instance),
            "rows": len(best.layout) + len(problem.requirements),
        },
        "solve": {
            **_describe_solve(best),
            "total_of_each_run": [run.total for run in runs],
            "peak_memory_mib": {"before": runs[0].memory_before, "after": runs[0].memory_after},
        },
        "compare": [_describe_direct(best, run) for run in fastest],
    }


def describe_machine() -> dict[str, Any]:
    """What the figures depend on; nothing that says whose machine it is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "planner": __version__,
        **{name: version(name) for name in PACKAGES},
        "cbc": cbc_version(),
    }


def peak_memory() -> float:
    """The most memory that this process has held so far, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _describe_solve(run: Measured) -> dict[str, Any]:
    return {
        "status": run.plan.status,
        "gap": run.gap,
        "seconds": {
            "build": run.build,
            "levels": run.levels,
            "certificate": run.certificate,
            "other": max(0.0, run.total - run.build - run.levels - run.certificate),
            "total": run.total,
            "cpu": run.cpu,
        },
        "quotes": {"count": len(run.quotes), "open_seconds": run.book, "median_seconds": _median(run.quotes)},
        "largest_gap": run.plan.certificate.largest_gap,
        "levels": [
            {
                "name": level.name,
                "value": level.value,
                "bound": level.bound,
                "gap": level.gap,
                "status": level.status,
                "rounds": run.rounds[level.name],
                "seconds": level.seconds,
            }
            for level in run.plan.levels
        ],
    }


def _median(amounts: Sequence[float]) -> float | None:
    return median(amounts) if amounts else None


def _describe_direct(ours: Measured, run: DirectRun) -> dict[str, Any]:
    """A comparison: its seconds count the arrays that both need, ours are those to the last level's value."""
    seconds = ours.build + run.seconds
    by_name = {level.name: level for level in ours.plan.levels}
    return {
        "solver": run.solver,
        "status": run.status,
        "seconds": {
            "build": ours.build + run.build,
            "levels": run.seconds - run.build,
            "total": seconds,
            "cpu": run.cpu,
        },
        "ratio": seconds / (ours.build + ours.levels),
        "ratio_to_whole": seconds / ours.total,
        "levels": [
            {
                **asdict(level),
                "difference": level.value - by_name[level.name].value,
                "relative_difference": relative_difference(
                    ours.layout, level.name, level.value, by_name[level.name].value
                ),
                "ratio": level.seconds / by_name[level.name].seconds,
            }
            for level in run.levels
        ],
    }


def relative_difference(layout: Layout, level: str, theirs: float, ours: float) -> float:
    """|theirs - ours| relative to the larger, with a floor at a thousandth of what is at stake, as gaps are."""
    stake = layout.at_stake[level] or float(layout.scale[layout.level[level]])
    return abs(theirs - ours) / max(abs(theirs), abs(ours), 1e-3 * stake)
