"""Links with which people set their password: the first one when they are invited, a new one when they lost theirs."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session, joinedload

from models import PasswordLink, User
from planner.errors import InvalidInputError, NotFoundError
from planner.i18n import format_moment, to_words
from planner.mail import MAILER, Mail, Mailer
from planner.services import alerts, audit, passwords
from planner.services.ending import end_access
from planner.services.locking import lock
from planner.services.mailing import post_mail_after_commit
from planner.services.permissions import Actor, Permission, actor_of, require
from planner.services.sign_ins import new_token, token_hash
from planner.text import N_, Phrase

LINK_PATH: Final = "/password/"
"""Where links lead, before their tokens."""
INVITATION_LIFETIME: Final = dt.timedelta(days=7)
RESET_LIFETIME: Final = dt.timedelta(days=1)


class LinkOverError(NotFoundError):
    """The link was used, replaced or withdrawn, has expired, or never was one. It does not tell which."""

    default = Phrase(N_("This link has expired or was used already. Ask an administrator for a new one."))


@dataclass(frozen=True)
class IssuedLink:
    """A link's secret, which is shown once and kept nowhere, and whom it is for."""

    token: str
    expires_at: dt.datetime
    username: str
    full_name: str
    email: str | None
    language: str
    first: bool


@dataclass(frozen=True)
class OpenLink:
    """What the holder of a link is told: whose password it sets, and whether that is the first one."""

    username: str
    full_name: str
    first: bool


def issue_link(session: Session, actor: Actor, user: User, now: dt.datetime) -> IssuedLink:
    """A link with which the account's password may be set. An earlier one of the account stops working."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    lock(session, f"link:{user.username}")
    first = user.password_hash is None
    token = new_token()
    expires_at = now + (INVITATION_LIFETIME if first else RESET_LIFETIME)
    session.merge(PasswordLink(user_id=user.id, token_hash=token_hash(token), expires_at=expires_at, emergency=False))
    audit.record(session, actor, "invited" if first else "password_link_issued", f"account:{user.username}")
    return IssuedLink(token, expires_at, user.username, user.full_name, user.email, user.language, first)


def compose_mail(link: IssuedLink, address: str) -> Mail:
    """The message that brings the link, which is at `address`, to whom it is for."""
    invitation = N_("%(name)s, you are invited to the DE Capacity Planner. Your user name is %(username)s.")
    reset = N_("%(name)s, a new password may be set for your account %(username)s of the DE Capacity Planner.")
    lines = (
        Phrase(invitation if link.first else reset, {"name": link.full_name, "username": link.username}),
        Phrase(N_("Set your password here: %(address)s"), {"address": address}),
        Phrase(
            N_("The link works once, until %(moment)s. If you did not expect it, tell an administrator."),
            {"moment": format_moment(link.expires_at, link.language)},
        ),
    )
    title = N_("Invitation to the DE Capacity Planner") if link.first else N_("Your password link")
    text = "\n\n".join(to_words(line, link.language) for line in lines)
    return Mail(link.email or "", to_words(Phrase(title), link.language), text)


def send_link_after_commit(session: Session, link: IssuedLink, path: str) -> bool:
    """Send the link, which is at `path`, to its person's address, if and when the transaction commits.

    False where there is no address or nothing is sent. Only a link that starts with our own address is sent: what a
    request calls the host is anybody's to say.
    """
    mailer: Mailer = session.info[MAILER]
    if not (link.email and mailer.delivers and mailer.address):
        return False
    post_mail_after_commit(session, compose_mail(link, mailer.address + path))
    return True


def find_link(session: Session, token: str, now: dt.datetime) -> OpenLink:
    """Whose password the link sets; `LinkOverError` if it sets none. Looking does not use it up."""
    user = session.scalar(
        select(User).join(PasswordLink, PasswordLink.user_id == User.id).where(_opens(token, now), User.active)
    )
    if user is None:
        raise LinkOverError
    return OpenLink(user.username, user.full_name, user.password_hash is None)


def accept_link(session: Session, token: str, password: str, now: dt.datetime) -> None:
    """Set the password of the link's account, unlock it, use the link up, and end all else that lets somebody in.

    That is every sign-in and token: a link is made where a password is lost, and whose hands it fell into is not known.

    `InvalidInputError` leaves the link as it was, if the caller rolls back.
    """
    used = session.execute(delete(PasswordLink).where(_opens(token, now)).returning(PasswordLink.user_id)).first()
    user = session.get(User, used.user_id, options=[joinedload(User.ministry)]) if used else None
    if user is None or not user.active:
        raise LinkOverError
    if faults := passwords.check_password(password, user.username):
        raise InvalidInputError(faults)
    user.password_hash = passwords.hash_password(password)
    user.failed_sign_ins, user.locked_until = 0, None
    person = actor_of(user)
    audit.record(session, person, "password_changed", f"account:{user.username}")
    end_access(session, person, user.id, user.username)
    alerts.tell(session, user, "password_changed")


def _opens(token: str, now: dt.datetime) -> ColumnElement[bool]:
    """Whether a link sets a password and is the one of `token`."""
    return and_(PasswordLink.token_hash == token_hash(token), PasswordLink.expires_at > now, ~PasswordLink.emergency)
