"""Plan runs: run the allocation over what the database holds, keep what came back, and read it again."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, sessionmaker, undefer

from models import JobKind, PlanRun, RunStatus, Shortfall, SolveStatus
from planner import __version__
from planner.allocation import Plan, Problem, Progress, solve
from planner.allocation.layout import POLICY
from planner.db import join_or_begin, open_snapshot
from planner.errors import ConflictError, NotFoundError
from planner.services.audit import record
from planner.services.jobs import Work, add_job, run_now
from planner.services.jobs.states import ending
from planner.services.lists import ListFilter, Place, load_newest
from planner.services.locking import lock
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, require
from planner.services.plan_storage import newest_solved, pack_problem, rebuild_plan, save_plan, unpack_problem
from planner.services.problems import load_problem
from planner.services.scenarios.loading import Origin, SweepPoint, apply_origin, load_origin
from planner.services.webhooks.events import Event
from planner.services.webhooks.outbox import announce
from planner.services.wording import level_phrase, progress_phrase
from planner.text import N_, Phrase

__all__ = [
    "LONGEST_NAME",
    "Inputs",
    "RunFilter",
    "RunInfo",
    "StoredPlan",
    "add_run",
    "execute_run",
    "find_plans",
    "get_run",
    "list_plans",
    "load_inputs",
    "load_plan",
    "load_problem",
    "queue_run",
    "run_plan",
]

LONGEST_NAME: Final = 300
"""Characters of a plan run's name; what is longer is cut."""


@dataclass(frozen=True)
class RunFilter(ListFilter):
    """Which plan runs: of a status, and of a scenario by its code."""

    status: str | None = None
    scenario: str | None = None


@dataclass(frozen=True)
class RunInfo:
    """What a plan run is called and how it went. Times are aware; `created_by` is a full name, "" for the operator.

    `sha256` is of the input, `failure` the sentence of a run that failed, `seconds` the time that solving took;
    `scenario` is the code of the scenario that it is a run of, None for the base.
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
    scenario: str | None


@dataclass(frozen=True)
class Inputs:
    """What a run works on, packed as it keeps it, whether any of it is made up, and what it is a run of."""

    snapshot: bytes
    sha256: str
    synthetic: bool
    origin: Origin

    @classmethod
    def of(cls, problem: Problem, *, synthetic: bool, origin: Origin) -> Self:
        """The inputs of a run of `problem`, which is let go. Packing takes its time: do it before a transaction."""
        return cls(*pack_problem(problem), synthetic, origin)


@dataclass(frozen=True)
class StoredPlan:
    """A solved run: what went in and what came out."""

    info: RunInfo
    problem: Problem
    plan: Plan


def queue_run(
    sessions: sessionmaker[Session],
    actor: Actor,
    name: str,
    *,
    scenario: str | None = None,
    within: Session | None = None,
) -> str:
    """Keep the problem as it is now, of the base or of a scenario, and queue its run; the run's code (`P-000001`).

    The problem is read in one snapshot, so edits meanwhile cannot mix with it. What is kept is so in the transaction of
    `within`, which has not begun yet, or in one of its own. `InvalidInputError` if the problem has faults.
    """
    require(actor, Permission.RUN_PLAN)
    with open_snapshot(sessions) as session:
        inputs = load_inputs(session, scenario)
    with join_or_begin(sessions, within) as session:
        return add_run(session, actor, name, inputs).code


def load_inputs(session: Session, scenario: str | None = None, point: SweepPoint | None = None) -> Inputs:
    """What a run of the base, of a scenario or of a sweep's point would work on. Read it in one snapshot."""
    origin = load_origin(session, scenario, point)
    problem = apply_origin(session, load_problem(session), origin)
    return Inputs.of(problem, synthetic=is_synthetic(session), origin=origin)


