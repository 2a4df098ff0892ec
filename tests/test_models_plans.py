"""What a finished plan run came to cannot be changed, by anyone, in either database."""

import datetime as dt

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

import models
from models import RunStatus, SolveStatus

NOW = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
PARTS = {
    models.PlanLevel: {
        "position": 0,
        "name": "cost",
        "value": 1.0,
        "bound": 1.0,
        "gap": 0.0,
        "status": SolveStatus.OPTIMAL,
        "seconds": 0.1,
        "kept": 1.0,
    },
    models.Placement: {"position": 0, "requirement": "R-1", "site": "BKK1", "start_year": 2027, "share": 0.5},
    models.Purchase: {"expansion": "E-1", "year": 2027, "modules": 1.0},
    models.Shortfall: {"requirement": "R-1", "share": 0.5},
    models.ShortfallReason: {"requirement": "R-1", "position": 0, "code": "capacity", "amounts": {}},
    models.PoolUse: {"pool": "capex/2027", "limit": 1.0, "use": 1.0, "price": 0.0},
    models.ServiceShare: {"ministry": "11000", "share": 0.5},
}
CHANGED = {
    models.PlanLevel: {"value": 2.0},
    models.Placement: {"share": 0.6},
    models.Purchase: {"modules": 2.0},
    models.Shortfall: {"share": 0.6},
    models.ShortfallReason: {"code": "budget"},
    models.PoolUse: {"use": 0.0},
    models.ServiceShare: {"share": 0.6},
}
every_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__tablename__)


@pytest.fixture
def run_id(session) -> int:
    """A running run with one row in every part."""
    run = models.PlanRun(
        code="P-000001",
        name="x",
        status=RunStatus.RUNNING,
        input_snapshot=b"",
        input_sha256="0" * 64,
        planner_version="0",
        created_at=NOW,
    )
    session.add(run)
    session.flush()
    for part, row in PARTS.items():
        session.execute(insert(part).values(run_id=run.id, **row))
    session.commit()
    return run.id


def finish(session, run_id, status=RunStatus.SOLVED):
    session.execute(
        update(models.PlanRun)
        .where(models.PlanRun.id == run_id)
        .values(status=status, solve_status=SolveStatus.OPTIMAL, finished_at=NOW)
    )
    session.commit()


@pytest.mark.parametrize("status", [RunStatus.SOLVED, RunStatus.FAILED, RunStatus.CANCELLED])
def test_a_finished_run_is_neither_changed_nor_deleted(session, run_id, status):
    finish(session, run_id, status)
    for statement in (update(models.PlanRun).values(name="y"), delete(models.PlanRun)):
        with pytest.raises(IntegrityError, match="finished plan run cannot be changed"):
            session.execute(statement)
        session.rollback()


@every_part
def test_a_part_is_never_changed(session, run_id, part):
    with pytest.raises(IntegrityError, match="cannot be changed"):
        session.execute(update(part).values(CHANGED[part]))


@every_part
def test_a_part_of_a_finished_run_is_neither_added_nor_deleted(session, run_id, part):
    finish(session, run_id)
    another = PARTS[part] | {name: 1 for name in ("position",) if name in PARTS[part]}
    another |= {name: "other" for name in ("expansion", "pool", "ministry") if name in another}
    if part is models.Shortfall:
        another["requirement"] = "other"
    for statement in (insert(part).values(run_id=run_id, **another), delete(part)):
        with pytest.raises(IntegrityError, match="finished plan run cannot be changed"):
            session.execute(statement)
        session.rollback()


def test_an_unfinished_run_is_deleted_with_its_parts(session, run_id):
    session.execute(delete(models.PlanRun))
    session.commit()
    for part in PARTS:
        assert session.scalar(select(func.count()).select_from(part)) == 0


def test_a_solved_run_has_a_plan(session, run_id):
    with pytest.raises(IntegrityError, match="ck_plan_run_solved_has_plan"):
        session.execute(update(models.PlanRun).values(status=RunStatus.SOLVED, solve_status=SolveStatus.INFEASIBLE))


def test_points_in_time_come_back_aware(session, run_id):
    session.expire_all()
    run = session.get(models.PlanRun, run_id)
    assert run is not None
    assert run.created_at == NOW
    assert run.created_at.tzinfo is dt.UTC
    with pytest.raises(ValueError, match="no time zone"):
        models.base.Moment().process_bind_param(NOW.replace(tzinfo=None), session.bind.dialect)
