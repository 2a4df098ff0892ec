"""Scenarios for reading: the list, one as sentences with the plans made of it, and the form of an adjustment."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import PlanRun, RunStatus, Scenario
from planner.allocation import Problem
from planner.errors import Fault, InvalidInputError, NotFoundError
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, may, require
from planner.services.reference.texts import NOTHING, Entry, Typed, to_text
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment
from planner.services.scenarios.keeping import adjustments_of, at_fields, find_scenario, load_outline_of, subject_of
from planner.services.scenarios.kinds import GOALS, KINDS, Kind, kind_named
from planner.services.scenarios.sentences import sentence
from planner.services.wording import priority_phrase, run_status_phrase
from planner.text import N_, LocalText, Phrase
from reports.columns import Field
from reports.values import Column, Table

NEWEST_RUNS: Final = 20
"""How many of its plan runs a scenario's page shows."""


@dataclass(frozen=True)
class Sentence:
    """One adjustment as people read it, what is wrong with it by now, and whether it can enter the base."""

    kind: str
    text: Phrase
    faults: tuple[Phrase, ...]
    promoted: bool


@dataclass(frozen=True)
class ScenarioDetail:
    """One scenario. `base_plan` is the code of the newest plan of the base, to compare with, if there is any."""

    code: str
    name: str
    note: str
    version: int
    created_at: dt.datetime
    created_by: str
    archived_at: dt.datetime | None
    sentences: tuple[Sentence, ...]
    runs: Table
    base_plan: str | None
    editable: bool

    @property
    def subject(self) -> str:
        """What history and comments call it."""
        return subject_of(self.code)


@dataclass(frozen=True)
class AdjustmentField:
    """One field of the form; `choices` are codes and what they are called, where it takes one of them."""

    entry: Entry
    label: LocalText | Phrase
    hint: str
    unit: str
    kind: str
    required: bool
    choices: tuple[tuple[str, LocalText | Phrase], ...] | None


@dataclass(frozen=True)
class AdjustmentForm:
    """An adjustment to be added (`at` None) or changed, of the scenario as it was at `version`."""

    code: str
    name: str
    version: int
    kind: Kind
    at: int | None
    fields: tuple[AdjustmentField, ...]
    faults: tuple[Phrase, ...]


def list_scenarios(session: Session, actor: Actor, *, archived: bool = False) -> Table:
    """Those in use, or those that were archived, the newest first, with the number of plans made of each."""
    require(actor, Permission.VIEW_PLANS)
    runs = select(PlanRun.scenario, func.count()).where(PlanRun.status == RunStatus.SOLVED).group_by(PlanRun.scenario)
    plans = dict(session.execute(runs).all())
    away = Scenario.archived_at.is_not(None) if archived else Scenario.archived_at.is_(None)
    rows = session.scalars(
        select(Scenario).where(away).options(joinedload(Scenario.created_by)).order_by(Scenario.id.desc())
    )
    return Table(
        "scenarios",
        N_("Archived scenarios") if archived else N_("Scenarios"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("adjustments", N_("Adjustments"), "integer"),
            Column("plans", N_("Plans made of it"), "integer"),
            Column("created_at", N_("Made on"), "moment"),
            Column("created_by", N_("Made by")),
        ),
        tuple(
            (row.code, row.name, len(row.adjustments), plans.get(row.code, 0), row.created_at, _author(row))
            for row in rows
        ),
    )


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
        base_plan=newest_base_plan(session),
        editable=may(actor, Permission.EDIT_SCENARIOS) and row.archived_at is None,
    )


def newest_base_plan(session: Session) -> str | None:
    """The code of the newest plan that was made of the rows as they were, without any scenario."""
    plain = (PlanRun.status == RunStatus.SOLVED, PlanRun.scenario.is_(None), PlanRun.sweep.is_(None))
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


def load_adjustment_form(
    session: Session, actor: Actor, code: str, *, kind: str = "", at: int | None = None, typed: Typed = NOTHING
) -> AdjustmentForm:
    """The form for a new adjustment of `kind`, or of the one at `at` (from 0), with what was typed."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = find_scenario(session, code)
    kept: Adjustment | None = None
    adjustments = adjustments_of(row)
    if at is not None:
        if at >= len(adjustments):
            raise NotFoundError
        kept = adjustments[at]
    known = kind_named(kept.kind if kept else kind)
    return AdjustmentForm(
        code=row.code,
        name=row.name,
        version=row.version,
        kind=known,
        at=at,
        fields=load_fields(session, actor, known, others=adjustments, kept=kept, typed=typed),
        faults=tuple(found.message for found in typed.faults if not found.address),
    )


def load_fields(
    session: Session,
    actor: Actor,
    kind: Kind,
    *,
    others: Sequence[Adjustment] = (),
    kept: Adjustment | None = None,
    typed: Typed = NOTHING,
    without: str | None = None,
) -> tuple[AdjustmentField, ...]:
    """The fields of `kind`, except the one called `without`; expansions that `others` offer may be chosen too."""
    choices = _choices(load_outline_of(session, ()), others)
    terms = kept.terms if kept else {}
    fields: list[AdjustmentField] = []
    for field in kind.fields:
        if field.key == without:
            continue
        if field.kind == "choices":
            fields += _slots(field, terms.get(field.key), typed)
            continue
        fields.append(
            AdjustmentField(
                entry=typed.entry(field.key, to_text(field, terms.get(field.key), actor.language)),
                label=field.header,
                hint=field.rule,
                unit="%" if field.kind == "share" else field.unit,
                kind=field.kind,
                required=field.required,
                choices=tuple(field.choices.items()) if field.choices else choices.get(field.refers),
            )
        )
    return tuple(fields)


def _slots(field: Field, kept: object, typed: Typed) -> list[AdjustmentField]:
    """A field for each place of an ordered list."""
    chosen = kept if isinstance(kept, tuple) else ()
    goals = tuple((level, Phrase(name)) for level, name in GOALS.items())
    faults = tuple(found.message for found in typed.faults if found.address == field.key)
    slots = []
    for n in range(len(GOALS)):
        entry = typed.entry(f"{field.key}.{n}", chosen[n] if n < len(chosen) else "")
        slots.append(
            AdjustmentField(
                entry=entry if n or not faults else Entry(entry.name, entry.text, None, faults),
                label=Phrase(N_("Goal %(number)s"), {"number": n + 1}),
                hint="" if n else field.rule,
                unit="",
                kind=field.kind,
                required=n == 0,
                choices=goals,
            )
        )
    return slots


def _choices(
    outline: Problem, others: Sequence[Adjustment]
) -> Mapping[str, tuple[tuple[str, LocalText | Phrase], ...]]:
    """What fields that refer to other rows may take; requirements are too many to choose from."""
    names = Names(outline)
    added = (str(each.code("code")) for each in others if each.kind == "expansion_added")
    priorities = dict.fromkeys((*outline.policy.priority_weights, "statutory"))

    def called(code: str, name: LocalText | str) -> tuple[str, LocalText | Phrase]:
        return code, name if isinstance(name, LocalText) else Phrase("%(code)s", {"code": name})

    return {
        "ministries": tuple(called(row.code, row.name) for row in outline.ministries),
        "resource_types": tuple(called(row.code, names.resource_type(row.code)) for row in outline.resource_types),
        "priorities": tuple((code, priority_phrase(code)) for code in priorities),
        "sites": tuple(called(row.code, names.site(row.code)) for row in outline.sites),
        "expansions": (
            *(called(row.code, names.expansion(row.code)) for row in outline.expansions),
            *(called(code, code) for code in added),
        ),
    }
