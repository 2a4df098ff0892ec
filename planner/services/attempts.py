"""Counting wrong passwords and codes, by account and by network address, before they are looked at.

An attempt counts as failed when it is made and is forgiven when what was given turns out right, each in one statement:
a hundred attempts at once are a hundred attempts. NIST SP 800-63B-4, section 3.2.2, allows at most 100 in a row.
"""

import datetime as dt
from typing import Final

from sqlalchemy import ColumnElement, and_, case, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import AddressFailures, User
from planner.errors import PlannerError
from planner.text import N_, Phrase

FAILURES_ALLOWED: Final = 5
LOCKED_FOR: Final = dt.timedelta(minutes=15)
"""Each time that many passwords in a row were wrong, the account is locked for so long."""

FAILURES_IN_ALL: Final = 100
"""After so many in a row it stays locked until an administrator, or a new password, unlocks it."""

ADDRESS_FAILURES_ALLOWED: Final = 50
ADDRESS_WINDOW: Final = dt.timedelta(minutes=15)
"""So many failures may come from one address within so long: many people of a ministry may share an address."""


class TooManyAttemptsError(PlannerError):
    """Too many passwords from this network address were wrong, whosever they were."""

    status = 429
    default = Phrase(
        N_("Too many sign-ins from your network address failed. Try again in %(minutes)s minutes."),
        {"minutes": ADDRESS_WINDOW // dt.timedelta(minutes=1)},
    )


def is_locked(now: dt.datetime) -> ColumnElement[bool]:
    """Whether an account takes no password at the moment."""
    return or_(User.failed_sign_ins >= FAILURES_IN_ALL, and_(User.locked_until.is_not(None), User.locked_until > now))


def count_for_address(session: Session, address: str, now: dt.datetime) -> None:
    """Count an attempt from `address`; `TooManyAttemptsError` if it may make no more for now."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = AddressFailures.since <= now - ADDRESS_WINDOW
    counted = session.execute(
        insert(AddressFailures)
        .values(address=address, failures=1, since=now)
        .on_conflict_do_update(
            index_elements=[AddressFailures.address],
            set_={
                "failures": case((over, 1), else_=AddressFailures.failures + 1),
                "since": case((over, now), else_=AddressFailures.since),
            },
            where=or_(over, AddressFailures.failures < ADDRESS_FAILURES_ALLOWED),
        )
        .returning(AddressFailures.address)
    )
    if counted.first() is None:
        raise TooManyAttemptsError


def count_for_account(session: Session, user_id: int | None, now: dt.datetime) -> bool:
    """Count an attempt on an account; whether it takes passwords at the moment."""
    failures = User.failed_sign_ins + 1
    counted = session.execute(
        update(User)
        .where(User.id == user_id, ~is_locked(now))
        .values(
            failed_sign_ins=failures,
            locked_until=case((failures % FAILURES_ALLOWED == 0, now + LOCKED_FOR), else_=None),
        )
        .returning(User.id)
    )
    return counted.first() is not None


def forgive_account(session: Session, user_id: int | None) -> None:
    """Forget every failure of an account: its person has come all the way in, or somebody unlocked it."""
    session.execute(update(User).where(User.id == user_id).values(failed_sign_ins=0, locked_until=None))


def take_back(session: Session, user_id: int | None, now: dt.datetime) -> None:
    """Take back the one attempt on an account that was made at `now`, and the lock that it brought.

    What a right password does where a second factor is still to come: to forgive everything would give whoever knows
    the password as many codes to guess as there are.
    """
    brought = User.locked_until == now + LOCKED_FOR
    session.execute(
        update(User)
        .where(User.id == user_id, User.failed_sign_ins > 0)
        .values(failed_sign_ins=User.failed_sign_ins - 1, locked_until=case((brought, None), else_=User.locked_until))
    )


def forgive_address(session: Session, address: str) -> None:
    """Take back one attempt from `address`: its password was right."""
    session.execute(
        update(AddressFailures)
        .where(AddressFailures.address == address, AddressFailures.failures > 0)
        .values(failures=AddressFailures.failures - 1)
    )


def forget_old_addresses(session: Session, now: dt.datetime) -> None:
    """Forget addresses whose failures no longer count."""
    session.execute(delete(AddressFailures).where(AddressFailures.since <= now - ADDRESS_WINDOW))
