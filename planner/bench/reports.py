"""Measuring how fast a plan becomes a workbook, beside what writes the same rows plainly.

The plan is filled by hand, site after site, and not solved: its size is what matters here.
"""

import datetime as dt
import importlib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from openpyxl import Workbook

from planner.allocation import Plan, Problem, problem_sha256
from planner.allocation.instance import Floats, Instance, build_instance
from planner.allocation.plan import Certificate, LevelResult, Placement, PoolUse, Reason, Service, Shortfall
from planner.bench.compare import cpu_seconds
from planner.bench.run import describe_machine, peak_memory
from planner.i18n import translator
from planner.services.reporting import ReportInfo, build_allocation_report
from reports.values import Report
from reports.words import Plain, Words
from reports.workbook import render_report

FORMAT: Final = "planner-bench-reports/1"
Sheets: TypeAlias = Sequence[tuple[str, Sequence[Sequence[Plain]]]]
"""Titles of sheets, each with its rows."""
LEAST: Final = 1e-3
"""The least share that is placed."""


@dataclass(frozen=True)
class Written:
    """One way of writing: seconds by the clock and of the processors, and the bytes that came of it."""

    writer: str
    seconds: float
    cpu: float
    size: int


def fill_plan(problem: Problem) -> Plan:
    """A plan of `problem` that overdraws no pool: each requirement in turn goes where the most of it fits."""
    instance = build_instance(problem)
    free = instance.capacity.copy()
    placements, shortfalls = [], []
    for n, code in enumerate(instance.requirements):
        site, share = _best_site(instance, free, n)
        if share < LEAST:
            share = 0.0
        else:
            free[site] -= share * instance.demand[n]
            start = problem.fiscal_years[int(instance.start[n])]
            placements.append(Placement(code, instance.sites[site], None, start, share))
        if share < 1.0:
            shortfalls.append(Shortfall(code, 1.0 - share, _reasons(instance, free, n, site)))
    pools = tuple(
        PoolUse(_pool(instance, *at), float(limit), float(limit - free[at]), 0.0, None)
        for at, limit in np.ndenumerate(instance.capacity)
    )
    return Plan(
        problem_sha256=problem_sha256(problem),
        solver="none",
        status="feasible",
        levels=(LevelResult("priority", 0.0, 0.0, 0.0, "feasible", 0.0, 0.0),),
        placements=tuple(placements),
        purchases=(),
        shortfalls=tuple(shortfalls),
        pools=pools,
        service=tuple(Service(code, 0.0) for code in instance.ministries),
        certificate=Certificate(
            feasible=False, largest_violation=0.0, worst_rule="", checked=0, values_agree=False, largest_gap=0.0
        ),
    )


def _best_site(instance: Instance, free: Floats, n: int) -> tuple[int, float]:
    """The first site at which the most of requirement `n` fits, and that share."""
    sites, demand = np.flatnonzero(instance.allowed[n]), instance.demand[n]
    part = np.divide(free[sites], demand, out=np.ones((len(sites), *demand.shape)), where=demand > 0)
    shares = np.clip(part.min(axis=(1, 2)), 0.0, 1.0)
    best = int(shares.argmax())
    return int(sites[best]), float(shares[best])


def _reasons(instance: Instance, free: Floats, n: int, site: int) -> tuple[Reason, ...]:
    """That the fullest pool it needs is full, and that others were before it."""
    demand = instance.demand[n]
    left = np.divide(free[site], demand, out=np.full(demand.shape, np.inf), where=demand > 0)
    r, t = np.unravel_index(int(left.argmin()), demand.shape)
    pool = _pool(instance, site, int(r), int(t))
    need, limit = float(demand[r, t]), float(instance.capacity[site, r, t])
    return Reason("capacity", pool, {"need": need, "limit": limit}), Reason("outranked", pool, {"others": 2, "own": 1})


def _pool(instance: Instance, site: int, resource: int, year: int) -> str:
    return f"{instance.sites[site]}/{instance.types[resource]}/{instance.years[year]}"


def measure_report(problem: Problem, writers: Sequence[str], language: str = "th") -> dict[str, Any]:
    """The managers' workbook of a plan of `problem`, and plain workbooks of the same rows by `writers`, timed."""
    named = tuple(replace(row, title=f"ระบบให้บริการประชาชน {row.code}") for row in problem.requirements)
    problem = replace(problem, requirements=named)
    plan = fill_plan(problem)
    before = peak_memory()
    began, cpu = time.perf_counter(), cpu_seconds()
    report = build_allocation_report(problem, plan, ReportInfo("P-BENCH", "", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    built, built_cpu = time.perf_counter() - began, cpu_seconds() - cpu
    ours = _time("planner", lambda path: render_report(report, translator(language), language, path))
    after = peak_memory()
    sheets = plain_sheets(report, language)
    rows = sum(len(part) for _, part in sheets)
    others = [_time(name, partial(WRITERS[name], sheets)) for name in writers]
    return {
        "format": FORMAT,
        "machine": describe_machine() | {"openpyxl": version("openpyxl")},
        "plan": {
            "requirements": len(problem.requirements),
            "placements": len(plan.placements),
            "shortfalls": len(plan.shortfalls),
        },
        "report": {
            "sheets": len(sheets),
            "rows": rows,
            "cells": sum(len(row) for _, part in sheets for row in part),
            "build": {"seconds": built, "cpu": built_cpu},
            "write": _describe(ours, rows),
            "peak_memory_mib": {"before": before, "after": after},
        },
        "compare": [_describe(other, rows) | {"ratio": other.cpu / ours.cpu} for other in others],
    }


def plain_sheets(report: Report, language: str) -> Sheets:
    """The header and rows of every table of `report`, as its workbook has them but without looks."""
    words = Words(translator(language), language)
    return [
        (
            f"{number}",
            [
                [words.label(column.header) for column in table.columns],
                *([words.cell(cell) for cell in row] for row in table.rows),
            ],
        )
        for number, table in enumerate((table for section in report.sections for table in section.tables), 1)
    ]


def _time(writer: str, write: Callable[[Path], None]) -> Written:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        began, cpu = time.perf_counter(), cpu_seconds()
        write(path)
        return Written(writer, time.perf_counter() - began, cpu_seconds() - cpu, path.stat().st_size)


def _describe(written: Written, rows: int) -> dict[str, Any]:
    return asdict(written) | {"rows_per_second": rows / written.seconds}


def _write_openpyxl(sheets: Sheets, path: Path) -> None:
    workbook = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)


def _write_xlsxwriter(sheets: Sheets, path: Path) -> None:
    """It is installed with the tests alone, so it is not imported before it is asked for."""
    workbook = importlib.import_module("xlsxwriter").Workbook(path, {"constant_memory": True})
    for title, rows in sheets:
        sheet = workbook.add_worksheet(title)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    workbook.close()


WRITERS: Final[Mapping[str, Callable[[Sheets, Path], None]]] = {
    "openpyxl": _write_openpyxl,
    "xlsxwriter": _write_xlsxwriter,
}
"""Other ways to write the same rows, by name: plain values, no looks, no widths, no charts."""
