"""What people keep of themselves: name, address, language, theme and password."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from models import User
from planner.errors import InvalidInputError
from planner.i18n import LANGUAGES
from planner.services import alerts, audit, passwords
from planner.services.accounts import check_person
from planner.services.ending import end_access
from planner.services.locking import begin_writing
from planner.services.permissions import THEMES, Actor
from planner.services.sign_ins import Client, doubt_password


@dataclass(frozen=True)
class Profile:
    """What a person says of themselves; an address may be missing."""

    full_name: str
    email: str


def load_profile(session: Session, actor: Actor) -> Profile:
    """The actor's own profile."""
    user = session.get_one(User, actor.user_id)
    return Profile(user.full_name, user.email or "")


def save_profile(session: Session, actor: Actor, given: Profile) -> None:
    """Keep the actor's own profile."""
    if faults := check_person(given.full_name, given.email):
        raise InvalidInputError(faults)
    begin_writing(session)
    user = session.get_one(User, actor.user_id, with_for_update=True)
    before = Profile(user.full_name, user.email or "")
    after = Profile(given.full_name.strip(), given.email.strip())
    user.full_name, user.email = after.full_name, after.email or None
    changes = {name: (getattr(before, name) or None, getattr(after, name) or None) for name in ("full_name", "email")}
    if before.email and before.email != after.email:
        alerts.tell(session, user, "email_changed", address=before.email)
    if before != after:
        audit.record(session, actor, "changed", f"account:{actor.username}", changes)


def set_language(session: Session, actor: Actor, language: str) -> None:
    """Keep `language` as the one that `actor` reads; `ValueError` if it is none of ours."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not one of {LANGUAGES}")
    session.get_one(User, actor.user_id).language = language


def set_theme(session: Session, actor: Actor, theme: str) -> None:
    """Keep `theme` as the one that `actor` looks at; `ValueError` if it is none of ours."""
    if theme not in THEMES:
        raise ValueError(f"theme {theme!r} is not one of {THEMES}")
    session.get_one(User, actor.user_id).theme = theme


@dataclass(frozen=True)
class PasswordChange:
    """The password there is, the new one, the sign-in that stays when all others end, and whether tokens stay too."""

    present: str
    new: str
    kept_sign_in: int
    keep_tokens: bool = False


def change_password(
    sessions: sessionmaker[Session], actor: Actor, given: PasswordChange, client: Client, now: dt.datetime
) -> None:
    """Set the actor's own password, and end all else with which somebody could come in (`ending.end_access`)."""
    wrong = doubt_password(sessions, actor, given.present, client, now, field="present")
    if faults := (*wrong, *passwords.check_password(given.new, actor.username)):
        raise InvalidInputError(faults)
    password_hash = passwords.hash_password(given.new)
    with sessions.begin() as session:
        user = session.get_one(User, actor.user_id)
        user.password_hash = password_hash
        audit.record(session, actor, "password_changed", f"account:{actor.username}")
        end_access(
            session,
            actor,
            actor.user_id,
            actor.username,
            but=given.kept_sign_in,
            keep_tokens=given.keep_tokens,
        )
        alerts.tell(session, user, "password_changed")
