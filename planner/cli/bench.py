"""`planner bench`: how long the engine takes, on what size, and against whom."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from planner.bench.compare import run_direct
from planner.bench.problems import bench_problem
from planner.bench.reports import WRITERS, measure_report
from planner.bench.run import describe, measure
from planner.bench.solvers import SOLVERS
from planner.bench.what_if import describe_what_ifs, measure_what_ifs
from planner.bench.workforce import bench_problem as bench_closing_problem
from planner.bench.workforce import describe_workforce, measure_workforce
from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.cli.plans import solver_progress, with_gap
from planner.text import N_

COUNT = click.IntRange(min=1)


def _named(known: Collection[str]) -> Callable[[click.Context, click.Parameter, str], Sequence[str]]:
    """Reads names of `known`, separated by commas."""

    def read(_context: click.Context, _option: click.Parameter, text: str) -> Sequence[str]:
        names = list(dict.fromkeys(name for name in text.split(",") if name))
        if unknown := [name for name in names if name not in known]:
            raise click.BadParameter(f"{', '.join(unknown)} (choose from {', '.join(known)})")
        return names

    return read


@click.group("bench", invoke_without_command=True)
@click.option("--requirements", type=COUNT, default=500, show_default=True, help="Requirements of the problem.")
@click.option("--sites", type=COUNT, default=5, show_default=True, help="Sites of the problem.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed: the same, the same problem."
)
@click.option(
    "--compare",
    metavar=",".join(SOLVERS),
    default="",
    callback=_named(SOLVERS),
    help="General solvers to give the whole LP to: HiGHS dual simplex, primal simplex, interior point; CBC.",
)
@with_gap
@click.option("--time-limit", type=COUNT, default=600, show_default=True, help="Seconds for each comparison.")
@click.option("--what-if", is_flag=True, help="Change one thing, three times, and solve from the plan and anew.")
@click.option("--repeat", type=COUNT, default=1, show_default=True, help="Measure so often; the fastest counts.")
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def bench(
    console: Console,
    *,
    requirements: int,
    sites: int,
    seed: int,
    compare: Sequence[str],
    gap: float,
    time_limit: int,
    what_if: bool,
    repeat: int,
    out: Path | None,
) -> None:
    """Measure the engine on a made-up problem, and print JSON (docs/benchmarks.md).

    Exit codes: 0 measured, whatever the figures, 2 bad usage, 3 not solved.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    with console.step(N_("Making a problem of %(count)s requirements"), count=requirements):
        problem = bench_problem(requirements, sites, seed)
    runs = []
    for _ in range(repeat):
        with console.step(N_("Solving %(count)s requirements"), count=requirements) as update:
            runs.append(measure(problem, solver_progress(update), gap))
    instance, layout = runs[0].instance, runs[0].layout
    direct = []
    for solver in compare:
        with console.step(N_("Comparing with %(solver)s"), solver=solver):
            direct.append([run_direct(instance, layout, solver, time_limit) for _ in range(repeat)])
    measured = describe(problem, seed, runs, direct)
    if what_if:
        with console.step(N_("Solving %(count)s requirements"), count=requirements) as update:
            found = measure_what_ifs(problem, runs[0].plan, solver_progress(update), gap)
        measured["what_if"] = describe_what_ifs(min(run.cpu for run in runs), found)
    _give(measured, out)


@bench.command("reports")
@click.option("--requirements", type=COUNT, default=3_000, show_default=True, help="Requirements of the plan.")
@click.option("--sites", type=COUNT, default=7, show_default=True, help="Sites of the plan.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed: the same, the same plan.")
@click.option(
    "--compare",
    metavar=",".join(WRITERS),
    default="",
    callback=_named(WRITERS),
    help="Libraries to write the same rows with, plainly.",
)
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def reports(
    console: Console, *, requirements: int, sites: int, seed: int, compare: Sequence[str], out: Path | None
) -> None:
    """Measure how fast a plan becomes the managers' workbook, and print JSON (docs/benchmarks.md).

    The plan is made up, not solved. Exit codes: 0 measured, whatever the figures, 2 bad usage.
    """
    with console.step(N_("Making a problem of %(count)s requirements"), count=requirements):
        problem = bench_problem(requirements, sites, seed)
    with console.step(N_("Writing workbooks")):
        measured = measure_report(problem, compare)
    _give(measured, out)


@bench.command("workforce")
@click.option("--agencies", type=COUNT, default=100, show_default=True, help="Agencies of the register.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed: the same, the same register."
)
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def workforce(console: Console, *, agencies: int, seed: int, out: Path | None) -> None:
    """Measure coverage of a made-up register and the plan that closes its gaps, and print JSON (docs/workforce.md).

    Beside it stands the classical manpower-planning model, by PuLP and by HiGHS directly. Exit codes: 0 measured,
    whatever the figures, 2 bad usage, 3 not solved.
    """
    with console.step(N_("Making a register of %(count)s agencies"), count=agencies):
        problem = bench_closing_problem(agencies, seed)
    with console.step(N_("Closing the gaps of %(count)s agencies"), count=agencies):
        measured, _ = measure_workforce(problem)
    _give(describe_workforce(measured, seed), out)


def _give(measured: Mapping[str, Any], out: Path | None) -> None:
    text = json.dumps(measured, indent=2)
    if out is None:
        click.echo(text)
    else:
        with replacing(out) as stream:
            stream.write(f"{text}\n".encode())
