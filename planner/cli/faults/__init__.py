"""`planner fault-test`: break an installation at work, again and again, and see that nothing comes to harm."""

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from planner import __version__, db
from planner.cli.console import Console, speaks
from planner.cli.faults.breaches import Breach
from planner.cli.faults.checks import count_orphans, count_unfinished, find_breaches
from planner.cli.faults.databases import open_database
from planner.cli.faults.hooks import Receiver, open_receiver
from planner.cli.faults.installation import LOOK, Installation
from planner.cli.faults.ledger import Outcome
from planner.cli.faults.people import Crew
from planner.cli.faults.strikes import ANSWERED, BALLAST, OF_SERVERS, STRIKES
from planner.cli.faults.trades import trade_of
from planner.cli.faults.world import found_world
from planner.cli.files import FILE, FOLDER, replacing
from planner.text import N_

BEFORE: Final = (0.2, 2.5)
"""Between so many seconds people work before something breaks."""
AFTER: Final = 0.7
"""Seconds that they work once everything is up again."""
LONGEST: Final = 600.0
"""Seconds until all jobs must be done and all messages delivered once nothing breaks any more."""


@dataclass
class Toll:
    """What the rounds of one strike came to. `answers` counts by status, 0 for no answer; `down` is in seconds."""

    rounds: int = 0
    down: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    breaches: list[Breach] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """The toll as it is printed. `defects` counts answers with 500; `down` is the longest time."""
        return {
            "rounds": self.rounds,
            "longest_down_seconds": round(max(self.down, default=0.0), 1),
            "answers": {str(status): count for status, count in sorted(self.answers.items())},
            "breaches": [asdict(breach) for breach in self.breaches],
        }


@click.command("fault-test")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=24, show_default=True, help="How often something breaks.")
@click.option("--strike", "names", type=click.Choice([*STRIKES]), multiple=True, help="What breaks; all unless given.")
@click.option("--disk", type=FOLDER, help="A small file system of its own, that may be filled to the last byte.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the moments.")
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def fault_test(
    console: Console,
    *,
    database: str,
    rounds: int,
    names: Sequence[str],
    disk: Path | None,
    seed: int,
    out: Path | None,
) -> None:
    """Kill, starve and confuse an installation at work, and print JSON: what was done, and what came to harm.

    A server, a worker and a database of its own run on this machine; six people and a program enter, import,
    submit, approve, run, publish and have workbooks made meanwhile, and a webhook is told. After each strike the
    database, the files and the messages are held against what they were told.
    Exit codes: 0 nothing was lost, doubled or done by halves; 1 something was.
    """
    chosen = [name for name in names or STRIKES if database == "postgresql" or name not in OF_SERVERS]
    if database == "postgresql" and not disk:  # its files can be kept from growing by nothing else
        chosen = [name for name in chosen if name != "disk"]
    if not chosen:
        raise click.UsageError("None of these strikes can be tried here.")
    with tempfile.TemporaryDirectory(prefix="planner-fault-", dir=disk) as name:
        folder = Path(name)
        folder.chmod(0o755)  # a server of PostgreSQL may run as somebody else
        if disk:
            (folder / BALLAST).touch()
        with (
            open_database(database, folder) as opened,
            open_receiver(folder) as receiver,
            console.step(N_("Breaking an installation at work")),
        ):
            installation = Installation(opened, folder, receiver.environ)
            result = Campaign(installation, receiver, seed).run(chosen, rounds)
    written = json.dumps({"planner": __version__, "database": database, "seed": seed, **result}, indent=2)
    if out is None:
        click.echo(written)
    else:
        with replacing(out) as stream:
            stream.write(f"{written}\n".encode())
    if not result["sound"]:
        raise click.exceptions.Exit(1)


class Campaign:
    """Strikes at an installation, one a round."""

    def __init__(self, installation: Installation, receiver: Receiver, seed: int) -> None:
        self._installation, self._receiver = installation, receiver
        self._chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        engine = db.open_engine(installation.database.url)
        db.migrate(engine)
        self._sessions = db.open_sessions(engine)
        with self._sessions.begin() as session:
            self._crew = Crew(found_world(session, receiver.place), installation.port, seed, trade_of)

    def run(self, names: Sequence[str], rounds: int) -> dict[str, Any]:
        """So many rounds, the strikes by turns; then wait until all work is done, and look once more."""
        began = time.monotonic()
        tolls = {name: Toll() for name in names}
        ledger = self._crew.ledger
        known: set[Breach] = set()
        with self._installation.running():
            for number in range(rounds):
                toll = tolls[names[number % len(names)]]
                ledger.answers.clear()
                toll.down.append(self._round(names[number % len(names)]))
                toll.rounds += 1
                toll.answers += ledger.answers
                found = [breach for breach in self._look() if breach not in known]
                if found or ledger.answers[500]:
                    click.echo(self._installation.log(), err=True)
                known.update(found)
                toll.breaches += found
            left = self._finish()
            last = [breach for breach in self._look() if breach not in known]
        noticed = [name for name in ANSWERED & tolls.keys() if any(_unwell(code) for code in tolls[name].answers)]
        defects = sum(toll.answers[500] for toll in tolls.values())
        result = {
            "rounds": rounds,
            "seconds": round(time.monotonic() - began, 1),
            "deeds": _by_kind(ledger.deeds),
            "strikes": {name: toll.summary() for name, toll in tolls.items()},
            "breaches_in_the_end": [asdict(breach) for breach in last],
            "work_left": left,
            "defects_shown": defects,
            "noticed_though_it_must_not_be": noticed,
            "messages": len(self._receiver.got),
            "orphaned_files": count_orphans(self._sessions, self._installation.attachments),
            "sound": not (known or last or left or defects or noticed),
        }
        self._sessions.kw["bind"].dispose()
        return result

    def _round(self, name: str) -> float:
        """Let people work, strike, put right what does not run, let them work on; the seconds that it was down."""
        with self._crew.at_work():
            time.sleep(self._chance.uniform(*BEFORE))
            struck = time.monotonic()
            STRIKES[name](self._installation, self._chance)
            self._installation.heal()
            down = time.monotonic() - struck
            time.sleep(AFTER)
        return down

    def _look(self) -> list[Breach]:
        return find_breaches(self._sessions, self._crew.ledger, self._installation.attachments, self._receiver.got)

    def _finish(self) -> int:
        """Wait until no job is left and no message is due; how many still are when patience is over."""
        end = time.monotonic() + LONGEST
        while True:
            with self._sessions() as session:
                left = count_unfinished(session)
            if not left or time.monotonic() > end:
                return left
            time.sleep(LOOK)


def _unwell(status: int) -> bool:
    return status == 0 or status >= 500


def _by_kind(deeds: dict[tuple[str, str], Outcome]) -> dict[str, dict[str, int]]:
    """How many deeds of each kind came to what."""
    counted: dict[str, Counter[str]] = {}
    for (kind, _), outcome in deeds.items():
        counted.setdefault(kind, Counter())[outcome.name.lower()] += 1
    return {kind: dict(counts) for kind, counts in counted.items()}
