"""The register opened for one reader: coverage of the agencies that they may see, and what its codes are called."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

import models
from planner.errors import NotFoundError
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.register.loading import load_workforce
from planner.text import LocalText
from planner.workforce.coverage import Coverage, cover, pick, roll_up
from planner.workforce.problem import Agency, Workforce
from planner.workforce.register import Register, build_register
from reports.words import BANGKOK


class Staffing:
    """The register on the day `on` and what follows from it, worked out when first asked for.

    `agencies` are those that the reader sees; of people only codes are known here.
    """

    def __init__(self, workforce: Workforce, ministries: Mapping[str, LocalText], on: dt.date) -> None:
        self.workforce = workforce
        self.ministries = ministries
        self.on = on
        self.agencies: dict[str, Agency] = {row.code: row for row in workforce.agencies if row.ministry in ministries}
        self.roles = {row.code: row.name or LocalText(row.code, row.code) for row in workforce.roles}
        self.role_at = {code: r for r, code in enumerate(self.roles)}
        self.years = workforce.fiscal_years

    @property
    def present(self) -> int:
        """The fiscal year of the day."""
        return self.years[0]

    @cached_property
    def register(self) -> Register:
        """The arrays of all agencies."""
        return build_register(self.workforce)

    @cached_property
    def coverage(self) -> Coverage:
        """Coverage by agency."""
        return pick(cover(self.register), self.agencies)

    @cached_property
    def by_ministry(self) -> Coverage:
        """Coverage by ministry, the ministries in the order of their codes."""
        return roll_up(self.coverage, [self.agencies[code].ministry for code in self.coverage.codes])

    @cached_property
    def nation(self) -> Coverage:
        """Coverage of all agencies together, one row; none where there is no agency."""
        return roll_up(self.coverage, [""] * len(self.coverage.codes))

    def agency(self, code: str) -> LocalText:
        """The name of any agency of the register."""
        return self._names[code]

    @cached_property
    def _names(self) -> Mapping[str, LocalText]:
        return {row.code: row.name or LocalText(row.code, row.code) for row in self.workforce.agencies}

    def only(self, agencies: Collection[str]) -> Coverage:
        """Coverage of `agencies` alone."""
        return pick(self.coverage, agencies)

    def of_ministry(self, ministry: str) -> tuple[str, ...]:
        """The codes of a ministry's agencies."""
        return tuple(code for code, row in self.agencies.items() if row.ministry == ministry)


@dataclass(frozen=True)
class People:
    """What people are called, by their codes; none, and `shown` is false, for those who may not know."""

    names: Mapping[str, str]
    shown: bool

    def name(self, code: str | None) -> str | None:
        """A person's name, or the code of somebody who has gone from the register meanwhile."""
        return None if code is None else self.names.get(code, code)


NOBODY: Final = People({}, shown=False)
"""What those know who may not see people."""


def today() -> dt.date:
    """The day in Bangkok."""
    return dt.datetime.now(BANGKOK).date()


def open_staffing(session: Session, actor: Actor, on: dt.date | None = None) -> Staffing:
    """The register on the day `on` (none: today), of the agencies that `actor` sees."""
    require(actor, Permission.VIEW_WORKFORCE)
    home, day = ministry_scope(actor), on or today()
    query = select(models.Ministry).order_by(models.Ministry.code)
    if home is not None:
        query = query.where(models.Ministry.id == home)
    ministries = {row.code: name_of(row) for row in session.scalars(query)}
    return Staffing(load_workforce(session, day), ministries, day)


def load_people(session: Session, actor: Actor) -> People:
    """What people are called, for whoever may see them."""
    if not may(actor, Permission.VIEW_PEOPLE):
        return NOBODY
    return People(dict(session.execute(select(models.Person.code, models.Person.full_name)).all()), shown=True)


def require_agency(staffing: Staffing, code: str) -> None:
    """`NotFoundError` unless the reader sees the agency called `code`."""
    if code not in staffing.agencies:
        raise NotFoundError


def require_ministry(staffing: Staffing, code: str) -> None:
    """`NotFoundError` unless the reader sees the ministry called `code`."""
    if code not in staffing.ministries:
        raise NotFoundError
