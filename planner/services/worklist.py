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
from planner.services.lists import Keys, ListFilter, Listing, load_slice, sorted_by
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.requirements import RequirementFilter, join_for_sorting, narrowing
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
    statuses, home = waiting_statuses(actor), ministry_scope(actor)
    own = select(func.count()).select_from(Requirement).where(Requirement.status.in_(statuses))
    revised = (
        select(func.count())
        .select_from(RequirementRevision)
        .join(RequirementRevision.requirement)
        .where(RequirementRevision.status.in_(statuses), Requirement.status.not_in(statuses))
    )
    if home is not None:
        agencies = Requirement.agency_id.in_(select(Agency.id).where(Agency.ministry_id == home))
        own, revised = own.where(agencies), revised.where(agencies)
    return session.scalar(select(own.scalar_subquery() + revised.scalar_subquery())) or 0


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
    )
    narrowed = narrowing(actor, RequirementFilter(text=wanted.text, ministry=wanted.ministry))
    visible = select(Requirement.id).where(_waits(actor), *narrowed)
    sorts = {
        "code": Requirement.code,
        "title": Requirement.title_key,
        "ministry": Ministry.code,
        "agency": Agency.code,
        "priority": Priority.rank,
        "start": Requirement.start_year,
    }
    ordered = sorted_by(join_for_sorting(visible, wanted.sort), sorts, wanted, always=SORTABLE)
    keys = Keys(Requirement.id, visible, ordered)
    found = load_slice(session, sorted_by(query, sorts, wanted, always=SORTABLE), wanted, keys)
    rows = [row for (row,) in found.rows]
    events = last_entries(session, [row.code for row in rows], Action.SUBMIT, Action.RETURN)
    table = Table("worklist", N_("Waiting for you"), COLUMNS, tuple(_cells(row, events.get(row.code)) for row in rows))
    seen = {row.code: in_hand(row).version for row in rows}
    return WorkList(found.listing(table), _actions(actor), seen)


def _waits(actor: Actor) -> ColumnElement[bool]:
    """Requirements that wait themselves, or whose revision does."""
    statuses = waiting_statuses(actor)
    revised = select(RequirementRevision.requirement_id).where(RequirementRevision.status.in_(statuses))
    return or_(Requirement.status.in_(statuses), Requirement.id.in_(revised))


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
