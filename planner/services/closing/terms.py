"""The terms under which gaps are closed: budgets, secondments, and how much backup a role should have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import models
from planner.errors import ConflictError, Fault, ForbiddenError, InvalidInputError
from planner.services import audit
from planner.services.coverage.opening import today
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.reference.forms import FormField
from planner.services.reference.texts import NOTHING, Typed, read_text, to_text
from planner.services.register.loading import YEARS, fiscal_year_of
from planner.text import BE_OFFSET, N_, LocalText
from reports.cells import CellError
from reports.columns import Field, Value

SUBJECT: Final = "closing_terms:terms"


@dataclass(frozen=True)
class Terms:
    """THB per FTE and year of a secondment (None: nobody is lent), what arrives of the time lent, the share of a role's
    need that should be there without its most important person, and THB by CE fiscal year (without a year: no limit).
    """

    lend_cost: float | None = None
    lend_efficiency: float = 1.0
    backup: float = 0.5
    budget: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TermsForm:
    """The terms as fields to fill in. `version` is that of those that are stored, 0 if none are."""

    fields: tuple[FormField, ...]
    version: int
    editable: bool


FIELDS: Final = (
    Field(
        "lend_cost",
        LocalText("ค่าใช้จ่ายการยืมตัว", "Cost of a secondment"),
        "money",
        N_("For each FTE and year; empty where nobody is to be lent."),
        unit=N_("THB"),
    ),
    Field(
        "lend_efficiency",
        LocalText("ส่วนของเวลาที่ใช้งานได้เมื่อยืมตัว", "What arrives of the time lent"),
        "share",
        N_("Of every hour lent, the part that becomes work at the agency that borrows."),
        default=1.0,
        unit="%",
        low=0.01,
        high=1.0,
    ),
    Field(
        "backup",
        LocalText("กำลังสำรองที่ควรมี", "Backup that should be there"),
        "share",
        N_("The share of what a role needs that should still be there when its most important person is not."),
        default=0.5,
        unit="%",
        high=1.0,
    ),
)


def may_plan(actor: Actor) -> bool:
    """Whether `actor` plans for the whole country; human resources of one ministry do not."""
    return may(actor, Permission.PLAN_WORKFORCE) and ministry_scope(actor) is None


def require_plan(actor: Actor) -> None:
    """`ForbiddenError` unless `may_plan`."""
    require(actor, Permission.PLAN_WORKFORCE)
    if ministry_scope(actor) is not None:
        raise ForbiddenError


def load_terms(session: Session) -> Terms:
    """The terms in force; those of `Terms` itself where none were ever stored."""
    row = session.get(models.ClosingTerms, 1)
    if row is None:
        return Terms()
    return Terms(row.lend_cost, row.lend_efficiency, row.backup, {int(year): thb for year, thb in row.budget.items()})


def get_terms(session: Session, actor: Actor) -> tuple[Terms, int]:
    """The terms in force and their version, 0 while none were stored."""
    require(actor, Permission.VIEW_WORKFORCE)
    row = session.get(models.ClosingTerms, 1)
    return load_terms(session), row.version if row else 0


def load_terms_form(session: Session, actor: Actor, typed: Typed = NOTHING) -> TermsForm:
    """The terms to be changed, or only looked at. What was typed stands in place of what is stored."""
    require(actor, Permission.VIEW_WORKFORCE)
    row = session.get(models.ClosingTerms, 1)
    kept = _values(load_terms(session))
    fields = tuple(
        FormField(
            entry=typed.entry(each.key, to_text(each, kept.get(each.key), actor.language)),
            label=each.header,
            hint=each.rule,
            unit=each.unit,
            kind=each.kind,
            required=each.required,
            longest=each.longest,
            choices=None,
            fixed=False,
        )
        for each in _fields()
    )
    return TermsForm(fields, row.version if row else 0, may_plan(actor))


def save_terms(session: Session, actor: Actor, typed: Mapping[str, str], version: int) -> None:
    """Put the terms that were typed in force.

    `InvalidInputError` with every fault, at the field's name; `ConflictError` if those stored are no longer at
    `version`.
    """
    require_plan(actor)
    terms = read_terms(typed)
    row = session.get(models.ClosingTerms, 1)
    if (row.version if row else 0) != version:
        raise ConflictError
    before = load_terms(session)
    gone = {year: thb for year, thb in before.budget.items() if year not in _years()}
    budget = {str(year): thb for year, thb in sorted({**gone, **terms.budget}.items())}
    if row is None:
        row = models.ClosingTerms(id=1)
        session.add(row)
    row.lend_cost, row.lend_efficiency, row.backup = terms.lend_cost, terms.lend_efficiency, terms.backup
    row.budget = budget
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError from error
    old, new = _values(before), _values(terms)
    changes = {
        each.key.replace("budget_", "budget."): (_plain(old.get(each.key)), _plain(new.get(each.key)))
        for each in _fields()
    }
    audit.record(session, actor, "changed", SUBJECT, changes)


def read_terms(typed: Mapping[str, str]) -> Terms:
    """The terms that were typed; `InvalidInputError` with every fault."""
    values: dict[str, float | None] = {}
    faults = []
    for each in _fields():
        try:
            value = read_text(each, typed.get(each.key, ""))
            values[each.key] = None if value is None else float(str(value))
        except CellError as error:
            faults.append(Fault(each.key, error.code, error.message))
    if faults:
        raise InvalidInputError(faults)
    budget = {year: thb for year in _years() if (thb := values[f"budget_{year}"]) is not None}
    return Terms(values["lend_cost"], values["lend_efficiency"] or 1.0, values["backup"] or 0.0, budget)


def _years() -> range:
    first = fiscal_year_of(today())
    return range(first, first + YEARS)


def _fields() -> tuple[Field, ...]:
    """`FIELDS`, and the budget of each fiscal year that the register looks ahead to."""
    rule = N_("For seats, the pay of those hired, and secondments of the year; empty for no limit.")
    budgets = (
        Field(
            f"budget_{year}",
            LocalText(f"งบประมาณ ปีงบประมาณ {year + BE_OFFSET}", f"Budget, fiscal year {year}"),
            "money",
            rule,
            unit=N_("THB"),
        )
        for year in _years()
    )
    return (*FIELDS, *budgets)


def _values(terms: Terms) -> dict[str, Value]:
    budgets = {f"budget_{year}": thb for year, thb in terms.budget.items()}
    kept: dict[str, Value] = {each.key: getattr(terms, each.key) for each in FIELDS}
    return kept | budgets


def _plain(value: Value) -> audit.Json:
    return None if value is None else float(str(value))
