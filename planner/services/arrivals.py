"""People who come by the organisation's provider: who may come in, and the account that is made or updated for them.

The provider's `subject` finds the account. A new subject gets the account whose user name is the e-mail address that
the provider has verified: user names are an administrator's to give, unlike the address in a profile, which everybody
may write. Otherwise it gets an account of its own. Role and ministry follow the groups at every sign-in.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from models import Identity, Ministry, User
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services import alerts, audit
from planner.services.accounts import EMAIL, EMAIL_LENGTH, NAME_LENGTH, USERNAME
from planner.services.ending import end_access
from planner.services.locking import lock
from planner.services.permissions import OPERATOR, Actor, Permission, actor_of, require
from planner.services.provider import Claims
from planner.services.sign_ins import Client, Lifetimes, add_sign_in
from planner.text import N_, Phrase
from planner.ways_in import Grant, ProviderSettings

_HASH_LENGTH: Final = 12


class NotAdmittedError(ForbiddenError):
    """The provider knows the person, but none of the groups has a role here."""

    default = Phrase(
        N_(
            "Your organisation knows you, but none of your groups may use the planner. "
            "Ask your administrator to add you to one."
        )
    )


class AccountClosedError(ForbiddenError):
    """The person's account was deactivated."""

    default = Phrase(N_("Your account is deactivated. Ask an administrator."))


@dataclass(frozen=True)
class KnownAs:
    """A provider, and its own name for a person, which never changes."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class Arrival:
    """Somebody who came by the provider, from where and when."""

    claims: Claims
    client: Client
    now: dt.datetime


def arrive(sessions: sessionmaker[Session], settings: ProviderSettings, arrival: Arrival, lifetimes: Lifetimes) -> str:
    """The token of a new sign-in of who arrived; `NotAdmittedError`, `AccountClosedError`.

    Who is in none of the groups any more is signed out everywhere.
    """
    with sessions.begin() as session:
        lock(session, "accounts")
        outcome = _admit(session, settings, arrival, lifetimes)
    if isinstance(outcome, ForbiddenError):
        raise outcome
    return outcome


def link_account(session: Session, actor: Actor, username: str, known_as: KnownAs, now: dt.datetime) -> None:
    """Let the person whom the provider knows so come in as `username`, whatever the account is called.

    `NotFoundError`, `ConflictError` if either is linked already.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    lock(session, "accounts")
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError
    taken = select(Identity.id).where(Identity.issuer == known_as.issuer, Identity.subject == known_as.subject)
    if session.scalar(taken) or _is_linked(session, user, known_as.issuer):
        raise ConflictError(Phrase(N_("The account or the person of the provider is linked already.")))
    _link(session, actor, user, known_as, now)


def _admit(
    session: Session, settings: ProviderSettings, arrival: Arrival, lifetimes: Lifetimes
) -> str | ForbiddenError:
    """The token, or why there is none; either way what happened is kept."""
    claims, client = arrival.claims, arrival.client
    user = _find(session, settings, claims)
    grant = next((grant for group, grant in settings.groups.items() if group in claims.groups), None)
    ministry = session.scalar(select(Ministry).where(Ministry.code == grant.ministry)) if grant else None
    if grant is None or (grant.ministry and ministry is None):
        subject = f"account:{user.username}" if user else f"address:{client.address}"
        audit.record(session, None, "not_admitted", subject, note=client.address)
        if user:
            end_access(session, None, user.id, user.username)
        return NotAdmittedError()
    if user and not user.active:
        audit.record(session, None, "not_admitted", f"account:{user.username}", note=client.address)
        return AccountClosedError()
    if user is None:
        user = _make(session, settings, claims, grant, ministry)
    if not _is_linked(session, user, settings.issuer):
        _link(session, actor_of(user), user, KnownAs(settings.issuer, claims.subject), arrival.now)
    _update(session, settings, user, grant, ministry)
    return add_sign_in(session, actor_of(user), client, lifetimes, arrival.now)


def _find(session: Session, settings: ProviderSettings, claims: Claims) -> User | None:
    """The account of the subject; else the one of its verified address that no other subject has."""
    users = select(User).options(joinedload(User.ministry))
    ours = Identity.issuer == settings.issuer
    known = session.scalar(users.join(Identity).where(ours, Identity.subject == claims.subject))
    if known or not claims.email:
        return known
    linked = select(Identity.user_id).where(ours)
    return session.scalar(users.where(User.username == claims.email.lower(), User.id.not_in(linked)))


def _make(
    session: Session, settings: ProviderSettings, claims: Claims, grant: Grant, ministry: Ministry | None
) -> User:
    """A new account, named by the first of address, user name and subject that can name one."""
    digest = hashlib.sha256(f"{settings.issuer} {claims.subject}".encode()).hexdigest()
    wanted = [name.lower() for name in (claims.email, claims.username, claims.subject, f"sso-{digest[:_HASH_LENGTH]}")]
    taken = {OPERATOR.username, *session.scalars(select(User.username).where(User.username.in_(wanted)))}
    username = next(name for name in wanted if USERNAME.fullmatch(name) and name not in taken)
    email = claims.email if EMAIL.fullmatch(claims.email) and len(claims.email) <= EMAIL_LENGTH else None
    user = User(
        username=username,
        full_name=claims.name[:NAME_LENGTH] or username,
        email=email,
        role=grant.role,
        ministry=ministry,
    )
    session.add(user)
    session.flush()
    fields = {"full_name": user.full_name, "email": email, "role": grant.role.value, "ministry": grant.ministry or None}
    changes = {name: (None, value) for name, value in fields.items()}
    audit.record(session, actor_of(user), "created", f"account:{username}", changes, note=settings.issuer)
    return user


def _link(session: Session, by: Actor, user: User, known_as: KnownAs, now: dt.datetime) -> None:
    """Let the subject find the account from now on, which has no password of its own any more."""
    session.add(Identity(user_id=user.id, issuer=known_as.issuer, subject=known_as.subject, linked_at=now))
    user.password_hash = None
    audit.record(session, by, "identity_linked", f"account:{user.username}", note=known_as.issuer)
    end_access(session, by, user.id, user.username)
    alerts.tell(session, user, "identity_linked")


def _is_linked(session: Session, user: User, issuer: str) -> bool:
    known = select(Identity.id).where(Identity.user_id == user.id, Identity.issuer == issuer)
    return session.scalar(known) is not None


def _update(session: Session, settings: ProviderSettings, user: User, grant: Grant, ministry: Ministry | None) -> None:
    """Give the account the role and the ministry of its groups."""
    before = (user.role.value, user.ministry.code if user.ministry else None)
    after = (grant.role.value, grant.ministry or None)
    if before == after:
        return
    user.role, user.ministry = grant.role, ministry
    user.version += 1
    session.flush()
    changes = dict(zip(("role", "ministry"), zip(before, after, strict=True), strict=True))
    audit.record(session, actor_of(user), "changed", f"account:{user.username}", changes, note=settings.issuer)
