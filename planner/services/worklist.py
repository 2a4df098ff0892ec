"""What waits for a person: what was returned and drafts for a ministry's planner, what was submitted for a reviewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from models import Agency, AuditEntry, Ministry, Priority, Requirement, RequirementRevision
from models import RequirementStatus as Status
from planner.services.handovers import last_entries
from planner.services.lifecycle import in_hand
from planner.services.lists import ListFilter, Listing, load_slice, matches, sorted_by
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.problems import name_of
from planner.services.transitions import TRANSITIONS, Action, Transition
from planner.services.wording import requirement_status_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.values import Cell, Column, Table

COLUMNS: Final = (
    Column("code", N_("Code"), "code"),
    Column("title", N_("Title")),
    Column("ministry", N_("Ministry")),
    Column("agency", N_("Agency")),
    Column("priority", N_("Priority")),
    Column("start", N_("From fiscal year"), "year"),
    Column("status", N_("Status")),
    Column("since", N_("Since"), "moment"),
    Column("comment", N_("Comment")),
)
SORTABLE: Final = ("code", "title", "ministry", "agency", "priority", "start")


@dataclass(frozen=True)
class WorkFilter(ListFilter):
    """Which part of a work list; `text` is looked for in codes, titles and agencies."""

    ministry: str | None = None


@dataclass(frozen=True)
class WorkList:
    """A page of what waits for somebody, and what may be done to all of it; `seen` are the versions shown, by code."""

    listing: Listing
    actions: tuple[Transition, ...]
    seen: Mapping[str, int]


def waiting_statuses(actor: Actor) -> frozenset[Status]:
    """The statuses in which something waits for `actor`."""
    if may(actor, Permission.REVIEW_REQUIREMENTS):
        return frozenset({Status.SUBMITTED})
    if may(actor, Permission.EDIT_REQUIREMENTS):
        return frozenset({Status.DRAFT, Status.RETURNED})
    return frozenset()


def count_waiting(session: Session, actor: Actor) -> int:
    """How many requirements wait for `actor`, in one query."""
    query = select(func.count()).select_from(Requirement).where(_waits(actor))
    if (home := ministry_scope(actor)) is not None:
        query = query.join(Requirement.agency).where(Agency.ministry_id == home)
    return session.scalar(query) or 0


def load_worklist(session: Session, actor: Actor, wanted: WorkFilter) -> WorkList:
    """What waits for `actor`, requirements and revisions alike, in three queries whatever its length."""
    require(actor, Permission.EDIT_REQUIREMENTS)
    query = (
        select(Requirement)
        .join(Requirement.agency)
        .join(Agency.ministry)
        .join(Requirement.priority)
        .outerjoin(Requirement.open_revision)
        .options(
            contains_eager(Requirement.agency).contains_eager(Agency.ministry),
            contains_eager(Requirement.priority),
            contains_eager(Requirement.open_revision),
        )
        .where(_waits(actor))
    )
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Agency.ministry_id == home)
    if wanted.ministry is not None:
        query = query.where(Ministry.code == wanted.ministry)
    if wanted.text:
        query = query.where(
            matches(wanted.text, Requirement.code, Requirement.title, Agency.code, Agency.name_th, Agency.name_en)
        )
    sorts = {
        "code": Requirement.code,
        "title": Requirement.title_key,
        "ministry": Ministry.code,
        "agency": Agency.code,
        "priority": Priority.rank,
        "start": Requirement.start_year,
    }
    found = load_slice(session, sorted_by(query, sorts, wanted), wanted)
    rows = [row for (row,) in found.rows]
    events = last_entries(session, [row.code for row in rows], Action.SUBMIT, Action.RETURN)
    table = Table("worklist", N_("Waiting for you"), COLUMNS, tuple(_cells(row, events.get(row.code)) for row in rows))
    seen = {row.code: in_hand(row).version for row in rows}
    return WorkList(found.listing(table), _actions(actor), seen)


def _waits(actor: Actor) -> ColumnElement[bool]:
    """Requirements that wait themselves, or whose revision does; each half has its index."""
    statuses = waiting_statuses(actor)
    revised = select(RequirementRevision.requirement_id).where(RequirementRevision.status.in_(statuses))
    own = select(Requirement.id).where(Requirement.status.in_(statuses))
    return or_(Requirement.id.in_(own), Requirement.id.in_(revised))


def _actions(actor: Actor) -> tuple[Transition, ...]:
    """What a person does to a whole work list."""
    if may(actor, Permission.REVIEW_REQUIREMENTS):
        return TRANSITIONS[Action.APPROVE], TRANSITIONS[Action.RETURN]
    return TRANSITIONS[Action.SUBMIT], TRANSITIONS[Action.WITHDRAW]


def _cells(row: Requirement, event: AuditEntry | None) -> tuple[Cell, ...]:
    status = requirement_status_phrase(in_hand(row).status)
    return (
        row.code,
        row.title,
        name_of(row.agency.ministry),
        name_of(row.agency),
        name_of(row.priority),
        FiscalYear(row.start_year),
        Phrase(N_("Revision: %(status)s"), {"status": status}) if row.open_revision else status,
        event.at if event else None,
        (event.note or None) if event else None,
    )
