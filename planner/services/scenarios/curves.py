"""A sweep for reading: its runs side by side, and what became of each as a curve."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import PlanRun, RunStatus, Scenario, Sweep
from planner.errors import NotFoundError
from planner.services.lists import ListFilter, Listing, load_newest
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, may, require
from planner.services.problems import load_outline
from planner.services.scenarios.adjustments import from_json
from planner.services.scenarios.figures import load_figures
from planner.services.scenarios.kinds import KINDS, Kind
from planner.services.scenarios.sentences import sentence
from planner.services.scenarios.sweeps import UNFINISHED
from planner.services.wording import run_status_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.columns import FieldKind
from reports.values import Cell, Chart, Column, Table
from reports.values import Kind as ColumnKind

BASE: Final = Phrase(N_("The base"))
_KINDS: Final[Mapping[FieldKind, ColumnKind]] = {"share": "share", "money": "money", "year": "year"}
"""How the numbers of a field are shown where not as plain numbers."""


@dataclass(frozen=True)
class SweepDetail:
    """One sweep: how many of its runs have ended, what was varied at either end of the range, table and curves.

    `ends` is empty where the runs are of scenarios; `scenario` is the one that a range comes on top of, None: the base.
    `compared` are the first and the last plan that there are.
    """

    code: str
    name: str
    created_at: dt.datetime
    created_by: str
    scenario: str | None
    ends: tuple[Phrase, ...]
    table: Table
    charts: tuple[Chart, ...]
    compared: tuple[str, str] | None
    done: int
    total: int
    synthetic: bool
    may_cancel: bool


def list_sweeps(session: Session, actor: Actor) -> Table:
    """Every sweep, the newest first, with how many of its runs have ended."""
    return find_sweeps(session, actor, ListFilter(page=None)).table


def find_sweeps(session: Session, actor: Actor, wanted: ListFilter) -> Listing:
    """The part of that list that is wanted; no other rows are read."""
    require(actor, Permission.VIEW_PLANS)
    found = load_newest(session, select(Sweep).options(joinedload(Sweep.created_by)), Sweep.code, wanted)
    rows = [row for (row,) in found.rows]
    ended = func.count().filter(PlanRun.status.not_in(UNFINISHED))
    counted = select(PlanRun.sweep, func.count(), ended).group_by(PlanRun.sweep)
    if wanted.page is not None:
        counted = counted.where(PlanRun.sweep.in_([row.code for row in rows]))
    counts = {code: (runs, done) for code, runs, done in session.execute(counted)}
    table = Table(
        "sweeps",
        N_("Sweeps"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("runs", N_("Runs"), "integer"),
            Column("done", N_("Runs that have ended"), "integer"),
            Column("created_at", N_("Made on"), "moment"),
            Column("created_by", N_("Created by")),
        ),
        tuple(
            (
                row.code,
                row.name if row.name != row.code else None,
                *counts.get(row.code, (0, 0)),  # its runs may have been removed between the two queries
                row.created_at,
                _author(row),
            )
            for row in rows
        ),
    )
    return found.listing(table)


def _author(row: Sweep) -> str | Phrase:
    return row.created_by.full_name if row.created_by else Phrase(N_("Operator"))


def count_ended(session: Session, actor: Actor, code: str) -> tuple[int, int]:
    """How many runs of the sweep have ended, and how many there are; `NotFoundError` if there is no such sweep."""
    require(actor, Permission.VIEW_PLANS)
    ended = func.count().filter(PlanRun.status.not_in(UNFINISHED))
    done, total = session.execute(select(ended, func.count()).where(PlanRun.sweep == code)).one()
    if not total:
        raise NotFoundError
    return done, total


def get_sweep(session: Session, actor: Actor, code: str) -> SweepDetail:
    """The sweep called `code`; `NotFoundError` if there is none.

    The figures of a plan are worked out when they are first asked for; a run that failed has none.
    """
    require(actor, Permission.VIEW_PLANS)
    sweep = session.scalar(select(Sweep).where(Sweep.code == code).options(joinedload(Sweep.created_by)))
    if sweep is None:
        raise NotFoundError
    runs = session.scalars(select(PlanRun).where(PlanRun.sweep == code).order_by(PlanRun.id)).all()
    varied = _varied(runs)
    table = _table(session, actor, runs, varied)
    solved = [run.code for run in runs if run.status is RunStatus.SOLVED]
    unfinished = sum(run.status in UNFINISHED for run in runs)
    return SweepDetail(
        code=sweep.code,
        name=sweep.name,
        created_at=sweep.created_at,
        created_by=sweep.created_by.full_name if sweep.created_by else "",
        scenario=runs[0].scenario if varied else None,
        ends=_ends(session, runs) if varied else (),
        table=table,
        charts=_charts(table, varied),
        compared=(solved[0], solved[-1]) if len(solved) > 1 else None,
        done=len(runs) - unfinished,
        total=len(runs),
        synthetic=any(run.synthetic for run in runs),
        may_cancel=bool(unfinished) and may(actor, Permission.RUN_PLAN),
    )


def _varied(runs: Sequence[PlanRun]) -> Kind | None:
    """The kind of adjustment whose number differs from run to run; None where the scenario does."""
    return KINDS[runs[0].adjustments[-1]["kind"]] if runs[0].sweep_value is not None else None


def _ends(session: Session, runs: Sequence[PlanRun]) -> tuple[Phrase, ...]:
    """What the first and the last run add to the scenario, in words."""
    names = Names(load_outline(session))
    return tuple(sentence(from_json(run.adjustments[-1]), names) for run in (runs[0], runs[-1]))


def _table(session: Session, actor: Actor, runs: Sequence[PlanRun], varied: Kind | None) -> Table:
    if varied and varied.swept:
        field = varied.field(varied.swept)
        what = Column("value", field.header, _KINDS.get(field.kind, "number"), field.unit)
        values: list[Cell] = [_value(run.sweep_value or 0.0, what) for run in runs]
    else:
        what = Column("value", N_("Scenario"))
        called = select(Scenario.code, Scenario.name).where(Scenario.code.in_({run.scenario for run in runs}))
        names = dict(session.execute(called).all())
        values = [f"{run.scenario} {names[run.scenario]}" if run.scenario else BASE for run in runs]
    return Table(
        "curve",
        N_("Plans of the sweep"),
        (
            Column("run", N_("Plan"), "code"),
            what,
            Column("status", N_("Status")),
            Column("unmet", N_("Not granted, of national demand"), "share"),
            Column("lowest", N_("Lowest service share"), "share"),
            Column("ministry", N_("Least served ministry")),
            Column("running", N_("Running cost over the horizon"), "money", N_("THB")),
            Column("capex", N_("Expansions bought"), "money", N_("THB")),
        ),
        tuple(
            (run.code, value, run_status_phrase(run.status), *_figures(session, actor, run))
            for run, value in zip(runs, values, strict=True)
        ),
    )


def _value(value: float, column: Column) -> Cell:
    return FiscalYear(int(value)) if column.kind == "year" else value


def _figures(session: Session, actor: Actor, run: PlanRun) -> tuple[Cell, ...]:
    if run.status is not RunStatus.SOLVED:
        return (None,) * 5
    found = load_figures(session, actor, run)
    return found.unmet, found.lowest, found.lowest_ministry, found.running_cost, found.capex


def _charts(table: Table, varied: Kind | None) -> tuple[Chart, ...]:
    """The shares and the costs over what was varied; bars where that is no number."""
    lined: Literal["line", "bar"] = "line" if varied else "bar"
    return (
        Chart("shares", N_("What is not granted, and the least served ministry"), lined, table, "value",
              ("unmet", "lowest"), N_("Share")),
        Chart("costs", N_("What it costs"), lined, table, "value", ("running", "capex"), N_("THB")),
    )  # fmt: skip
