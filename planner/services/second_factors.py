"""Second factors: an app's codes (TOTP, RFC 6238) beside the password, and recovery codes for a phone that is lost.

A code is taken once. Every attempt counts against the account and the network address like a wrong password does.
"""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from models import RecoveryCode, SecondFactor, User
from planner.errors import ConflictError, InvalidInputError, NotFoundError, PlannerError, fault
from planner.sealing import SEAL, Seal, SealError
from planner.services import alerts, attempts, audit
from planner.services.permissions import Actor, Permission, require
from planner.services.sign_ins import Client, end_all
from planner.text import N_, THAI_DIGITS, Phrase

CODES: Final = 10
"""Recovery codes that are made at a time."""
_CODE_BYTES: Final = 15
"""Randomness of a recovery code: 120 bits, so that a plain hash of it is enough (ASVS 2.6.2)."""
_GROUP: Final = 4
_SHOWN_AS: Final = "DE Capacity Planner"
"""What an app calls the account's place; an app shows it in whatever language it stands."""
_APP_CODE: Final = re.compile(r"[0-9]{6}")
_NEIGHBOURS: Final = (-1, 0, 1)
"""Steps of 30 seconds that a phone's clock may be off."""


class WrongCodeError(PlannerError):
    """A code was refused. One sentence for every cause."""

    status = 401
    default = Phrase(
        N_(
            "The code is wrong, has expired or was used already, or the account is locked. "
            "After %(failures)s wrong ones an account is locked for %(minutes)s minutes."
        ),
        {
            "failures": attempts.FAILURES_ALLOWED,
            "minutes": attempts.LOCKED_FOR // dt.timedelta(minutes=1),
        },
    )


@dataclass(frozen=True)
class Proposal:
    """A secret for an account's app, before it is taken: `sealed` may be kept in the browser until then.

    `uri` is what the app reads from a picture, `secret` what is typed where there is no camera.
    """

    sealed: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """Since when an account has a second factor, None if it has none, and how many recovery codes are left.

    `passwords`: whether it signs in with a password at all; one that comes by the provider needs no second factor here.
    """

    enrolled_at: dt.datetime | None
    codes: int
    passwords: bool


def load_standing(session: Session, user_id: int | None) -> Standing:
    """How things stand with that account. The caller has checked who may know it."""
    codes = select(func.count()).where(RecoveryCode.user_id == User.id).scalar_subquery()
    query = select(User.password_hash.is_not(None), SecondFactor.enrolled_at, codes)
    row = session.execute(
        query.select_from(User).outerjoin(SecondFactor, SecondFactor.user_id == User.id).where(User.id == user_id)
    ).one()
    return Standing(row[1], row[2], row[0])


def propose(session: Session, actor: Actor, kept: str | None) -> Proposal:
    """A secret for `actor`'s app: the one that was sealed as `kept`, if that can be read, else a new one."""
    seal, purpose = _seal(session), _purpose(actor.user_id)
    try:
        secret = seal.open(kept or "", purpose)
    except SealError:
        secret = pyotp.random_base32()
        kept = seal.close(secret, purpose)
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=_SHOWN_AS)
    return Proposal(kept or "", secret, uri)


def enrol(session: Session, actor: Actor, sealed: str, code: str, now: dt.datetime) -> tuple[str, ...]:
    """Take the proposed secret as `actor`'s second factor, for whose app `code` speaks; the recovery codes.

    `InvalidInputError` for a wrong code, `ConflictError` where there is a second factor already.
    """
    proposal = propose(session, actor, sealed)
    step = _step_of(proposal.secret, _plain(code), now)
    if step is None:
        wrong = N_("This is not the code that the app shows now. Is the clock of the phone right?")
        raise InvalidInputError([fault("code", "wrong", wrong)])
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one()
    if session.get(SecondFactor, user.id):
        raise ConflictError(Phrase(N_("The account has a second factor already.")))
    session.add(SecondFactor(user_id=user.id, secret=proposal.sealed, last_step=step, enrolled_at=now))
    session.flush()
    _note(session, actor, "second_factor_set")
    return _replace_codes(session, user.id)


