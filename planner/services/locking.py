"""Waiting for one another where rows alone cannot say that two transactions are after the same thing."""

from sqlalchemy import false, func, select, update
from sqlalchemy.orm import Session

from models import Requirement


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
