"""Accounts: passwords, signing in, and the accounts that a demonstration needs."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models import Ministry, Role, User
from planner.errors import PlannerError
from planner.i18n import LANGUAGES
from planner.services.permissions import Actor
from planner.text import N_, Phrase

FAILURES_ALLOWED: Final = 5
LOCKED_FOR: Final = dt.timedelta(minutes=15)

_HASHER: Final = PasswordHasher()  # argon2id with the parameters that RFC 9106 recommends
_NOBODY: Final = _HASHER.hash("the hash that a name without an account is checked against")


class SignInError(PlannerError):
    """Signing in was refused. One sentence for every cause: it does not tell whether the account exists."""

    status = 401
    default = Phrase(
        N_(
            "The user name or the password is wrong, or the account is disabled or locked. "
            "After %(failures)s wrong passwords an account is locked for %(minutes)s minutes."
        ),
        {"failures": FAILURES_ALLOWED, "minutes": LOCKED_FOR // dt.timedelta(minutes=1)},
    )


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its salt and parameters."""
    return _HASHER.hash(password)


def sign_in(session: Session, username: str, password: str, now: dt.datetime) -> Actor:
    """Whoever has this name and password; else `SignInError`, whose count of failures the caller must commit.

    A name without an account and a locked account take as long as a wrong password does.
    """
    user = session.scalar(select(User).where(User.username == username.strip().lower()).with_for_update())
    open_account = user is not None and user.active and (user.locked_until is None or user.locked_until <= now)
    correct = _is_correct(user.password_hash if user and open_account else _NOBODY, password)
    if user is None or not open_account:
        raise SignInError
    if not correct:
        user.failed_sign_ins += 1
        if user.failed_sign_ins >= FAILURES_ALLOWED:
            user.failed_sign_ins, user.locked_until = 0, now + LOCKED_FOR
        session.flush()
        raise SignInError
    user.failed_sign_ins, user.locked_until = 0, None
    if _HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return _actor(user)


def _is_correct(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def load_actor(session: Session, user_id: int) -> Actor | None:
    """The person with this key, or None if there is none or the account is disabled."""
    user = session.get(User, user_id, options=[joinedload(User.ministry)])
    return _actor(user) if user and user.active else None


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id,
        username=user.username,
        full_name=user.full_name,
        role=user.role,
        ministry_id=user.ministry_id,
        ministry_code=user.ministry.code if user.ministry else None,
        language=user.language,
    )


def set_language(session: Session, actor: Actor, language: str) -> None:
    """Keep `language` as the one that `actor` reads; `ValueError` if it is none of ours."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not one of {LANGUAGES}")
    session.get_one(User, actor.user_id).language = language


@dataclass(frozen=True)
class DemoAccount:
    """An account for trying the tool out, with its password, which is public."""

    username: str
    password: str
    full_name: str
    role: Role
    ministry_code: str | None = None


_DEMO_ACCOUNTS: Final = (
    ("ministry", "baan-suan-manao-31", "นางสาวพิมพ์ชนก ตัวอย่าง", Role.MINISTRY_PLANNER),
    ("planner", "khlong-saen-saep-52", "นายธนกฤต ตัวอย่าง", Role.DE_PLANNER),
    ("manager", "phu-khao-thong-68", "นางสุภาวดี ตัวอย่าง", Role.MANAGER),
    ("hr", "talat-nam-sam-74", "นายวีรภัทร ตัวอย่าง", Role.HR),
    ("auditor", "hor-samut-chat-85", "นางสาวกมลวรรณ ตัวอย่าง", Role.AUDITOR),
    ("admin", "prasat-hin-phimai-96", "นายอนุชา ตัวอย่าง", Role.ADMINISTRATOR),
)
_DEMO_MINISTRY: Final = "21000"


def seed_demo_accounts(session: Session) -> list[DemoAccount]:
    """Make the demonstration's accounts, one for each role, where they are missing, and list them all.

    The ministry planner belongs to the Ministry of Public Health, or to the first ministry where that is not kept,
    and is left out while there is no ministry. Accounts that exist stay as they are. Never for a real installation.
    """
    ministry = session.scalar(select(Ministry).order_by(Ministry.code != _DEMO_MINISTRY, Ministry.code).limit(1))
    present = set(session.scalars(select(User.username)))
    accounts = []
    for username, password, full_name, role in _DEMO_ACCOUNTS:
        home = ministry if role is Role.MINISTRY_PLANNER else None
        if role is Role.MINISTRY_PLANNER and home is None:
            continue
        accounts.append(DemoAccount(username, password, full_name, role, home.code if home else None))
        if username not in present:
            session.add(
                User(
                    username=username,
                    full_name=full_name,
                    password_hash=hash_password(password),
                    role=role,
                    ministry=home,
                )
            )
    session.flush()
    return accounts
