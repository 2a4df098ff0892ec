"""A plan into its tables, and the same plan back out of them."""

import dataclasses
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select
from sqlalchemy.orm import Session

import models
from models import PlanRun
from planner.allocation import (
    Certificate,
    LevelResult,
    Placement,
    Plan,
    PoolUse,
    Problem,
    Purchase,
    Reason,
    Service,
    Shortfall,
    dump_problem,
    read_problem,
)


def pack_problem(problem: Problem) -> tuple[bytes, str]:
    """The canonical text of `problem`, compressed, as a run keeps it; and its SHA-256, for which it is written once."""
    text = dump_problem(problem).encode()
    return zlib.compress(text), hashlib.sha256(text).hexdigest()


def unpack_problem(snapshot: bytes) -> Problem:
    """The problem in a run's snapshot."""
    return read_problem(zlib.decompress(snapshot))


def newest_solved(session: Session) -> PlanRun | None:
    """The newest run of the base that has a plan, without its parts."""
    return session.scalar(select(PlanRun).where(of_base()).order_by(PlanRun.id.desc()).limit(1))


def of_base() -> ColumnElement[bool]:
    """Whether a run has a plan of the base; a scenario's plan is no answer to what holds."""
    return and_(PlanRun.status == models.RunStatus.SOLVED, PlanRun.scenario.is_(None), PlanRun.sweep.is_(None))


def save_plan(session: Session, run: PlanRun, plan: Plan) -> None:
    """Write every part of `plan` under `run`, which has its key and is not finished yet."""

    def add(table: type[models.Base], rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            session.execute(insert(table), [{"run_id": run.id, **row} for row in rows])

    run.solver = plan.solver
    run.solve_status = models.SolveStatus(plan.status)
    run.certificate = dataclasses.asdict(plan.certificate)
    run.seconds = plan.seconds
    add(
        models.PlanLevel,
        [
            {
                "position": position,
                "name": level.name,
                "value": level.value,
                "bound": level.bound,
                "gap": level.gap,
                "status": models.SolveStatus(level.status),
                "seconds": level.seconds,
                "kept": level.kept,
                "shares": list(level.values),
                "prices": dict(level.prices),
                "whole_loss": level.whole_loss,
            }
            for position, level in enumerate(plan.levels)
        ],
    )
    add(
        models.Placement,
        [
            {
                "position": position,
                "requirement": row.requirement,
                "site": row.site,
                "standby": row.standby,
                "start_year": row.start,
                "share": row.share,
            }
            for position, row in enumerate(plan.placements)
        ],
    )
    add(
        models.Purchase,
        [{"expansion": row.expansion, "year": row.fiscal_year, "modules": row.modules} for row in plan.purchases],
    )
    add(models.Shortfall, [{"requirement": row.requirement, "share": row.share} for row in plan.shortfalls])
    add(
        models.ShortfallReason,
        [
            {
                "requirement": row.requirement,
                "position": position,
                "code": reason.code,
                "pool": reason.pool,
                "amounts": dict(reason.amounts),
            }
            for row in plan.shortfalls
            for position, reason in enumerate(row.reasons)
        ],
    )
    add(
        models.PoolUse,
        [
            {"pool": row.pool, "limit": row.limit, "use": row.use, "price": row.price, "level": row.level}
            for row in plan.pools
        ],
    )
    add(models.ServiceShare, [{"ministry": row.ministry, "share": row.share} for row in plan.service])


def rebuild_plan(run: PlanRun) -> Plan:
    """The plan that was saved under `run`; its parts should be loaded, or each is one more query."""
    assert run.solve_status is not None  # noqa: S101 - the database's own rule for a solved run
    return Plan(
        problem_sha256=run.input_sha256,
        solver=run.solver,
        status=run.solve_status.value,
        levels=tuple(
            LevelResult(
                name=row.name,
                value=row.value,
                bound=row.bound,
                gap=row.gap,
                status=row.status.value,
                seconds=row.seconds,
                kept=row.kept,
                values=tuple(row.shares),
                prices=row.prices,
                whole_loss=row.whole_loss,
            )
            for row in run.levels
        ),
        placements=tuple(
            Placement(row.requirement, row.site, row.standby, row.start_year, row.share) for row in run.placements
        ),
        purchases=tuple(Purchase(row.expansion, row.year, row.modules) for row in run.purchases),
        shortfalls=tuple(
            Shortfall(row.requirement, row.share, tuple(rebuild_reason(reason) for reason in row.reasons))
            for row in run.shortfalls
        ),
        pools=tuple(PoolUse(row.pool, row.limit, row.use, row.price, row.level) for row in run.pools),
        service=tuple(Service(row.ministry, row.share) for row in run.services),
        certificate=Certificate(**run.certificate),
        seconds=run.seconds,
    )


def rebuild_reason(row: models.ShortfallReason) -> Reason:
    """One stored reason."""
    return Reason(row.code, row.pool, row.amounts)
