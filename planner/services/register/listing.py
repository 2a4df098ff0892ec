"""Lists of the register's tables: as their columns say, and positions with who fills them today."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import Agency, Person, PersonRole, Position, WorkRole
from planner.services.lists import ListFilter, Listing
from planner.services.permissions import Actor
from planner.services.reference.lists import list_rows
from planner.services.reference.tables import ReferenceTable
from planner.services.register.loading import fiscal_year_of
from planner.text import N_, Phrase
from reports.sheets.workforce import POSITIONS
from reports.values import Cell, Column
from reports.words import BANGKOK

FILLED: Final = (
    Column("filled", N_("Filled today"), "number", N_("FTE")),
    Column("vacant", N_("Vacant today"), "number", N_("FTE")),
)
"""Shown of the rows that hold in the present fiscal year, beside their own columns."""


def list_table(
    session: Session, actor: Actor, table: ReferenceTable, wanted: ListFilter, today: dt.date | None = None
) -> Listing:
    """The rows of a table that `wanted` lets through; of positions also what is filled and vacant on a day."""
    listing = list_rows(session, actor, table, wanted)
    if table.sheet is not POSITIONS:
        return listing
    day = today or dt.datetime.now(BANGKOK).date()
    filled, in_force = _load_filled(session, day), _load_in_force(session, fiscal_year_of(day))
    shown = listing.table
    funded, frozen = shown.column("funded"), shown.column("frozen")
    rows = []
    for row, posts, held in zip(shown.rows, funded, frozen, strict=True):
        agency, role, year = _code(row[0]).split("/")
        cells: tuple[Cell, ...] = (None, None)
        if in_force.get((agency, role)) == int(year):
            there = filled.get((agency, role), 0.0)
            cells = there, max(0.0, float(str(posts)) - float(str(held)) - there)
        rows.append((*row, *cells))
    return replace(listing, table=replace(shown, columns=(*shown.columns, *FILLED), rows=tuple(rows)))


def _code(cell: Cell) -> str:
    return str(cell.params["code"]) if isinstance(cell, Phrase) else str(cell)


def _load_filled(session: Session, day: dt.date) -> Mapping[tuple[str, str], float]:
    """FTE that people hold on `day`, by the agency that employs them and by role."""
    query = (
        select(Agency.code, WorkRole.code, func.sum(PersonRole.fte))
        .select_from(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .join(Person.agency)
        .join(PersonRole.role)
        .where(
            or_(Person.starts_on.is_(None), Person.starts_on <= day),
            or_(Person.contract_ends_on.is_(None), Person.contract_ends_on >= day),
            or_(Person.retires_on.is_(None), Person.retires_on >= day),
        )
        .group_by(Agency.code, WorkRole.code)
    )
    return {(agency, role): fte for agency, role, fte in session.execute(query)}


def _load_in_force(session: Session, year: int) -> Mapping[tuple[str, str], int]:
    """From which year on the row of each agency and role stands that holds in `year`."""
    query = (
        select(Agency.code, WorkRole.code, func.max(Position.from_year))
        .join(Position.agency)
        .join(Position.role)
        .where(Position.from_year <= year)
        .group_by(Agency.code, WorkRole.code)
    )
    return {(agency, role): start for agency, role, start in session.execute(query)}
