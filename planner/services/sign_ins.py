"""Signing in and out, and who is signed in where: one row for each browser, found by the hash of its token.

Where a second factor is asked, the right password makes a row that is `pending`: it opens nothing until
`planner.services.second_steps` completes it.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, sessionmaker

from models import Role, SecondFactor, SignIn, User
from planner.errors import Fault, NotFoundError, PlannerError, fault
from planner.services import attempts, audit, passwords
from planner.services.permissions import Actor, actor_of
from planner.text import N_, Phrase

Outcome = TypeVar("Outcome")

SEEN_EVERY: Final = dt.timedelta(minutes=1)
"""How exactly "last seen" is kept: writing it for every page would make every reader a writer."""


class SignInError(PlannerError):
    """Signing in was refused. One sentence for every cause: it does not tell whether the account exists."""

    status = 401
    default = Phrase(
        N_(
            "The user name or the password is wrong, or the account is disabled or locked. "
            "After %(failures)s wrong passwords an account is locked for %(minutes)s minutes."
        ),
        {
            "failures": attempts.FAILURES_ALLOWED,
            "minutes": attempts.LOCKED_FOR // dt.timedelta(minutes=1),
        },
    )


@dataclass(frozen=True)
class Credentials:
    """What somebody typed to sign in. The password shows in no representation."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Client:
    """Where a request comes from: a network address, and what the browser calls itself."""

    address: str
    device: str


@dataclass(frozen=True)
class Lifetimes:
    """How long somebody stays signed in without a sign of life, and at most."""

    idle: dt.timedelta
    absolute: dt.timedelta


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and the number of the sign-in."""

    actor: Actor
    number: int


@dataclass(frozen=True)
class SignInEntry:
    """A browser in which somebody is signed in."""

    number: int
    address: str
    device: str
    signed_in_at: dt.datetime
    last_seen_at: dt.datetime


def new_token() -> str:
    """A random token that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. It is random already, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    sessions: sessionmaker[Session],
    given: Credentials,
    client: Client,
    lifetimes: Lifetimes,
    now: dt.datetime,
    *,
    second_factor: Collection[Role] = (),
) -> str:
    """The token of a new sign-in of whoever has this name and password, to be kept in the browser.

    It is pending where the account has a second factor or is of one of the roles in `second_factor`. `SignInError` for
    a wrong password, and for a locked or missing account after the same time; `TooManyAttemptsError` where too many
    failed from the client's address. The password is hashed between two transactions, not within one: it takes long by
    intention, and SQLite has one writer.
    """

    def enter(session: Session, actor: Actor) -> str:
        pending = actor.role in second_factor or session.get(SecondFactor, actor.user_id) is not None
        return add_sign_in(session, actor, client, lifetimes, now, pending=pending)

    return _attempt(sessions, given, client, now, enter)


def add_sign_in(
    session: Session, actor: Actor, client: Client, lifetimes: Lifetimes, now: dt.datetime, *, pending: bool = False
) -> str:
    """The token of a new sign-in of `actor`. The caller has found out that it is that person."""
    session.execute(delete(SignIn).where(_is_over(lifetimes, now)))
    attempts.forget_old_addresses(session, now)
    token = new_token()
    session.add(
        SignIn(
            user_id=actor.user_id,
            token_hash=token_hash(token),
            signed_in_at=now,
            last_seen_at=now,
            address=client.address,
            device=client.device,
            pending=pending,
        )
    )
    if not pending:
        audit.record(session, actor, "signed_in", f"account:{actor.username}", note=client.address)
    return token


def check_attempt(sessions: sessionmaker[Session], given: Credentials, client: Client, now: dt.datetime) -> Actor:
    """The person of the active account with this name and password; else `SignInError`. Every attempt counts."""
    return _attempt(sessions, given, client, now, lambda _session, actor: actor)


