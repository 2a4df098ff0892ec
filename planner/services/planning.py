"""Plan runs: run the allocation over what the database holds, keep what came back, and read it again."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, sessionmaker, undefer

from models import PlanRun, RunStatus, Shortfall, SolveStatus
from planner import __version__
from planner.allocation import Plan, Problem, Progress, problem_sha256, solve
from planner.db import open_snapshot
from planner.errors import ConflictError, NotFoundError, PlannerError
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, require
from planner.services.plan_storage import newest_solved, pack_problem, rebuild_plan, save_plan, unpack_problem
from planner.services.problems import load_problem
from planner.text import N_, Phrase

__all__ = ["LONGEST_NAME", "RunInfo", "StoredPlan", "get_run", "list_plans", "load_plan", "load_problem", "run_plan"]

LONGEST_NAME: Final = 300
"""Characters of a plan run's name; what is longer is cut."""


@dataclass(frozen=True)
class RunInfo:
    """What a plan run is called and how it went. Times are aware; `created_by` is a full name, "" for the operator.

    `sha256` is of the input, `failure` the sentence of a run that failed, `seconds` the time that solving took.
    """

    code: str
    name: str
    status: RunStatus
    created_at: dt.datetime
    finished_at: dt.datetime | None
    created_by: str
    synthetic: bool
    sha256: str
    solver: str
    solve_status: SolveStatus | None
    planner_version: str
    seconds: float
    failure: str


@dataclass(frozen=True)
class StoredPlan:
    """A solved run: what went in and what came out."""

    info: RunInfo
    problem: Problem
    plan: Plan


def run_plan(
    sessions: sessionmaker[Session],
    actor: Actor,
    name: str,
    progress: Callable[[Progress], None] | None = None,
    *,
    reuse: bool = False,
) -> str:
    """Solve the database's problem as it is now, keep the plan, and return the run's code (`P-000001`).

    The problem is read in one snapshot, solved with no transaction open, and stored in one transaction. A solve that
    fails is stored as failed and its error raised (`NotSolvedError` where the solver came to no plan). With `reuse`,
    the newest solved run is returned instead if its input and the planner's version are the same.
    """
    require(actor, Permission.RUN_PLAN)
    started = dt.datetime.now(dt.UTC)
    with open_snapshot(sessions) as session:
        problem = load_problem(session)
        synthetic = is_synthetic(session)
        newest = newest_solved(session) if reuse else None
    sha256 = problem_sha256(problem)
    if newest and (newest.input_sha256, newest.planner_version) == (sha256, __version__):
        return newest.code
    run = PlanRun(
        name=name.strip()[:LONGEST_NAME],
        status=RunStatus.RUNNING,
        input_snapshot=pack_problem(problem),
        input_sha256=sha256,
        synthetic=synthetic,
        planner_version=__version__,
        created_at=started,
        created_by_id=actor.user_id,
    )
    try:
        plan = solve(problem, progress=progress)
    except Exception as error:
        with sessions.begin() as session:
            _add(session, run)
            _finish(run, RunStatus.FAILED, str(error) if isinstance(error, PlannerError) else repr(error))
        raise
    with sessions.begin() as session:
        _add(session, run)
        save_plan(session, run, plan)
        _finish(run, RunStatus.SOLVED)
    return run.code


def _add(session: Session, run: PlanRun) -> None:
    """Give `run` its row and, from the row's key, its code."""
    run.code = uuid.uuid4().hex
    session.add(run)
    session.flush()
    run.code = f"P-{run.id:06}"
    run.name = run.name or run.code


def _finish(run: PlanRun, status: RunStatus, failure: str = "") -> None:
    run.status = status
    run.failure = failure[:2000]
    run.finished_at = dt.datetime.now(dt.UTC)


def list_plans(session: Session, actor: Actor) -> tuple[RunInfo, ...]:
    """Every run, newest first."""
    require(actor, Permission.VIEW_PLANS)
    runs = select(PlanRun).options(joinedload(PlanRun.created_by)).order_by(PlanRun.id.desc())
    return tuple(_info(run) for run in session.scalars(runs))


def get_run(session: Session, actor: Actor, code: str) -> RunInfo:
    """How the run called `code` went, whether or not it has a plan; `NotFoundError` if there is none."""
    require(actor, Permission.VIEW_PLANS)
    run = session.scalar(select(PlanRun).options(joinedload(PlanRun.created_by)).where(PlanRun.code == code))
    if run is None:
        raise NotFoundError
    return _info(run)


def load_plan(session: Session, actor: Actor, code: str) -> StoredPlan:
    """The solved run called `code`, with its own input; `NotFoundError`, or `ConflictError` where it has no plan."""
    require(actor, Permission.VIEW_PLANS)
    run = session.scalar(
        select(PlanRun)
        .where(PlanRun.code == code)
        .options(
            joinedload(PlanRun.created_by),
            undefer(PlanRun.input_snapshot),
            selectinload(PlanRun.levels),
            selectinload(PlanRun.placements),
            selectinload(PlanRun.purchases),
            selectinload(PlanRun.shortfalls).selectinload(Shortfall.reasons),
            selectinload(PlanRun.pools),
            selectinload(PlanRun.services),
        )
    )
    if run is None:
        raise NotFoundError
    if run.status is not RunStatus.SOLVED:
        raise ConflictError(Phrase(N_("The plan run %(code)s has no plan."), {"code": code}))
    return StoredPlan(_info(run), unpack_problem(run.input_snapshot), rebuild_plan(run))


def _info(run: PlanRun) -> RunInfo:
    return RunInfo(
        code=run.code,
        name=run.name,
        status=run.status,
        created_at=run.created_at,
        finished_at=run.finished_at,
        created_by=run.created_by.full_name if run.created_by else "",
        synthetic=run.synthetic,
        sha256=run.input_sha256,
        solver=run.solver,
        solve_status=run.solve_status,
        planner_version=run.planner_version,
        seconds=run.seconds,
        failure=run.failure,
    )
