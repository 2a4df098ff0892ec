"""Accounts as administrators keep them: who there is, with which role, and who may sign in."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, case, exists, false, func, literal, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from models import Identity, Ministry, Role, SecondFactor, User
from planner.errors import ConflictError, Fault, ForbiddenError, InvalidInputError, NotFoundError, fault
from planner.services import alerts, audit, invitations, passwords
from planner.services.attempts import is_locked
from planner.services.ending import end_access
from planner.services.lists import ListFilter, Listing, Sorts, load_slice, matches, sorted_by
from planner.services.locking import lock
from planner.services.names import name_of
from planner.services.permissions import OPERATOR, Actor, Permission, actor_of, require
from planner.services.sign_ins import Lifetimes, SignInEntry, end_all, list_sign_ins
from planner.services.tokens import TokenEntry, list_tokens, revoke_all
from planner.services.wording import account_state_phrase, role_phrase
from planner.text import N_, LocalText, Phrase
from reports.values import Column, Table

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EMAIL_LENGTH: Final = 254
NAME_LENGTH: Final = 300

COLUMNS: Final = (
    Column("code", N_("User name"), "code"),
    Column("full_name", N_("Full name")),
    Column("role", N_("Role")),
    Column("ministry", N_("Ministry")),
    Column("state", N_("State")),
)
SORTABLE: Final = tuple(column.key for column in COLUMNS)


class WithheldError(ForbiddenError):
    """The role of the account, or the one that it is to have, is withheld from who acts."""

    default = Phrase(
        N_(
            "Accounts of this role are kept on the pages alone, after a second factor. "
            "A token may sign such an account out, end its tokens and deactivate it."
        )
    )


class State(StrEnum):
    """Whether somebody may sign in with an account, and if not, why."""

    ACTIVE = "active"
    INVITED = "invited"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True)
class AccountFilter(ListFilter):
    """Which accounts; `text` is looked for in user names, full names and addresses. `ministry` is a code."""

    role: str | None = None
    ministry: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class AccountFields:
    """What an administrator says of an account. `ministry` is a code; "" stands for none."""

    full_name: str
    email: str
    role: str
    ministry: str


@dataclass(frozen=True)
class AccountDetail:
    """One account, as it was at `version`.

    `provided`: its person comes by the organisation's provider, whose groups say role and ministry at every sign-in.
    """

    username: str
    fields: AccountFields
    role: Phrase
    ministry: LocalText | None
    state: State
    state_name: Phrase
    locked_until: dt.datetime | None
    sign_ins: tuple[SignInEntry, ...]
    tokens: tuple[TokenEntry, ...]
    second_factor: bool
    provided: bool
    version: int


def load_actor(session: Session, user_id: int) -> Actor | None:
    """The person with this key, or None if there is none or the account is disabled."""
    user = session.get(User, user_id, options=[joinedload(User.ministry)])
    return actor_of(user) if user and user.active else None


def list_accounts(session: Session, actor: Actor, wanted: AccountFilter, now: dt.datetime) -> Listing:
    """The accounts that `wanted` lets through, in two queries."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    state = _state(now)
    sorts: Sorts = {
        "code": User.username,
        "full_name": User.full_name_key,
        "role": User.role,
        "ministry": Ministry.code,
        "state": state,
    }
    found = load_slice(session, sorted_by(_matching(wanted, state), sorts, wanted), wanted)
    rows = tuple(
        (
            user.username,
            user.full_name,
            role_phrase(user.role),
            name_of(user.ministry) if user.ministry else None,
            account_state_phrase(state),
        )
        for user, state in found.rows
    )
    return found.listing(Table("accounts", N_("Accounts"), COLUMNS, rows))


def _matching(wanted: AccountFilter, state: ColumnElement[str]) -> Select[User, str]:
    query = select(User, state).outerjoin(User.ministry).options(contains_eager(User.ministry))
    if wanted.text:
        query = query.where(matches(wanted.text, User.username, User.full_name, func.coalesce(User.email, "")))
    if wanted.role is not None:
        known = wanted.role in Role.__members__.values()
        query = query.where(User.role == Role(wanted.role) if known else false())
    if wanted.ministry is not None:
        query = query.where(Ministry.code == wanted.ministry)
    if wanted.state is not None:
        query = query.where(state == wanted.state)
    return query


def _state(now: dt.datetime) -> ColumnElement[str]:
    """The account's `State`; the first that fits, for a deactivated one stays so whatever else it is."""
    return case(
        (~User.active, literal(State.DEACTIVATED.value)),
        (User.password_hash.is_(None) & ~_is_provided(), literal(State.INVITED.value)),
        (is_locked(now), literal(State.LOCKED.value)),
        else_=literal(State.ACTIVE.value),
    )


