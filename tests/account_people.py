"""Accounts for the tests of accounts: who is given what, and what became of it."""

import datetime as dt

from sqlalchemy import select

from models import AuditEntry
from planner.services import accounts
from planner.services.accounts import AccountFields, State
from planner.services.passwords import hash_password
from planner.services.sign_ins import Client, Lifetimes, resume
from planner.services.tokens import find_bearer

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
PASSWORD = "wat-pho-sunrise-7"
PASSWORD_HASH = hash_password(PASSWORD)
OTHER = "wat-arun-sunset-91"
CLIENT = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))
PLANNER = AccountFields("มาลี ใจดี", "malee@moph.example", "ministry_planner", "21000")


def works(sessions, token) -> bool:
    with sessions() as session:
        return find_bearer(session, token, CLIENT, NOW) is not None


def state(sessions, admin, username="malee", now=NOW) -> State:
    with sessions() as session:
        return accounts.get_account(session, admin, username, LIFETIMES, now).state


def is_signed_in(sessions, token) -> bool:
    with sessions() as session:
        return resume(session, token, CLIENT, LIFETIMES, NOW) is not None


def actions(sessions, username="malee") -> list[str]:
    with sessions() as session:
        entries = select(AuditEntry.action).where(AuditEntry.subject == f"account:{username}")
        return list(session.scalars(entries.order_by(AuditEntry.position)))


def codes(error) -> list[tuple[str, str]]:
    return [(found.address, found.code) for found in error.value.faults]
