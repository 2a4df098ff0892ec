"""Entering a dataset by hand: the form's fields with what may be chosen, and saving what was typed, all of it or none.

What is typed is read, checked and stored by the same functions as a row of a workbook or of a catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agency, Clearance
from planner.errors import ConflictError, Fault, InvalidInputError
from planner.services import audit, inbox
from planner.services.datasets.codes import free_codes
from planner.services.datasets.inventory import find_dataset
from planner.services.locking import lock
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.rows.cells import Cells, cell_changes, cells_of
from planner.services.rows.changes import Effect, plan_changes
from planner.services.rows.rules import check_plans
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database
from planner.text import N_, LocalText, Phrase
from reports.catalogue import DATASETS
from reports.cells import CellError, parse_cell
from reports.columns import Field, Value, Values
from reports.reader import ColumnKey, Row, SheetRows

Typed: TypeAlias = Mapping[str, str | int | float | bool | Sequence[str] | None]
"""What was typed or chosen, or a plain value, by field; a field that is not there is empty."""

FIELDS: Final = tuple(field for field in DATASETS.fields if field.key != "code")


@dataclass(frozen=True)
class DatasetForm:
    """A form to fill in: its fields, what each holds, and what may be chosen in it. `code` is absent for a new one."""

    code: str | None
    version: int
    cells: Cells
    choices: Mapping[str, tuple[tuple[str, LocalText], ...]]


class StaleDatasetError(ConflictError):
    """Somebody changed the dataset meanwhile; nothing was stored. `theirs` is it as it is now, with its `version`."""

    default = Phrase(N_("Somebody else changed this dataset meanwhile. Nothing was stored."))

    def __init__(self, version: int, theirs: Cells, mine: Cells) -> None:
        self.version = version
        self.theirs = theirs
        self.mine = mine
        super().__init__()


@dataclass(frozen=True)
class _FormRows(SheetRows):
    """The one row of a form; its addresses are the keys of the fields."""

    def address(self, row: Row | int, key: ColumnKey | None = None) -> str:
        return str(key or "")


def load_form(session: Session, actor: Actor, code: str | None = None) -> DatasetForm:
    """The form for the dataset called `code`, or for a new one; `NotFoundError` for another ministry's."""
    require(actor, Permission.EDIT_DATASETS)
    agencies = select(Agency).order_by(Agency.code)
    if (home := ministry_scope(actor)) is not None:
        agencies = agencies.where(Agency.ministry_id == home)
    choices = {field.key: tuple(field.choices.items()) for field in FIELDS if field.choices}
    choices["agency"] = tuple((row.code, name_of(row)) for row in session.scalars(agencies))
    clearances = session.scalars(select(Clearance).order_by(Clearance.level))
    choices["clearance"] = tuple((row.code, name_of(row)) for row in clearances)
    if code is None:
        return DatasetForm(None, 0, {}, choices)
    stored = Database(session, {DATASETS.key: {find_dataset(session, actor, code).code}}).rows(DATASETS.key)[code,]
    return DatasetForm(code, stored.version, cells_of(DATASETS, stored.values), choices)


def save_dataset(session: Session, actor: Actor, code: str | None, version: int, typed: Typed) -> str:
    """Save what was typed within the caller's transaction; the dataset's code. All of it, or an error:

    `InvalidInputError` with every fault, addressed by field; `StaleDatasetError` if the dataset is no longer of that
    `version` and would become something else; `NotFoundError` for one that `actor` may not know of.
    """
    require(actor, Permission.EDIT_DATASETS)
    if code is None:
        lock(session, "codes of datasets")
    else:
        find_dataset(session, actor, code)
    known = code or next(free_codes(session))
    database = Database(session, {DATASETS.key: {known}})
    faults: list[Fault] = []
    row = Row(1, {"code": known, **_read(typed, faults)})
    plans = plan_changes({DATASETS.key: _FormRows(DATASETS, "", (row,), {})}, database)
    faulty = {found.address for found in faults}
    faults += [found for found in check_plans(plans, database, actor) if found.address not in faulty]
    if faults:
        raise InvalidInputError(faults)
    (change,) = plans[DATASETS.key].changes
    if change.effect is Effect.UNCHANGED:
        return known
    before: Values = change.stored.values if change.stored else {}
    if change.stored and change.stored.version != version:
        raise StaleDatasetError(change.stored.version, cells_of(DATASETS, before), cells_of(DATASETS, change.values))
    store_plans(session, plans, database)
    action = "changed" if change.stored else "created"
    audit.record(session, actor, action, f"dataset:{known}", cell_changes(DATASETS, before, change.values))
    inbox.notify(session, actor, f"dataset:{known}", action)
    return known


def _read(typed: Typed, faults: list[Fault]) -> dict[str, Value]:
    """Every field as a plain value; what is wrong goes to `faults`, by the key of its field."""
    values: dict[str, Value] = {}
    for field in FIELDS:
        try:
            values[field.key] = _value(field, typed.get(field.key, ""))
        except CellError as error:
            values[field.key] = field.default
            faults.append(Fault(field.key, error.code, error.message))
    return values


def _value(field: Field, raw: str | int | float | bool | Sequence[str] | None) -> Value:
    cell = ",".join(raw) if isinstance(raw, Sequence) and not isinstance(raw, str) else raw
    if cell is not None and not (isinstance(cell, str) and not cell.strip()):
        return parse_cell(field, cell)[0]
    if field.required:
        raise CellError("missing", N_("A value is missing here."))
    return field.default