def _is_provided() -> ColumnElement[bool]:
    """Whether the organisation's provider knows the account's person."""
    return exists().where(Identity.user_id == User.id)


def list_ministries(session: Session, actor: Actor) -> tuple[tuple[str, LocalText], ...]:
    """Every ministry, by code: its code and its name."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    return tuple((row.code, name_of(row)) for row in session.scalars(select(Ministry).order_by(Ministry.code)))


def get_account(session: Session, actor: Actor, username: str, lifetimes: Lifetimes, now: dt.datetime) -> AccountDetail:
    """One account, and where its person is signed in; `NotFoundError` if there is none."""
    user = _get(session, actor, username)
    state = State(session.scalars(select(_state(now)).where(User.id == user.id)).one())
    return AccountDetail(
        username=user.username,
        fields=_fields(user),
        role=role_phrase(user.role),
        ministry=name_of(user.ministry) if user.ministry else None,
        state=state,
        state_name=account_state_phrase(state),
        locked_until=user.locked_until,
        sign_ins=list_sign_ins(session, user.id, lifetimes, now),
        tokens=list_tokens(session, user.id, now),
        second_factor=session.get(SecondFactor, user.id) is not None,
        provided=session.scalars(select(_is_provided()).where(User.id == user.id)).one(),
        version=user.version,
    )


def invite(
    session: Session, actor: Actor, username: str, given: AccountFields, now: dt.datetime
) -> invitations.IssuedLink:
    """Make an account without a password, and the link with which its person sets the first one."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    username = username.strip().lower()
    lock(session, f"account:{username}")
    _require_in_reach(actor, given.role)
    ministry, faults = _check(session, given)
    if not USERNAME.fullmatch(username):
        message = N_("Use 2 to 100 of the letters a to z, digits and the signs . _ @ + -, a letter or digit first.")
        faults.insert(0, fault("username", "not_a_username", message))
    elif username == OPERATOR.username or session.scalar(select(User.id).where(User.username == username)):
        faults.insert(0, fault("username", "taken", N_("There is an account of this name already.")))
    if faults:
        raise InvalidInputError(faults)
    user = User(username=username, role=Role(given.role), ministry=ministry, **_texts(given))
    session.add(user)
    session.flush()
    audit.record(session, actor, "created", f"account:{username}", _changes(None, given))
    return invitations.issue_link(session, actor, user, now)


def change_account(session: Session, actor: Actor, username: str, version: int, given: AccountFields) -> None:
    """Give the account these fields; `ConflictError` if it is no longer as it was at `version`."""
    user = _get(session, actor, username, for_change=True)
    _require_in_reach(actor, user.role, given.role)
    if user.version != version + 1:
        raise ConflictError
    ministry, faults = _check(session, given)
    if faults:
        raise InvalidInputError(faults)
    before = _fields(user)
    if before.email and before.email != given.email.strip():
        alerts.tell(session, user, "email_changed", address=before.email)
    user.role, user.ministry = Role(given.role), ministry
    for field, text in _texts(given).items():
        setattr(user, field, text)
    _require_an_administrator(session)
    audit.record(session, actor, "changed", f"account:{username}", _changes(before, _fields(user)))


def deactivate(session: Session, actor: Actor, username: str) -> None:
    """Let nobody sign in with the account any more, and end every sign-in, token and link of it at once."""
    user = _get(session, actor, username, for_change=True)
    user.active = False
    _require_an_administrator(session)
    audit.record(session, actor, "deactivated", f"account:{username}")
    end_access(session, actor, user.id, username)


def reactivate(session: Session, actor: Actor, username: str) -> None:
    """Let the person of the account sign in again, with the password there was."""
    user = _get(session, actor, username, for_change=True)
    _require_in_reach(actor, user.role)
    user.active = True
    audit.record(session, actor, "reactivated", f"account:{username}")


def unlock(session: Session, actor: Actor, username: str) -> None:
    """Forget the wrong passwords that locked the account."""
    user = _get(session, actor, username, for_change=True)
    _require_in_reach(actor, user.role)
    user.failed_sign_ins, user.locked_until = 0, None
    audit.record(session, actor, "unlocked", f"account:{username}")


def issue_link(session: Session, actor: Actor, username: str, now: dt.datetime) -> invitations.IssuedLink:
    """A new link for the account's password; `ConflictError` for a deactivated account."""
    user = _get(session, actor, username)
    _require_in_reach(actor, user.role)
    if not user.active:
        raise ConflictError(Phrase(N_("The account is deactivated. Activate it first.")))
    return invitations.issue_link(session, actor, user, now)


