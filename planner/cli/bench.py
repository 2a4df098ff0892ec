"""`planner bench`: how long the engine takes, on what size, and against whom."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from planner.bench.compare import run_direct
from planner.bench.problems import bench_problem
from planner.bench.run import describe, measure
from planner.bench.solvers import SOLVERS
from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.cli.plans import solver_progress
from planner.text import N_

COUNT = click.IntRange(min=1)


def _solvers(_context: click.Context, _option: click.Parameter, text: str) -> Sequence[str]:
    """The solvers that `text` names, separated by commas."""
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    if unknown := [name for name in names if name not in SOLVERS]:
        raise click.BadParameter(f"{', '.join(unknown)} (choose from {', '.join(SOLVERS)})")
    return names


@click.command("bench")
@click.option("--requirements", type=COUNT, default=500, show_default=True, help="Requirements of the problem.")
@click.option("--sites", type=COUNT, default=5, show_default=True, help="Sites of the problem.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed: the same, the same problem."
)
@click.option(
    "--compare",
    metavar=",".join(SOLVERS),
    default="",
    callback=_solvers,
    help="General solvers to give the whole LP to: HiGHS dual simplex, primal simplex, interior point; CBC.",
)
@click.option("--time-limit", type=COUNT, default=600, show_default=True, help="Seconds for each comparison.")
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
    time_limit: int,
    repeat: int,
    out: Path | None,
) -> None:
    """Measure the engine on a made-up problem, and print JSON (docs/benchmarks.md).

    Exit codes: 0 measured, whatever the figures, 2 bad usage, 3 not solved.
    """
    with console.step(N_("Making a problem of %(count)s requirements"), count=requirements):
        problem = bench_problem(requirements, sites, seed)
    runs = []
    for _ in range(repeat):
        with console.step(N_("Solving %(count)s requirements"), count=requirements) as update:
            runs.append(measure(problem, solver_progress(update)))
    instance, layout = runs[0].instance, runs[0].layout
    direct = []
    for solver in compare:
        with console.step(N_("Comparing with %(solver)s"), solver=solver):
            direct.append([run_direct(instance, layout, solver, time_limit) for _ in range(repeat)])
    text = json.dumps(describe(problem, seed, runs, direct), indent=2)
    if out is None:
        click.echo(text)
    else:
        with replacing(out) as stream:
            stream.write(f"{text}\n".encode())
