"""A reader before the opened register: what more of the database a page may want, looked up when first asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from planner.services.coverage.hosting import load_staff_pools
from planner.services.coverage.opening import People, Staffing, load_people, open_staffing
from planner.services.names import Names
from planner.services.permissions import Actor
from planner.services.register.people import note_looks
from planner.services.reporting.staff import StaffPool
from reports.values import Table

PERSON: Final = "person"
"""The key of columns that hold the codes of people."""


@dataclass(frozen=True, eq=False)
class Visit:
    """Who reads what. The rest is there for as long as the session is."""

    session: Session
    actor: Actor
    staffing: Staffing

    @cached_property
    def people(self) -> People:
        """What people are called, if the reader may know."""
        return load_people(self.session, self.actor)

    @cached_property
    def pools(self) -> tuple[tuple[StaffPool, ...], Names] | None:
        """The staff pools of the plan in force at the agencies that the reader sees, and the names in that plan."""
        found = load_staff_pools(self.session)
        if found is None:
            return None
        pools, names = found
        return tuple(row for row in pools if row.agency in self.staffing.agencies), names


def note_people(visit: Visit, tables: Iterable[Table], action: str = "looked_at") -> None:
    """Note in the audit log whom `tables` name to the reader, if anybody."""
    named = [table for table in tables if any(column.key == PERSON for column in table.columns)]
    if codes := [str(code) for table in named for code in table.column(PERSON) if code is not None]:
        note_looks(visit.session, visit.actor, codes, action)


def open_visit(session: Session, actor: Actor) -> Visit:
    """The register of today for `actor`; `ForbiddenError` for those who may not read coverage."""
    return Visit(session, actor, open_staffing(session, actor))
