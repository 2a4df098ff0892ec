"""Waiting for one another: for rows in the one order in which all lock them, and where rows alone cannot say it."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import false, func, select, update
from sqlalchemy.orm import Session

from models import Requirement

_AT_ONCE: Final = 5_000


def begin_writing(session: Session) -> None:
    """On SQLite take the one lock for writing now, so that nobody changes what is read from here on.

    Elsewhere the rows themselves are locked as they are read (`SELECT … FOR UPDATE`), which SQLite does not know.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(update(Requirement).where(false()).values(code=Requirement.code))


def lock(session: Session, name: str) -> None:
    """Until the transaction ends, whoever else asks for the lock called `name` waits."""
    begin_writing(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def lock_requirements(session: Session, codes: Collection[str]) -> None:
    """Have whoever else changes the requirements with `codes` wait until the transaction ends."""
    begin_writing(session)
    ordered = sorted(codes)
    for start in range(0, len(ordered), _AT_ONCE):
        part = Requirement.code.in_(ordered[start : start + _AT_ONCE])
        session.execute(select(Requirement.id).where(part).order_by(Requirement.id).with_for_update())
