"""`planner kill-test`: kill workers with -9 and stop them in the middle of their work, and see what becomes of it."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from models import Job, JobLine, JobStatus, Placement, PlanRun, RunStatus, Shortfall
from planner import __version__, db
from planner.allocation import Problem, solve
from planner.bench.problems import bench_problem
from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.services.jobs.states import DONE, UNFINISHED
from planner.services.permissions import OPERATOR
from planner.services.planning import Inputs, add_run, load_plan
from planner.services.scenarios.loading import Origin
from planner.text import N_

PATIENCE: Final = 3
"""Seconds after which the workers of a test take another for lost."""
LOOK: Final = 0.02
"""Seconds between two looks at the jobs."""
STOPPED: Final = 20.0
"""Seconds that a stopped worker sleeps at most: one that holds SQLite's lock keeps everybody waiting."""
LONGEST: Final = 300.0
"""Seconds until the work must be done once nobody is killed any more."""
COUNT = click.IntRange(min=0)


@dataclass(frozen=True)
class Toll:
    """What a campaign came to. Everything after `seconds` counts what must not happen.

    `in_hand` counts the kills and stops that met a job in the worker's hands, `attempts` how often jobs were begun.
    """

    runs: int
    solved: int
    kills: int
    stops: int
    in_hand: int
    attempts: int
    seconds: float
    lost: int
    done_twice: int
    half_stored: int
    different: int

    @property
    def sound(self) -> bool:
        """Whether nothing happened that must not."""
        return not (self.lost or self.done_twice or self.half_stored or self.different)


@click.command("kill-test")
@click.option("--database", metavar="URL", help="An empty database of the newest tables; a SQLite file unless given.")
@click.option("--runs", type=click.IntRange(1), default=40, show_default=True, help="Plan runs to queue.")
@click.option("--requirements", type=click.IntRange(1), default=300, show_default=True, help="Requirements of each.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Workers at a time.")
@click.option("--kills", type=COUNT, default=20, show_default=True, help="Workers to kill with -9 at work.")
@click.option("--stops", type=COUNT, default=5, show_default=True, help="Workers to stop at work and wake up too late.")
@click.option("--seed", type=COUNT, default=0, show_default=True, help="Seed of the moments.")
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def kill_test(
    console: Console,
    *,
    database: str | None,
    runs: int,
    requirements: int,
    workers: int,
    kills: int,
    stops: int,
    seed: int,
    out: Path | None,
) -> None:
    """Kill workers at random moments while they solve, and print JSON: jobs survived, jobs killed.

    Exit codes: 0 every run was solved, once and whole; 1 one was not.
    """
    with tempfile.TemporaryDirectory(prefix="planner-kill-") as folder:
        url = database or f"sqlite:///{Path(folder, 'planner.db')}"
        engine = db.open_engine(url)
        db.migrate(engine)
        with console.step(N_("Killing workers at work")):
            toll = Campaign(db.open_sessions(engine), url, bench_problem(requirements, 5, seed), seed).run(
                runs, workers, kills, stops
            )
        dialect = engine.dialect.name
        engine.dispose()
    written = json.dumps({"planner": __version__, "database": dialect, "workers": workers, **asdict(toll)}, indent=2)
    if out is None:
        click.echo(written)
    else:
        with replacing(out) as stream:
            stream.write(f"{written}\n".encode())
    if not toll.sound:
        raise click.exceptions.Exit(1)


