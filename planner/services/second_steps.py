"""The second step of signing in: a sign-in that waits for a code, or for a second factor to be set up."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager, sessionmaker

from models import SecondFactor, SignIn, User
from planner.errors import NotFoundError
from planner.services import audit, second_factors
from planner.services.permissions import Actor, actor_of
from planner.services.sign_ins import Client, new_token, token_hash
from planner.text import N_, Phrase

PENDING_FOR: Final = dt.timedelta(minutes=10)
"""How long after the password the second step may be taken."""


@dataclass(frozen=True)
class Pending:
    """A sign-in that waits: whose it is, and whether the account has a second factor or must first be given one."""

    actor: Actor
    enrolled: bool


@dataclass(frozen=True)
class Completed:
    """A sign-in that is whole: its new token, and the recovery codes of a second factor that was just set up."""

    token: str
    codes: tuple[str, ...] = ()


class NothingPendingError(NotFoundError):
    """No sign-in waits for its second step in this browser, or it waited for too long."""

    default = Phrase(N_("There is no sign-in that waits for a code, or it waited for too long. Sign in again."))


def find_pending(session: Session, token: str | None, now: dt.datetime) -> Pending | None:
    """What waits under this token; None if nothing does, or no longer."""
    query = (
        select(SignIn, SecondFactor.user_id)
        .join(SignIn.user)
        .outerjoin(User.ministry)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .where(
            SignIn.token_hash == token_hash(token or ""),
            SignIn.pending,
            SignIn.signed_in_at > now - PENDING_FOR,
            User.active,
        )
        .options(contains_eager(SignIn.user).contains_eager(User.ministry))
    )
    found = session.execute(query).first()
    return Pending(actor_of(found[0].user), found[1] is not None) if found else None


def get_pending(session: Session, token: str | None, now: dt.datetime, *, enrolled: bool) -> Pending:
    """What waits under this token for a code, or, not `enrolled`, for the setting up; else `NothingPendingError`."""
    found = find_pending(session, token, now)
    if found is None or found.enrolled is not enrolled:
        raise NothingPendingError
    return found


def give_code(
    sessions: sessionmaker[Session], token: str | None, code: str, client: Client, now: dt.datetime
) -> Completed:
    """Complete the sign-in with a code of the second factor; `WrongCodeError`, `NothingPendingError`."""
    with sessions.begin() as session:
        waiting = get_pending(session, token, now, enrolled=True)
    second_factors.check_code(sessions, waiting.actor, code, client, now)
    with sessions.begin() as session:
        return Completed(_complete(session, waiting.actor, token, client, now))


def set_up(
    session: Session, token: str | None, client: Client, now: dt.datetime, *, sealed: str, code: str
) -> Completed:
    """Complete the sign-in by setting up the second factor that it needs (`second_factors.enrol`)."""
    waiting = get_pending(session, token, now, enrolled=False)
    codes = second_factors.enrol(session, waiting.actor, sealed, code, now)
    return Completed(_complete(session, waiting.actor, token, client, now), codes)


def _complete(session: Session, actor: Actor, token: str | None, client: Client, now: dt.datetime) -> str:
    """Make the sign-in whole, under another token: the one before the second step opens nothing ever."""
    whole = new_token()
    completed = session.execute(
        update(SignIn)
        .where(SignIn.token_hash == token_hash(token or ""), SignIn.pending)
        .values(token_hash=token_hash(whole), pending=False, signed_in_at=now, last_seen_at=now)
        .returning(SignIn.id)
    )
    if completed.first() is None:
        raise NothingPendingError
    audit.record(session, actor, "signed_in", f"account:{actor.username}", note=client.address)
    return whole
