"""`planner fuzz`: give every reader of files from outside spoiled ones, and see that each is taken or refused."""

import json
from pathlib import Path
from typing import Any, Final

import click

from planner import __version__
from planner.cli.console import Console, speaks
from planner.cli.files import FILE, FOLDER, replacing
from planner.cli.fuzz.running import Tally, campaign, write_cases
from planner.cli.fuzz.targets import TARGETS
from planner.text import N_, Phrase

ENDLESS: Final = 10**9
MEGABYTE: Final = 1024 * 1024


@click.command("fuzz")
@click.argument("targets", metavar="[TARGET]...", nargs=-1, type=click.Choice(sorted(TARGETS)))
@click.option("--seconds", type=click.FloatRange(1), default=60, show_default=True, help="How long to go on.")
@click.option("--cases", type=click.IntRange(1), default=ENDLESS, help="Cases of each target at most.")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, help="Number of the first case.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the cases.")
@click.option("--patience", type=click.FloatRange(0.1), default=20, show_default=True, help="Seconds a case may take.")
@click.option("--keep", type=FOLDER, help="Folder for the files that show a defect.")
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def fuzz(
    console: Console,
    *,
    targets: tuple[str, ...],
    seconds: float,
    cases: int,
    first: int,
    seed: int,
    patience: float,
    keep: Path | None,
    out: Path | None,
) -> None:
    """Give the readers of workbooks, catalogues, problems, plans, attachments and backups spoiled files, print JSON.

    TARGETs are all unless named. The same seed and number give the same file, so a defect is seen again with `--first`
    and `--cases 1`.

    Exit codes: 0 every file was taken or refused; 1 one was not.
    """
    names = targets or tuple(sorted(TARGETS))
    numbers = range(first, first + cases)
    tally = Tally()
    with console.step(N_("Reading spoiled files")) as update:
        for outcome in campaign(names, numbers, seed=seed, seconds=seconds, patience=patience):
            if tally.add(outcome):
                click.echo(f"\n{outcome.target} {outcome.number}: {outcome.result}", err=True)
            update(Phrase(N_("%(count)s files, %(defects)s defects"), _progress(tally)))
    if keep:
        write_cases([(name, number) for (name, _), number in tally.defects.items()], seed, keep)
    written = json.dumps({"planner": __version__, "seed": seed, **_figures(tally)}, indent=2, ensure_ascii=False)
    if out is None:
        click.echo(written)
    else:
        with replacing(out) as stream:
            stream.write(f"{written}\n".encode())
    if tally.defects:
        raise click.exceptions.Exit(1)


def _progress(tally: Tally) -> dict[str, int]:
    return {"count": tally.cases.total(), "defects": len(tally.defects)}


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "cases": tally.cases.total(),
        "peak_memory_mb": round(tally.memory / MEGABYTE),
        "targets": {
            name: {
                "cases": count,
                "refused": tally.refused[name],
                "slowest_cpu_s": round(tally.slowest[name][0], 3),
                "slowest_case": tally.slowest[name][1],
            }
            for name, count in sorted(tally.cases.items())
        },
        "defects": [
            {"target": name, "case": number, "what": what} for (name, what), number in sorted(tally.defects.items())
        ],
    }