def check_code(sessions: sessionmaker[Session], actor: Actor, code: str, client: Client, now: dt.datetime) -> None:
    """Use up a code of `actor`'s app or a recovery code; else `WrongCodeError`. Every attempt counts."""
    subject = f"account:{actor.username}"
    with sessions.begin() as session:
        attempts.count_for_address(session, client.address, now)
        right = attempts.count_for_account(session, actor.user_id, now) and _use(session, actor, _plain(code), now)
        if right:
            attempts.forgive_account(session, actor.user_id)
            attempts.forgive_address(session, client.address)
        else:
            audit.record(session, None, "sign_in_failed", subject, note=client.address)
    if not right:
        raise WrongCodeError


def remove(sessions: sessionmaker[Session], actor: Actor, code: str, client: Client, now: dt.datetime) -> None:
    """Take `actor`'s second factor away, with one of its codes, and sign out everywhere, this browser too.

    So whoever's role needs one sets up another before anything else.
    """
    check_code(sessions, actor, code, client, now)
    with sessions.begin() as session:
        session.execute(delete(SecondFactor).where(SecondFactor.user_id == actor.user_id))
        end_all(session, actor.user_id)
        _note(session, actor, "second_factor_removed")


def renew_codes(
    sessions: sessionmaker[Session], actor: Actor, code: str, client: Client, now: dt.datetime
) -> tuple[str, ...]:
    """New recovery codes in the place of those there are, with a code of the second factor."""
    check_code(sessions, actor, code, client, now)
    with sessions.begin() as session:
        factor = session.get(SecondFactor, actor.user_id)
        if factor is None:
            raise NotFoundError
        _note(session, actor, "recovery_codes_made")
        return _replace_codes(session, factor.user_id)


def reset(session: Session, actor: Actor, username: str) -> None:
    """Take the second factor of somebody who lost it away, and sign the person out everywhere."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError
    gone = session.execute(
        delete(SecondFactor).where(SecondFactor.user_id == user.id).returning(SecondFactor.user_id)
    ).first()
    if gone is None:
        raise ConflictError(Phrase(N_("The account has no second factor.")))
    end_all(session, user.id)
    audit.record(session, actor, "second_factor_reset", f"account:{username}")
    alerts.tell(session, user, "second_factor_reset")


def _use(session: Session, actor: Actor, code: str, now: dt.datetime) -> bool:
    """Whether the code is one of the account's that was not used yet; from now on it is."""
    if not _APP_CODE.fullmatch(code):
        used = delete(RecoveryCode).where(RecoveryCode.user_id == actor.user_id, RecoveryCode.code_hash == _hash(code))
        if session.execute(used.returning(RecoveryCode.id)).first() is None:
            return False
        _note(session, actor, "recovery_code_used")
        return True
    factor = session.get(SecondFactor, actor.user_id)
    step = _step_of(_seal(session).open(factor.secret, _purpose(actor.user_id)), code, now) if factor else None
    if step is None:
        return False
    taken = update(SecondFactor).where(SecondFactor.user_id == actor.user_id, SecondFactor.last_step < step)
    if session.execute(taken.values(last_step=step).returning(SecondFactor.user_id)).first() is None:
        _note(session, actor, "code_repeated")
        return False
    return True


def _note(session: Session, actor: Actor, done: str) -> None:
    """Record what was done to the actor's own second factor, and tell the person."""
    audit.record(session, actor, done, f"account:{actor.username}")
    alerts.tell(session, session.get(User, actor.user_id), done)


def _step_of(secret: str, code: str, now: dt.datetime) -> int | None:
    """The number of the 30 seconds near `now` whose code this is."""
    totp = pyotp.TOTP(secret)
    steps = [totp.timecode(now) + shift for shift in _NEIGHBOURS]
    given = code.encode()
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), given)), None)


def _replace_codes(session: Session, user_id: int) -> tuple[str, ...]:
    """Ten recovery codes as people copy them, in groups with a dash between."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode() for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(code)) for code in codes)
    return tuple("-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes)


def _plain(code: str) -> str:
    """A code without what people put between its signs."""
    return re.sub(r"[\s-]", "", code.translate(THAI_DIGITS)).upper()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _seal(session: Session) -> Seal:
    seal: Seal = session.info[SEAL]
    return seal


def _purpose(user_id: int | None) -> str:
    return f"second factor {user_id}"
