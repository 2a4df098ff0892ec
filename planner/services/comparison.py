"""Two versions of a requirement side by side: what is in force, and what its open revision would make of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agency, Requirement, RequirementRevision
from planner.errors import NotFoundError
from planner.services.editing import EditColumn, load_columns
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.revisions import row_changes, row_in_force
from planner.services.rows.cells import Cells, CellValue
from planner.text import N_, FiscalYear, Phrase
from reports.columns import FieldKind
from reports.values import Cell, Column, Kind

_KINDS: Final[Mapping[FieldKind, Kind]] = {"number": "measure", "integer": "integer", "year": "year"}


@dataclass(frozen=True)
class Difference:
    """One cell of both versions; `column` says how its values are written."""

    column: Column
    before: Cell
    after: Cell
    changed: bool


@dataclass(frozen=True)
class Comparison:
    """Revision `number` beside what is in force, in the order of the sheet; cells that both lack are left out."""

    number: int
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> int:
        """How many cells differ."""
        return sum(difference.changed for difference in self.differences)


def compare_revision(session: Session, actor: Actor, code: str) -> Comparison | None:
    """The open revision of the requirement called `code` beside what is in force; None where it has none.

    `NotFoundError` if there is no such requirement, or it is another ministry's.
    """
    require(actor, Permission.VIEW_REQUIREMENTS)
    found = session.execute(
        select(Agency.ministry_id, RequirementRevision)
        .select_from(Requirement)
        .join(Requirement.agency)
        .outerjoin(Requirement.open_revision)
        .where(Requirement.code == code)
    ).one_or_none()
    if found is None or ministry_scope(actor) not in {None, found[0]}:
        raise NotFoundError
    revision: RequirementRevision | None = found[1]
    if revision is None:
        return None
    before, after = row_in_force(session, code), revision.row
    changed = row_changes(before, after)
    differences = (
        Difference(_heading(column), _shown(column, before), _shown(column, after), column.key in changed)
        for column in load_columns(session, actor)
        if not column.fixed and (column.key in before or column.key in after)
    )
    return Comparison(revision.number, tuple(differences))


def _heading(column: EditColumn) -> Column:
    if column.year is None:
        return Column(column.key, column.header, _KINDS.get(column.kind, "text"))
    header = Phrase(
        N_("%(resource_type)s, fiscal year %(year)s"), {"resource_type": column.header, "year": column.year}
    )
    return Column(column.key, header, "measure", column.unit)


def _shown(column: EditColumn, cells: Cells) -> Cell:
    """A cell as people read it: codes by what they are called."""
    cell: CellValue = cells.get(column.key)
    names = {choice.code: choice.name for choice in column.choices}
    match cell:
        case bool() | None:
            return cell
        case int() if column.kind == "year":
            return FiscalYear(cell)
        case str():
            return names.get(cell, cell)
        case int() | float():
            return cell
    return Phrase("%(names)s", {"names": tuple(names.get(str(part), str(part)) for part in cell)})
