"""The forms of an adjustment and of a sweep: fields with their labels, hints, choices, texts and faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Scenario
from planner.allocation import Problem
from planner.errors import NotFoundError
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, require
from planner.services.reference.texts import NOTHING, Entry, Typed, to_text
from planner.services.scenarios.adjustments import Adjustment
from planner.services.scenarios.keeping import NAME, adjustments_of, find_scenario, load_outline_of
from planner.services.scenarios.kinds import GOALS, Kind, kind_named
from planner.services.scenarios.sweeps import STEPS
from planner.services.wording import priority_phrase
from planner.text import N_, LocalText, Phrase
from reports.columns import Field

Choices: TypeAlias = tuple[tuple[str, LocalText | Phrase], ...]
"""Codes, and what each is called."""
_SCENARIO: Final = Field("scenario", LocalText("เพิ่มจากฉากทัศน์", "On top of"), "code", N_("Open: on top of the base."))


@dataclass(frozen=True)
class AdjustmentField:
    """One field of the form; `choices` are codes and what they are called, where it takes one of them."""

    entry: Entry
    label: LocalText | Phrase
    hint: str
    unit: str
    kind: str
    required: bool
    longest: int
    choices: Choices | None
    fixed: bool = False


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


@dataclass(frozen=True)
class SweepForm:
    """A sweep to be started: what it varies, and the fields that say from where to where."""

    kind: Kind
    name: Entry
    fields: tuple[AdjustmentField, ...]
    range: tuple[AdjustmentField, ...]


def load_adjustment_form(
    session: Session, actor: Actor, code: str, *, kind: str = "", at: int | None = None, typed: Typed = NOTHING
) -> AdjustmentForm:
    """The form for a new adjustment of `kind`, or of the one at `at` (from 0), with what was typed."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = find_scenario(session, code)
    kept: Adjustment | None = None
    adjustments = adjustments_of(row)
    if at is not None:
        if not 0 <= at < len(adjustments):
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


def load_sweep_form(session: Session, actor: Actor, kind: str, typed: Typed = NOTHING) -> SweepForm:
    """The form for a sweep of the number that `kind` lets vary; `NotFoundError` if it lets none."""
    require(actor, Permission.RUN_PLAN)
    known = kind_named(kind)
    if known.swept is None:
        raise NotFoundError
    varied = known.field(known.swept)
    ends = [
        replace(varied, key=key, header=label, rule=varied.rule, required=True)
        for key, label in (("from", LocalText("ตั้งแต่", "From")), ("to", LocalText("ถึง", "To")))
    ]
    in_use = select(Scenario).where(Scenario.archived_at.is_(None)).order_by(Scenario.id.desc())
    scenarios = tuple(
        (row.code, Phrase("%(code)s %(name)s", {"code": row.code, "name": row.name})) for row in session.scalars(in_use)
    )
    return SweepForm(
        kind=known,
        name=typed.entry(NAME.key, ""),
        fields=(
            _draw(_SCENARIO, typed.entry(_SCENARIO.key, ""), scenarios),
            *load_fields(session, actor, known, typed=typed, without=varied.key),
        ),
        range=tuple(
            _draw(field, typed.entry(field.key, "5" if field is STEPS else ""))
            for field in (*ends, *([] if varied.kind == "year" else [STEPS]))
        ),
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
        else:
            entry = typed.entry(field.key, to_text(field, terms.get(field.key), actor.language))
            fields.append(_draw(field, entry, choices.get(field.refers)))
    return tuple(fields)


def _draw(field: Field, entry: Entry, choices: Choices | None = None) -> AdjustmentField:
    return AdjustmentField(
        entry=entry,
        label=field.header,
        hint=field.rule,
        unit="%" if field.kind == "share" else field.unit,
        kind=field.kind,
        required=field.required,
        longest=field.longest,
        choices=tuple(field.choices.items()) if field.choices else choices,
    )


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
                longest=field.longest,
                choices=goals,
            )
        )
    return slots


def _choices(outline: Problem, others: Sequence[Adjustment]) -> Mapping[str, Choices]:
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
