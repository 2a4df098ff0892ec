"""The last way in: a link that signs its holder in once, made at the command line alone.

For when the organisation's provider is away and passwords are switched off, or the last administrator lost the second
factor. Whoever works at the command line holds the database anyway.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from models import PasswordLink, User
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services import alerts, audit
from planner.services.attempts import forgive_account
from planner.services.invitations import LinkOverError
from planner.services.permissions import Actor, actor_of
from planner.services.sign_ins import Client, Lifetimes, add_sign_in, new_token, token_hash
from planner.text import N_, Phrase

LIFETIME: Final = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class EmergencyLink:
    """A link's secret, which is shown once and kept nowhere, and until when it works."""

    token: str
    expires_at: dt.datetime


def issue(session: Session, actor: Actor, username: str, now: dt.datetime) -> EmergencyLink:
    """A link that signs in as `username`; an earlier link of the account stops working. For the operator alone."""
    if actor.user_id is not None:
        raise ForbiddenError
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError
    if not user.active:
        raise ConflictError(Phrase(N_("The account is deactivated. Activate it first.")))
    link = EmergencyLink(new_token(), now + LIFETIME)
    session.merge(
        PasswordLink(user_id=user.id, token_hash=token_hash(link.token), expires_at=link.expires_at, emergency=True)
    )
    audit.record(session, actor, "emergency_link_issued", f"account:{username}")
    return link


def find(session: Session, token: str, now: dt.datetime) -> str:
    """The full name of whom the link signs in as; `LinkOverError` if nobody. Looking does not use it up."""
    query = (
        select(User.full_name)
        .join(PasswordLink, PasswordLink.user_id == User.id)
        .where(PasswordLink.token_hash == token_hash(token), PasswordLink.expires_at > now)
        .where(PasswordLink.emergency, User.active)
    )
    name = session.scalar(query)
    if name is None:
        raise LinkOverError
    return name


def enter(session: Session, token: str, client: Client, lifetimes: Lifetimes, now: dt.datetime) -> str:
    """Use the link up: the token of a new sign-in, without password and second factor, and the account unlocked."""
    used = session.execute(
        delete(PasswordLink)
        .where(PasswordLink.token_hash == token_hash(token), PasswordLink.expires_at > now, PasswordLink.emergency)
        .returning(PasswordLink.user_id)
    ).first()
    user = session.get(User, used.user_id, options=[joinedload(User.ministry)]) if used else None
    if user is None or not user.active:
        raise LinkOverError
    forgive_account(session, user.id)
    person = actor_of(user)
    audit.record(session, person, "emergency_link_used", f"account:{user.username}", note=client.address)
    alerts.tell(session, user, "emergency_link_used")
    return add_sign_in(session, person, client, lifetimes, now)
