"""Submit, approve, return, withdraw, take back to draft: many requirements at once, all or nothing.

An action is about the requirement's open revision where it has one, else about the requirement itself.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from models import Agency, Requirement, RequirementRevision, User
from models import RequirementStatus as Status
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError, fault
from planner.services import audit, inbox
from planner.services.deadlines import load_entry
from planner.services.editing import apply_row
from planner.services.handovers import four_eyes_fault, last_entries, own_work
from planner.services.lifecycle import in_hand
from planner.services.locking import begin_writing
from planner.services.permissions import PERMISSIONS, Actor, Permission, may, ministry_scope, require
from planner.services.revisions import row_changes, row_in_force
from planner.services.transitions import TRANSITIONS, Action, Transition
from planner.services.webhooks.outbox import announce_step
from planner.services.wording import requirement_status_phrase
from planner.text import N_

MOST_AT_ONCE: Final = 1000
"""How many requirements one action may be about."""

LONGEST_COMMENT: Final = 2000

_OUT_OF_FORCE: Final = {"status": (Status.APPROVED.value, Status.WITHDRAWN.value)}
"""How the history tells that an approved requirement was withdrawn."""


def submit(session: Session, actor: Actor, codes: Sequence[str], comment: str = "") -> tuple[str, ...]:
    """Hand drafts and returned ones in for review."""
    return act(session, actor, Action.SUBMIT, codes, comment)


def return_(session: Session, actor: Actor, codes: Sequence[str], comment: str = "") -> tuple[str, ...]:
    """Give submitted ones back to their ministries, with a comment that says what to mend."""
    return act(session, actor, Action.RETURN, codes, comment)


def approve(session: Session, actor: Actor, codes: Sequence[str], comment: str = "") -> tuple[str, ...]:
    """Put submitted ones in force: a requirement as it stands, a revision in place of what it revises."""
    return act(session, actor, Action.APPROVE, codes, comment)


def withdraw(session: Session, actor: Actor, codes: Sequence[str], comment: str = "") -> tuple[str, ...]:
    """Take requirements out of planning; of one with an open revision the revision alone."""
    return act(session, actor, Action.WITHDRAW, codes, comment)


def reopen(session: Session, actor: Actor, codes: Sequence[str], comment: str = "") -> tuple[str, ...]:
    """Take submitted or withdrawn ones back to draft."""
    return act(session, actor, Action.REOPEN, codes, comment)


def act(
    session: Session,
    actor: Actor,
    action: Action,
    codes: Sequence[str],
    comment: str = "",
    *,
    seen: Mapping[str, int] = MappingProxyType({}),
) -> tuple[str, ...]:
    """Do `action` to all of `codes` within the caller's transaction, or raise `InvalidInputError`; returns the codes.

    Faults have the code as their address, or "comment", or "". `NotFoundError` where the actor sees no such
    requirement. `seen` holds by code the version of what was `in_hand` when the actor looked: another is a fault.
    """
    transition = TRANSITIONS[action]
    require(actor, transition.permission)
    comment = comment.strip()
    rows = _load(session, actor, codes)
    faults = [*_check_call(session, actor, transition, rows, comment)]
    own = own_work(session, actor, codes) if transition.target is Status.APPROVED else frozenset()
    for row in rows:
        faults.extend(_check_row(row, transition, seen, own))
    if faults:
        raise InvalidInputError(faults)
    _move(session, actor, transition, rows, comment)
    return tuple(sorted(set(codes)))


def _load(session: Session, actor: Actor, codes: Sequence[str]) -> Sequence[Requirement]:
    """The requirements called `codes`, locked until the transaction ends; in the one order in which all lock them."""
    if len(wanted := set(codes)) > MOST_AT_ONCE:
        params = {"most": MOST_AT_ONCE}
        raise InvalidInputError([fault("", "too_many", N_("Choose at most %(most)s at a time."), **params)])
    begin_writing(session)
    query = (
        select(Requirement)
        .where(Requirement.code.in_(wanted))
        .options(selectinload(Requirement.open_revision), joinedload(Requirement.agency, innerjoin=True))
        .order_by(Requirement.id)
        .with_for_update(of=Requirement)
        .execution_options(populate_existing=True)
    )
    if (home := ministry_scope(actor)) is not None:
        query = query.join(Requirement.agency).where(Agency.ministry_id == home)
    rows = session.scalars(query).all()
    if len(rows) < len(wanted):
        raise NotFoundError
    return rows


def _check_call(
    session: Session, actor: Actor, transition: Transition, rows: Sequence[Requirement], comment: str
) -> Iterator[Fault]:
    """What stands against the action as a whole."""
    if not rows:
        yield fault("", "nothing_chosen", N_("Choose at least one requirement."))
    if not comment and any(in_hand(row).status in transition.explained for row in rows):
        yield fault("comment", "missing", transition.ask)
    if len(comment) > LONGEST_COMMENT:
        message = N_("The text is longer than %(most)s characters.")
        yield fault("comment", "too_long", message, most=LONGEST_COMMENT)
    if transition.bound and (refusal := load_entry(session, actor).refusal):
        yield Fault("", "round_closed", refusal)


def _check_row(
    row: Requirement, transition: Transition, seen: Mapping[str, int], own: Collection[str]
) -> Iterator[Fault]:
    subject = in_hand(row)
    if subject.status not in transition.sources:
        status = requirement_status_phrase(subject.status)
        yield fault(row.code, "wrong_status", N_("This cannot be done now: its status is %(status)s."), status=status)
    elif seen.get(row.code, subject.version) != subject.version:
        yield fault(row.code, "changed_meanwhile", N_("It was changed after you opened the page. Look at it again."))
    elif row.code in own:
        yield four_eyes_fault(row.code)
    elif transition.target is Status.APPROVED and _is_outdated(subject, row):
        message = N_("What is in force was changed after the revision was made. Return it, so that it is made anew.")
        yield fault(row.code, "base_changed", message)


def _is_outdated(subject: Requirement | RequirementRevision, row: Requirement) -> bool:
    return isinstance(subject, RequirementRevision) and subject.base_version != row.version


def _move(session: Session, actor: Actor, transition: Transition, rows: Sequence[Requirement], comment: str) -> None:
    """Give every row its new status, then put what was approved of revisions in force."""
    changes: dict[str, dict[str, tuple[audit.Json, audit.Json]]] = {}
    approved: dict[str, dict[str, Any]] = {}
    for row in rows:
        subject = in_hand(row)
        field = "status"
        if isinstance(subject, RequirementRevision):
            field = "revision"
            if transition.target is Status.APPROVED:
                approved[row.code] = subject.row
        changes[row.code] = {field: (subject.status.value, transition.target.value)}
        subject.status = transition.target
    try:
        session.flush()
    except StaleDataError as error:  # its planner changed a revision at the same moment
        raise ConflictError from error
    for code, cells in approved.items():
        changes[code] |= row_changes(row_in_force(session, code), cells)
        apply_row(session, actor, code, cells)
    told = _recipients(session, actor, changes)
    for code, changed in changes.items():
        audit.record(session, actor, transition.event, f"requirement:{code}", changed, note=comment)
    inbox.notify_of(session, actor, told, transition.event, note=comment)
    announce_step(session, transition.event, tuple(changes))


def _recipients(
    session: Session, actor: Actor, changes: Mapping[str, Mapping[str, tuple[audit.Json, audit.Json]]]
) -> dict[str, Collection[int]]:
    """Who is told beside the followers, by subject: what reviewers did, whoever submitted it; what went out of force,
    the reviewers.
    """
    submitters = _submitters(session, changes) if may(actor, Permission.REVIEW_REQUIREMENTS) else {}
    gone = {code for code, changed in changes.items() if changed == _OUT_OF_FORCE}
    reviewers = _reviewers(session) if gone else ()
    return {
        f"requirement:{code}": (*submitters.get(code, ()), *(reviewers if code in gone else ())) for code in changes
    }


def _submitters(session: Session, codes: Collection[str]) -> dict[str, tuple[int]]:
    """Who last submitted each requirement."""
    entries = last_entries(session, codes, Action.SUBMIT)
    names = {entry.actor for entry in entries.values()}
    keys = dict(session.execute(select(User.username, User.id).where(User.username.in_(names))).all())
    return {code: (keys[entry.actor],) for code, entry in entries.items() if entry.actor in keys}


def _reviewers(session: Session) -> Sequence[int]:
    """Everybody who decides on requirements."""
    roles = PERMISSIONS[Permission.REVIEW_REQUIREMENTS]
    return session.scalars(select(User.id).where(User.active, User.role.in_(roles))).all()