def _attempt(
    sessions: sessionmaker[Session],
    given: Credentials,
    client: Client,
    now: dt.datetime,
    then: Callable[[Session, Actor], Outcome],
) -> Outcome:
    """What `then` makes of the person of the active account with this name and password; else `SignInError`.

    It is done in the transaction that finds the password still in force: whoever sets another one meanwhile, and ends
    every sign-in, ends this one too.
    """
    username = given.username.strip().lower()
    with sessions.begin() as session:
        attempts.count_for_address(session, client.address, now)
        user = session.scalar(select(User).where(User.username == username, User.active))
        takes_passwords = user is not None and attempts.count_for_account(session, user.id, now)
        password_hash = user.password_hash if user and takes_passwords else None
    correct = passwords.is_correct(password_hash, given.password)
    with sessions.begin() as session:
        actor = _let_in(session, username, given.password, password_hash, now) if correct else None
        if actor:
            attempts.forgive_address(session, client.address)
            return then(session, actor)
        subject = f"account:{username}" if user else f"address:{client.address}"
        audit.record(session, None, "sign_in_failed", subject, note=client.address)
    raise SignInError


def doubt_password(
    sessions: sessionmaker[Session],
    actor: Actor,
    password: str,
    client: Client,
    now: dt.datetime,
    *,
    field: str = "password",
) -> tuple[Fault, ...]:
    """The fault at `field` where `password` is not `actor`'s own; it counts as failing to sign in.

    Who finds a browser open neither finds out the password nor does what lasts beyond that browser.
    """
    try:
        check_attempt(sessions, Credentials(actor.username, password), client, now)
    except SignInError:
        return (fault(field, "wrong", N_("This is not your present password.")),)
    return ()


def _let_in(
    session: Session, username: str, password: str, password_hash: str | None, now: dt.datetime
) -> Actor | None:
    """Forgive the account, unless it was disabled or got another password this very moment."""
    query = select(User).where(User.username == username, User.active, User.password_hash == password_hash)
    user = session.scalar(query.options(joinedload(User.ministry)).with_for_update(of=User))
    if user is None or user.password_hash is None:
        return None
    if passwords.needs_rehash(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    if session.get(SecondFactor, user.id):
        attempts.take_back(session, user.id, now)
    else:
        attempts.forgive_account(session, user.id)
    return actor_of(user)


def resume(session: Session, token: str, client: Client, lifetimes: Lifetimes, now: dt.datetime) -> SignedIn | None:
    """Who holds this token, or None if the sign-in was ended or is over, or the account is no longer active."""
    query = (
        select(SignIn)
        .join(SignIn.user)
        .outerjoin(User.ministry)
        .where(SignIn.token_hash == token_hash(token), ~SignIn.pending, ~_is_over(lifetimes, now), User.active)
        .options(contains_eager(SignIn.user).contains_eager(User.ministry))
    )
    found = session.scalar(query)
    if found is None:
        return None
    if found.last_seen_at <= now - SEEN_EVERY:
        found.last_seen_at, found.address, found.device = now, client.address, client.device
    return SignedIn(actor_of(found.user), found.id)


def list_sign_ins(
    session: Session, user_id: int | None, lifetimes: Lifetimes, now: dt.datetime
) -> tuple[SignInEntry, ...]:
    """Where that account is signed in, the latest first. The caller has checked who may know it."""
    query = (
        select(SignIn)
        .where(SignIn.user_id == user_id, ~SignIn.pending, ~_is_over(lifetimes, now))
        .order_by(SignIn.last_seen_at.desc(), SignIn.id)
    )
    return tuple(
        SignInEntry(row.id, row.address, row.device, row.signed_in_at, row.last_seen_at)
        for row in session.scalars(query)
    )


def end_sign_in(session: Session, actor: Actor, number: int) -> None:
    """Sign `actor` out of the browser of that number; somebody else's is `NotFoundError`."""
    ended = session.execute(
        delete(SignIn).where(SignIn.id == number, SignIn.user_id == actor.user_id).returning(SignIn.address)
    ).first()
    if ended is None:
        raise NotFoundError
    audit.record(session, actor, "signed_out", f"account:{actor.username}", note=ended.address)


def end_all(session: Session, user_id: int | None, *, but: int | None = None) -> None:
    """End every sign-in of an account but that of number `but`. The caller has checked who may."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id != (but or 0)))


def _is_over(lifetimes: Lifetimes, now: dt.datetime) -> ColumnElement[bool]:
    return or_(SignIn.last_seen_at <= now - lifetimes.idle, SignIn.signed_in_at <= now - lifetimes.absolute)
