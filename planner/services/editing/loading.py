"""Rows as a form or a grid shows them: their columns with what may be chosen, and their cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Agency, Clearance, Ministry, Priority, Region, ResourceType, Site
from models import FiscalYear as Year
from planner.errors import NotFoundError
from planner.services.editing.standing import Proposed, Standings
from planner.services.lifecycle import EditMode
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.rows.cells import FIXED, Cells, CellValue, cells_of, column_name, plain_cell
from planner.services.rows.scope import locked_columns, own_agencies
from planner.text import FiscalYear, LocalText, Phrase
from reports.columns import FieldKind
from reports.sheets import REQUIREMENTS


@dataclass(frozen=True)
class Choice:
    """One of the codes that a column takes; `group` is what it stands under in a long list."""

    code: str
    name: LocalText
    group: LocalText | None = None


@dataclass(frozen=True)
class EditColumn:
    """One column of the row model. `header` of an amount is its resource type, with `year` and `unit`.

    `rule` says what belongs there (a message id), `fixed` that nothing can be typed, `locked` that the reader is not
    the one to type, `once` that it is typed for a new row alone, `default` what an empty cell means, `longest` how long
    a text may be.
    """

    key: str
    header: LocalText
    kind: FieldKind
    rule: str
    required: bool = False
    fixed: bool = False
    locked: bool = False
    once: bool = False
    choices: tuple[Choice, ...] = ()
    year: FiscalYear | None = None
    unit: str = ""
    default: CellValue = None
    longest: int = 0

    @property
    def grouped(self) -> tuple[tuple[LocalText | None, tuple[Choice, ...]], ...]:
        """The choices under what they stand under; a single group needs no name."""
        groups = [(group, tuple(found)) for group, found in groupby(self.choices, key=lambda choice: choice.group)]
        return tuple(groups) if len(groups) > 1 else ((None, self.choices),)


@dataclass(frozen=True)
class EditableRow:
    """One requirement as whoever edits sees it, an open revision in place of what is in force.

    Cells that hold nothing are not there. `refusal` says why it may not be edited, None that it may.
    """

    code: str
    version: int
    status: str
    mode: EditMode
    refusal: Phrase | None
    cells: Cells


def load_columns(session: Session, actor: Actor) -> tuple[EditColumn, ...]:
    """The columns of a requirement, those of its fields first and then one for each resource type and fiscal year."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    choices, locked = _choices(session, actor), locked_columns(actor)
    demand = REQUIREMENTS.series[0]
    fields = tuple(
        EditColumn(
            key=field.key,
            header=field.header,
            kind=field.kind,
            rule=field.rule,
            required=field.required and field.key not in FIXED,
            fixed=field.key in FIXED,
            locked=field.key in locked,
            choices=choices[field.refers]
            if field.refers
            else tuple(Choice(code, name) for code, name in (field.choices or {}).items()),
            unit=field.unit,
            default=plain_cell(field.default),
            longest=field.longest,
        )
        for field in REQUIREMENTS.fields
    )
    years = session.scalars(select(Year.year).order_by(Year.year)).all()
    types = session.scalars(select(ResourceType).order_by(ResourceType.position)).all()
    return fields + tuple(
        EditColumn(
            key=column_name((demand.key, (found.code, year))),
            header=name_of(found),
            kind="number",
            rule=demand.rule,
            year=FiscalYear(year),
            unit=found.unit,
        )
        for found in types
        for year in years
    )


def load_rows(session: Session, actor: Actor, codes: Sequence[str]) -> tuple[EditableRow, ...]:
    """The requirements with `codes`, in that order; `NotFoundError` if `actor` may not know of one."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    standings = Standings(session, actor, codes)
    database = Proposed(session, standings, codes)
    present = database.rows(REQUIREMENTS.key)
    own = own_agencies(actor, database)
    rows = []
    for code in codes:
        stored = present.get((code,))
        if stored is None or (own is not None and stored.values["agency"] not in own):
            raise NotFoundError
        standing = standings[code]
        cells = cells_of(REQUIREMENTS, stored.values)
        status = standing.revision.status.value if standing.revision else str(stored.values["status"])
        rows.append(EditableRow(code, standing.version, status, standing.mode, standing.refusal, cells))
    return tuple(rows)


def _choices(session: Session, actor: Actor) -> dict[str, tuple[Choice, ...]]:
    """What may be chosen, by the sheet that a column refers to; of the agencies those that `actor` speaks for."""
    agencies = select(Agency, Ministry).join(Agency.ministry).order_by(Ministry.code, Agency.code)
    if (home := ministry_scope(actor)) is not None:
        agencies = agencies.where(Agency.ministry_id == home)
    plain: dict[str, Select[Any]] = {
        "priorities": select(Priority).order_by(Priority.rank),
        "clearances": select(Clearance).order_by(Clearance.level),
        "regions": select(Region).order_by(Region.code),
        "sites": select(Site).order_by(Site.code),
    }
    found = {
        key: tuple(Choice(row.code, name_of(row)) for row in session.scalars(query)) for key, query in plain.items()
    }
    found["agencies"] = tuple(
        Choice(agency.code, name_of(agency), name_of(ministry)) for agency, ministry in session.execute(agencies)
    )
    return found