def add_run(session: Session, actor: Actor, name: str, inputs: Inputs) -> PlanRun:
    """A run of `inputs` and the job that does it, both in the caller's transaction."""
    require(actor, Permission.RUN_PLAN)
    lock(session, "run codes")  # so that they follow one another as the log does
    run = PlanRun(
        code=uuid.uuid4().hex,
        name=name.strip()[:LONGEST_NAME],
        status=RunStatus.QUEUED,
        input_snapshot=inputs.snapshot,
        input_sha256=inputs.sha256,
        synthetic=inputs.synthetic,
        planner_version=__version__,
        created_at=dt.datetime.now(dt.UTC),
        created_by_id=actor.user_id,
        **inputs.origin.columns(),
    )
    session.add(run)
    session.flush()
    run.code = f"P-{run.id:06}"
    run.name = run.name or run.code
    session.flush()
    add_job(session, actor, JobKind.PLAN_RUN, run.code)
    record(session, actor, "queued", f"plan:{run.code}")
    return run


def execute_run(work: Work) -> None:
    """Solve the run that waits and store its plan: what a job of kind `plan_run` does.

    No transaction is open while it is solved. `NotSolvedError` where the solver came to no plan.
    """
    with work.sessions() as session:
        snapshot = session.scalars(select(PlanRun.input_snapshot).where(PlanRun.code == work.subject)).one()
    problem = unpack_problem(snapshot)
    plan = solve(problem, progress=_telling(work, problem))
    with work.completing() as session:
        run = session.scalars(select(PlanRun).where(PlanRun.code == work.subject)).one()
        run.planner_version = __version__
        save_plan(session, run, plan)
        run.status = RunStatus.SOLVED
        run.finished_at = ending(run)
        announce(session, Event.RUN_FINISHED, {"code": run.code, "status": run.status.value})


def run_plan(
    sessions: sessionmaker[Session],
    actor: Actor,
    name: str,
    progress: Callable[[Phrase], None] | None = None,
    *,
    reuse: bool = False,
    scenario: str | None = None,
) -> str:
    """Queue a run and do it here and now; its code.

    A solve that fails is kept as failed and its error raised (`NotSolvedError` where the solver came to no plan). With
    `reuse`, the newest solved run is returned instead if its input and the planner's version are the same.
    """
    require(actor, Permission.RUN_PLAN)
    with open_snapshot(sessions) as session:
        inputs = load_inputs(session, scenario)
        newest = newest_solved(session) if reuse else None
    if newest and (newest.input_sha256, newest.planner_version) == (inputs.sha256, __version__):
        return newest.code
    with sessions.begin() as session:
        code = add_run(session, actor, name, inputs).code
    run_now(sessions, JobKind.PLAN_RUN, code, execute_run, progress)
    return code


def _telling(work: Work, problem: Problem) -> Callable[[Progress], None]:
    """Tells `work` what the solver reports, and its log when a level begins."""
    levels = (POLICY, *problem.policy.levels)
    begun: set[str] = set()

    def tell(progress: Progress) -> None:
        work.tell(progress_phrase(progress), levels.index(progress.level) / len(levels))
        if progress.level not in begun:
            begun.add(progress.level)
            work.note(Phrase(N_("Level begun: %(level)s"), {"level": level_phrase(progress.level)}))

    return tell


def list_plans(session: Session, actor: Actor) -> tuple[RunInfo, ...]:
    """Every run, newest first."""
    require(actor, Permission.VIEW_PLANS)
    runs = select(PlanRun).options(joinedload(PlanRun.created_by)).order_by(PlanRun.id.desc())
    return tuple(_info(run) for run in session.scalars(runs))


def find_plans(session: Session, actor: Actor, wanted: RunFilter) -> tuple[tuple[RunInfo, ...], Place | None]:
    """The runs that `wanted` lets through, `page_size` of them behind `after`, newest first; where more follow, if any.

    Two queries, which read no other runs: there may be thousands.
    """
    require(actor, Permission.VIEW_PLANS)
    query = select(PlanRun).options(joinedload(PlanRun.created_by))
    if wanted.status is not None:
        query = query.where(PlanRun.status == RunStatus(wanted.status))
    if wanted.scenario is not None:
        query = query.where(PlanRun.scenario == wanted.scenario)
    found = load_newest(session, query, PlanRun.code, wanted)
    return tuple(_info(row[0]) for row in found.rows), found.last


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
        scenario=run.scenario,
    )