def take_back(session: Session, actor: Actor, username: str, now: dt.datetime) -> invitations.IssuedLink:
    """Take an account out of the hands of whoever got into it, and make the link with which its person comes back.

    Its password works no longer, and every sign-in, token and link of it ends at once. `ConflictError` for an account
    that is deactivated, and for one whose person comes by the provider, which alone can keep others out.
    """
    user = _get(session, actor, username, for_change=True)
    _require_in_reach(actor, user.role)
    if session.scalar(select(_is_provided()).where(User.id == user.id)):
        message = N_("The person comes by the organisation's provider, which alone keeps others out.")
        raise ConflictError(Phrase(message))
    user.password_hash = passwords.unknown_hash()
    user.failed_sign_ins, user.locked_until = 0, None
    audit.record(session, actor, "taken_back", f"account:{username}")
    end_access(session, actor, user.id, username)
    return issue_link(session, actor, username, now)


def end_sign_ins(session: Session, actor: Actor, username: str) -> None:
    """Sign the person of the account out of every browser."""
    end_all(session, _get(session, actor, username).id)
    audit.record(session, actor, "signed_out_everywhere", f"account:{username}")


def revoke_tokens(session: Session, actor: Actor, username: str) -> None:
    """End every token with which programs act for the person of the account."""
    revoke_all(session, _get(session, actor, username).id)
    audit.record(session, actor, "tokens_revoked", f"account:{username}")


def _get(session: Session, actor: Actor, username: str, *, for_change: bool = False) -> User:
    """The account; one that is to be changed counts a version on, and no other administrator changes any meanwhile."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    if for_change:
        lock(session, "accounts")
    user = session.scalar(select(User).where(User.username == username).options(joinedload(User.ministry)))
    if user is None:
        raise NotFoundError
    if for_change:
        user.version += 1
    return user


def _require_in_reach(actor: Actor, *roles: str) -> None:
    """`WithheldError` for an account that has, or is to have, one of the roles that are withheld from `actor`."""
    if actor.withheld.intersection(roles):
        raise WithheldError


def _require_an_administrator(session: Session) -> None:
    """`ConflictError` if the change at hand would leave nobody who can manage accounts."""
    session.flush()
    able = select(User.id).where(
        User.role == Role.ADMINISTRATOR, User.active, User.password_hash.is_not(None) | _is_provided()
    )
    if session.scalar(able.limit(1)) is None:
        raise ConflictError(Phrase(N_("This is the last administrator who can sign in. Appoint another one first.")))


def _check(session: Session, given: AccountFields) -> tuple[Ministry | None, list[Fault]]:
    """The ministry meant, and everything wrong with the fields."""
    faults = check_person(given.full_name, given.email)
    ministry = session.scalar(select(Ministry).where(Ministry.code == given.ministry)) if given.ministry else None
    if given.role not in Role.__members__.values():
        faults.append(fault("role", "unknown", N_("Choose a role from the list.")))
    elif given.ministry and given.role not in {Role.MINISTRY_PLANNER, Role.HR}:
        faults.append(fault("ministry", "not_with_role", N_("This role sees every ministry: choose none.")))
    elif not given.ministry and given.role == Role.MINISTRY_PLANNER:
        faults.append(fault("ministry", "missing", N_("Choose the ministry that the person plans for.")))
    if given.ministry and ministry is None:
        faults.append(fault("ministry", "unknown", N_("Choose a ministry from the list.")))
    return ministry, faults


def check_person(full_name: str, email: str) -> list[Fault]:
    """What is wrong with a person's name and e-mail address; an address may be missing."""
    faults = []
    if not full_name.strip():
        faults.append(fault("full_name", "missing", N_("Fill in the full name.")))
    if len(full_name) > NAME_LENGTH:
        faults.append(fault("full_name", "too_long", N_("Use at most %(count)s characters."), count=NAME_LENGTH))
    if email.strip() and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email.strip())):
        faults.append(fault("email", "not_an_address", N_("This is not an e-mail address.")))
    return faults


def _texts(given: AccountFields) -> dict[str, str | None]:
    return {"full_name": given.full_name.strip(), "email": given.email.strip() or None}


def _fields(user: User) -> AccountFields:
    return AccountFields(user.full_name, user.email or "", user.role.value, user.ministry.code if user.ministry else "")


def _changes(before: AccountFields | None, after: AccountFields) -> audit.Changes:
    return {
        field: (getattr(before, field) if before else None, getattr(after, field) or None)
        for field in ("full_name", "email", "role", "ministry")
    }
