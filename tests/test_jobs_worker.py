"""Workers as processes of their own, on both databases: killed with -9, stopped and woken up too late, told to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from models import Job, JobKind, JobStatus, PlanRun, RunStatus, Worker
from planner.allocation import solve
from planner.allocation.engine import DIRECT
from planner.bench.problems import bench_problem
from planner.cli.killing import Campaign
from planner.cli.supervising import Supervisor
from planner.jobs.worker import system_url
from planner.services.jobs import cancel_job, load_job
from planner.services.jobs.states import NOTHING_YET, Ticket
from planner.services.permissions import OPERATOR
from planner.services.planning import Inputs, add_run
from planner.services.scenarios.loading import Origin

LONGEST = 60.0
"""Seconds that anything may take on a busy machine."""


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    """The address of a database on which DBOS has nothing yet, and leaves nothing."""
    yield engine.url.render_as_string(hide_password=False)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))


def queue(sessions: sessionmaker[Session], requirements: int) -> str:
    with sessions.begin() as session:
        inputs = Inputs.of(bench_problem(requirements, 5), synthetic=True, origin=Origin(None, ()))
        return add_run(session, OPERATOR, "x", inputs).code


def wait(sessions: sessionmaker[Session], until: Callable[[Session], bool]) -> None:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        with sessions() as session:
            if until(session):
                return
        time.sleep(0.01)
    pytest.fail("it took too long")


def begin_in_dbos_alone(url: str, ticket: Ticket, executor: str) -> None:
    """Have DBOS take `ticket` for begun by `executor`, as where the disk was full when it was and when it ended."""
    engine = create_engine(system_url(url))
    table = "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"
    begin = f"UPDATE {table} SET status = 'PENDING', executor_id = :executor WHERE workflow_uuid = :id"  # noqa: S608
    end = time.monotonic() + LONGEST
    known = 0
    while not known and time.monotonic() < end:
        with engine.begin() as connection:
            known = connection.execute(text(begin), {"executor": executor, "id": ticket.workflow_id}).rowcount
        time.sleep(0.05)
    engine.dispose()
    assert known == 1


def status(code: str, *wanted: JobStatus) -> Callable[[Session], bool]:
    return lambda session: session.scalar(select(Job.status).where(Job.subject == code)) in wanted


def test_where_dbos_keeps_its_tables():
    assert system_url("sqlite:////var/lib/planner/planner.db") == "sqlite:////var/lib/planner/planner.jobs.db"
    assert system_url("postgresql+psycopg://u:p@h/planner") == "postgresql+psycopg://u:p@h/planner"


def test_no_run_is_lost_doubled_or_half_stored_whatever_happens_to_its_worker(sessions, url):
    toll = Campaign(sessions, url, bench_problem(200, 5), seed=1).run(runs=5, workers=2, kills=3, stops=1)
    assert toll.sound, toll
    assert toll.solved == 5
    assert toll.attempts >= 5
    assert toll.kills + toll.stops > 0


def test_a_worker_cancels_within_a_second_or_so_makes_good_an_older_copy_and_hands_back_in_the_end(sessions, url):
    solve(bench_problem(DIRECT + 1, 4))  # for the worker to find the loops compiled, in which it hears nothing
    long, next_one = queue(sessions, 10_000), queue(sessions, 30_000)  # the latter outlasts all that follows
    command = [sys.executable, "-m", "planner", "worker", "--executor", "only", "--patience", "3"]
    environ = {**os.environ, "PLANNER_DATABASE_URL": url}
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as worker:
        try:
            wait(sessions, lambda session: load_job(session, OPERATOR, "plan_run", long).progress is not None)
            asked = time.monotonic()
            with sessions.begin() as session:
                cancel_job(session, OPERATOR, "plan_run", long)
            wait(sessions, status(long, JobStatus.CANCELLED))
            assert time.monotonic() - asked < 3
            wait(sessions, status(next_one, JobStatus.RUNNING))
            with sessions.begin() as session:  # as an older copy has it; DBOS takes that attempt for done
                session.execute(update(Job).where(Job.subject == long).values(**NOTHING_YET, status=JobStatus.QUEUED))
                session.execute(update(PlanRun).where(PlanRun.code == long).values(status=RunStatus.QUEUED))
            wait(sessions, lambda session: load_job(session, OPERATOR, "plan_run", long).attempt == 2)
            begin_in_dbos_alone(url, Ticket(JobKind.PLAN_RUN, long, 2), "only")
            wait(sessions, lambda session: load_job(session, OPERATOR, "plan_run", long).attempt == 3)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(LONGEST) == 0
        finally:
            worker.kill()
    with sessions() as session:
        jobs = {job.subject: (job.status, job.attempt, job.losses) for job in session.scalars(select(Job))}
        assert jobs == {long: (JobStatus.QUEUED, 3, 2), next_one: (JobStatus.QUEUED, 2, 0)}
        assert {run.status for run in session.scalars(select(PlanRun))} == {RunStatus.QUEUED}
        assert session.scalars(select(Worker)).all() == []


def test_a_supervised_worker_is_replaced_when_it_is_killed_and_ends_with_its_supervisor(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sessions = sessionmaker(sqlite_engine, expire_on_commit=False)
    monkeypatch.setenv("PLANNER_DATABASE_URL", str(sqlite_engine.url))
    monkeypatch.chdir(tmp_path)
    supervisor = Supervisor()
    supervisor.start()
    try:
        wait(sessions, lambda session: session.scalar(select(Worker)) is not None)
        code = queue(sessions, 3000)
        wait(sessions, status(code, JobStatus.RUNNING))
        first = supervisor.process
        first.kill()
        wait(sessions, lambda session: session.scalar(select(Job.attempt)) == 2)
        wait(sessions, status(code, JobStatus.RUNNING, JobStatus.DONE))
        assert supervisor.process is not first
    finally:
        supervisor.stop()
    assert supervisor.process.poll() is not None