class Campaign:
    """Workers as processes of their own on one database, of which one after the other is killed or stopped."""

    def __init__(self, sessions: sessionmaker[Session], url: str, problem: Problem, seed: int) -> None:
        self._sessions, self._problem = sessions, problem
        self._environ = {**os.environ, "PLANNER_DATABASE_URL": url}
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        self._names = (f"kill-{os.getpid()}-{number}" for number in itertools.count(1))
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._struck: Counter[signal.Signals] = Counter()
        self._in_hand = self._half_stored = 0

    def run(self, runs: int, workers: int, kills: int, stops: int) -> Toll:
        """Queue `runs`, keep so many `workers` at them, kill and stop as told, and count when all is done."""
        began = time.monotonic()
        expected = solve(self._problem)
        with self._sessions.begin() as session:
            inputs = Inputs.of(self._problem, synthetic=True, origin=Origin(None, ()))
            for number in range(1, runs + 1):
                add_run(session, OPERATOR, str(number), inputs)
        fates = [signal.SIGKILL] * kills + [signal.SIGSTOP] * stops
        self._random.shuffle(fates)
        with self._at_work(workers):
            for fate in fates:
                self._strike(fate, expected.seconds)
            self._wait(lambda session: not _unfinished(session))
        with self._sessions() as session:
            attempts = session.scalar(select(func.sum(Job.attempt)))
            ended = session.scalars(select(JobLine.job_id).where(JobLine.text["msgid"].as_string() == DONE.msgid)).all()
            solved = session.scalars(select(PlanRun.code).where(PlanRun.status == RunStatus.SOLVED)).all()
            plans = [load_plan(session, OPERATOR, code).plan for code in solved]
        return Toll(
            runs=runs,
            solved=len(plans),
            kills=self._struck[signal.SIGKILL],
            stops=self._struck[signal.SIGSTOP],
            in_hand=self._in_hand,
            attempts=attempts or 0,
            seconds=round(time.monotonic() - began, 1),
            lost=runs - len(plans),
            done_twice=len(ended) - len(set(ended)),
            half_stored=self._half_stored,
            different=sum(plan.placements != expected.placements for plan in plans),
        )

    @contextmanager
    def _at_work(self, workers: int) -> Iterator[None]:
        try:
            for _ in range(workers):
                self._hire()
            yield
        finally:
            for process in self._workers.values():
                process.kill()
                process.wait()

    def _hire(self) -> None:
        name = next(self._names)
        command = [sys.executable, "-m", "planner", "worker", "--executor", name, "--patience", str(PATIENCE)]
        self._workers[name] = subprocess.Popen(command, env=self._environ, stdout=subprocess.DEVNULL)  # noqa: S603 - our own

    def _strike(self, fate: signal.Signals, usual: float) -> None:
        """Kill a worker that has begun something and hire another, or stop it until what it had was given away."""
        self._wait(lambda session: bool(self._busy(session)) or not _unfinished(session))
        with self._sessions() as session:
            busy = self._busy(session)
        if not busy:
            return
        name = self._random.choice(busy)
        time.sleep(self._random.uniform(0, 1.5 * usual))
        process = self._workers[name]
        process.send_signal(fate)
        self._struck[fate] += 1
        with self._sessions() as session:
            held = [(job.id, job.attempt) for job in _running(session) if job.executor == name]
            self._half_stored += _count_half_stored(session)
        self._in_hand += len(held)
        if fate is signal.SIGSTOP:
            self._wait(lambda session: all(session.get_one(Job, key).attempt > was for key, was in held), STOPPED)
            process.send_signal(signal.SIGCONT)
        else:
            process.wait()
            del self._workers[name]
            self._hire()

    def _busy(self, session: Session) -> list[str]:
        """The workers that have a job in hand."""
        return [job.executor for job in _running(session) if job.executor in self._workers]

    def _wait(self, until: Callable[[Session], bool], seconds: float = LONGEST) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._sessions() as session:
                if until(session):
                    return
            time.sleep(LOOK)


def _running(session: Session) -> Sequence[Job]:
    return session.scalars(select(Job).where(Job.status == JobStatus.RUNNING).order_by(Job.id)).all()


def _unfinished(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.status.in_(UNFINISHED))) or 0


def _count_half_stored(session: Session) -> int:
    """How many runs that have no plan have parts of one."""
    parts = select(Placement.run_id).union(select(Shortfall.run_id)).subquery()
    unsolved = select(func.count()).select_from(PlanRun).where(PlanRun.status != RunStatus.SOLVED)
    return session.scalar(unsolved.where(PlanRun.id.in_(select(parts)))) or 0
