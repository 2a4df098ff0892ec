"""Scenarios for reading: the list, and one as sentences with the plans made of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import PlanRun, RunStatus, Scenario
from planner.allocation import Problem
from planner.errors import Fault, InvalidInputError, NotFoundError
from planner.services.lists import ListFilter, Listing, load_newest
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, may, require
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment, from_json
from planner.services.scenarios.keeping import adjustments_of, at_fields, find_scenario, load_outline_of, subject_of
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.sentences import sentence
from planner.services.wording import run_status_phrase
from planner.text import N_, Phrase
from reports.columns import Value
from reports.values import Column, Table

NEWEST_RUNS: Final = 20
"""How many of its plan runs a scenario's page shows."""


@dataclass(frozen=True)
class Sentence:
    """One adjustment as terms and as people read it, what is wrong with it by now, and if it can enter the base."""

    kind: str
    terms: Mapping[str, Value]
    text: Phrase
    faults: tuple[Phrase, ...]
    promoted: bool


@dataclass(frozen=True)
class ScenarioDetail:
    """One scenario, with the codes of the newest plan made of it and of the newest of the base, if any."""

    code: str
    name: str
    note: str
    version: int
    created_at: dt.datetime
    created_by: str
    archived_at: dt.datetime | None
    sentences: tuple[Sentence, ...]
    runs: Table
    newest_plan: str | None
    base_plan: str | None
    editable: bool

    @property
    def subject(self) -> str:
        """What history and comments call it."""
        return subject_of(self.code)


@dataclass(frozen=True)
class RunOrigin:
    """What a plan run is of, beside the rows of its day: a scenario, a sweep, and how it differs from the base."""

    scenario: str | None
    sweep: str | None
    sentences: tuple[Phrase, ...]


def load_run_origin(session: Session, actor: Actor, code: str) -> RunOrigin | None:
    """What the run called `code` is of, as its scenario was then; None for a run of the base alone."""
    require(actor, Permission.VIEW_PLANS)
    found = session.execute(
        select(PlanRun.scenario, PlanRun.sweep, PlanRun.adjustments).where(PlanRun.code == code)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    scenario, sweep, stored = found
    if not (scenario or sweep):
        return None
    adjustments = tuple(map(from_json, stored))
    names = Names(load_outline_of(session, adjustments))
    return RunOrigin(scenario, sweep, tuple(sentence(each, names) for each in adjustments))


def list_scenarios(session: Session, actor: Actor, *, archived: bool = False) -> Table:
    """Those in use, or those that were archived, the newest first, with the number of plans made of each."""
    return find_scenarios(session, actor, ListFilter(page=None), archived=archived).table


def find_scenarios(session: Session, actor: Actor, wanted: ListFilter, *, archived: bool = False) -> Listing:
    """The part of that list that is wanted; no other rows are read."""
    require(actor, Permission.VIEW_PLANS)
    away = Scenario.archived_at.is_not(None) if archived else Scenario.archived_at.is_(None)
    query = select(Scenario).where(away).options(joinedload(Scenario.created_by))
    found = load_newest(session, query, Scenario.code, wanted)
    rows = [row for (row,) in found.rows]
    runs = select(PlanRun.scenario, func.count()).where(PlanRun.status == RunStatus.SOLVED).group_by(PlanRun.scenario)
    if wanted.page is not None:
        runs = runs.where(PlanRun.scenario.in_([row.code for row in rows]))
    plans = dict(session.execute(runs).all())
    table = Table(
        "scenarios",
        N_("Archived scenarios") if archived else N_("Scenarios"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("adjustments", N_("Adjustments"), "integer"),
            Column("plans", N_("Plans made of it"), "integer"),
            Column("created_at", N_("Made on"), "moment"),
            Column("created_by", N_("Created by")),
        ),
        tuple(
            (row.code, row.name, len(row.adjustments), plans.get(row.code, 0), row.created_at, _author(row))
            for row in rows
        ),
    )
    return found.listing(table)


def _author(row: Scenario) -> str | Phrase:
    return row.created_by.full_name if row.created_by else Phrase(N_("Operator"))


def get_scenario(session: Session, actor: Actor, code: str) -> ScenarioDetail:
    """The scenario called `code`; `NotFoundError` if there is none. The number of queries does not grow with rows."""
    require(actor, Permission.VIEW_PLANS)
    row = find_scenario(session, code)
    adjustments = adjustments_of(row)
    outline = load_outline_of(session, adjustments)
    return ScenarioDetail(
        code=row.code,
        name=row.name,
        note=row.note,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by.full_name if row.created_by else "",
        archived_at=row.archived_at,
        sentences=_sentences(adjustments, outline),
        runs=_runs(session, code),
        newest_plan=_newest_plan(session, code),
        base_plan=_newest_plan(session, None),
        editable=may(actor, Permission.EDIT_SCENARIOS) and row.archived_at is None,
    )


def _newest_plan(session: Session, scenario: str | None) -> str | None:
    """The code of the newest plan that was made of just that scenario, or of the base."""
    plain = (PlanRun.status == RunStatus.SOLVED, PlanRun.scenario == scenario, PlanRun.sweep_value.is_(None))
    return session.scalar(select(PlanRun.code).where(*plain).order_by(PlanRun.id.desc()).limit(1))


def _sentences(adjustments: Sequence[Adjustment], outline: Problem) -> tuple[Sentence, ...]:
    names = Names(outline)
    faults: Sequence[Fault] = ()
    try:
        names = Names(apply_adjustments(outline, adjustments))
    except InvalidInputError as error:
        faults = error.faults
    return tuple(
        Sentence(
            each.kind,
            each.terms,
            sentence(each, names),
            tuple(found.message for found in at_fields(faults, n)),
            KINDS[each.kind].promoted,
        )
        for n, each in enumerate(adjustments)
    )


def _runs(session: Session, code: str) -> Table:
    query = select(PlanRun).where(PlanRun.scenario == code).order_by(PlanRun.id.desc()).limit(NEWEST_RUNS)
    return Table(
        "runs",
        N_("Plans made of it"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("status", N_("Status")),
            Column("sweep", N_("Sweep"), "code"),
            Column("created_at", N_("Started"), "moment"),
        ),
        tuple(
            (row.code, row.name if row.name != row.code else None, run_status_phrase(row.status), row.sweep,
             row.created_at)
            for row in session.scalars(query)
        ),
    )  # fmt: skip
