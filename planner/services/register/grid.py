"""Many rows of a table of reference data or of the register at once: columns, rows, checking and saving them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from planner.errors import Fault, InvalidInputError, NotFoundError, fault
from planner.services.editing import EditColumn, RowConflict, RowEdit, StaleRowsError
from planner.services.editing.loading import Choice
from planner.services.editing.reading import EditedRows, read_cell, repeated
from planner.services.lists import ListFilter
from planner.services.permissions import Actor, require
from planner.services.reference.forms import load_choices
from planner.services.reference.tables import ReferenceTable
from planner.services.register.people import note_looks
from planner.services.rows.cells import Cells, cell_changes, cells_of, plain_cell
from planner.services.rows.changes import Effect, SheetPlan, plan_changes
from planner.services.rows.recording import record_row
from planner.services.rows.rules import check_plans
from planner.services.rows.scope import PERSONAL, Own
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, Stored, identity_of, row_code
from planner.text import N_
from reports.cells import CellError
from reports.columns import Field, Value
from reports.reader import Row


@dataclass(frozen=True)
class GridRow:
    """A row as whoever edits sees it. Cells that hold nothing are not there."""

    code: str
    version: int
    cells: Cells


def load_columns(session: Session, actor: Actor, table: ReferenceTable) -> tuple[EditColumn, ...]:
    """The columns of a table. What tells its rows apart is typed for a new row alone."""
    table.require_change(actor)
    database = Database(session)
    own = Own(actor, database)

    def column(each: Field) -> EditColumn:
        choices = load_choices(database, table.sheet, each, own) or ()
        return EditColumn(
            key=each.key,
            header=each.header,
            kind=each.kind,
            rule=each.rule,
            required=each.required,
            once=each.key in table.sheet.identity,
            choices=tuple(Choice(code, name) for code, name in choices),
            unit=each.unit,
            default=plain_cell(each.default),
            longest=each.longest,
        )

    return tuple(map(column, table.sheet.fields))


def load_page(
    session: Session, actor: Actor, table: ReferenceTable, wanted: ListFilter
) -> tuple[tuple[GridRow, ...], int]:
    """A page of the rows that hold the text of `wanted`, of whatever `actor` sees, and how many they are.

    Those `after` a code stand, and are counted, in the order of their codes.
    """
    require(actor, table.viewing)
    present = _present(actor, table, Database(session))
    codes = [code for code, row in present.items() if _holds(code, row, wanted.text)]
    start = ((wanted.page or 1) - 1) * wanted.page_size
    if wanted.after is not None:
        behind = wanted.after[1] if wanted.after else ""
        codes, start = sorted(code for code in codes if code > behind), 0
    return _shown(session, actor, table, present, codes[start : start + wanted.page_size]), len(codes)


def load_rows(session: Session, actor: Actor, table: ReferenceTable, codes: Sequence[str]) -> tuple[GridRow, ...]:
    """The rows with `codes`, in that order; `NotFoundError` if `actor` may not know of one."""
    require(actor, table.viewing)
    present = _present(actor, table, Database(session))
    if not present.keys() >= set(codes):
        raise NotFoundError
    return _shown(session, actor, table, present, codes)


def _shown(
    session: Session, actor: Actor, table: ReferenceTable, present: Mapping[str, Stored], codes: Sequence[str]
) -> tuple[GridRow, ...]:
    """Rows as they are shown. That people's were looked at is noted, with whose they are."""
    rows = [GridRow(code, present[code].version, cells_of(table.sheet, present[code].values)) for code in codes]
    if rows and table.key in PERSONAL:
        note_looks(session, actor, [code.split("/")[0] for code in codes])
    return tuple(rows)


def check_rows(session: Session, actor: Actor, table: ReferenceTable, edits: Sequence[RowEdit]) -> tuple[Fault, ...]:
    """Every fault that saving `edits` would find; nothing is written. Addresses read `11004/steward/2027/funded`."""
    return _Saving(session, actor, table, edits).prepare().faults


def save_rows(session: Session, actor: Actor, table: ReferenceTable, edits: Sequence[RowEdit]) -> tuple[str, ...]:
    """Save all of `edits` within the caller's transaction, or `InvalidInputError` with every fault; the rows' codes.

    `StaleRowsError` where a row has another version than the edit was made on and would become something else by it.
    `NotFoundError` for a row that `actor` may not know of.
    """
    saving = _Saving(session, actor, table, edits)
    prepared = saving.prepare()
    if prepared.faults:
        raise InvalidInputError(prepared.faults)
    if conflicts := list(saving.conflicts(prepared.plan)):
        raise StaleRowsError(conflicts)
    store_plans(session, {table.key: prepared.plan}, saving.database)
    for change in prepared.plan.changes:
        if change.effect is not Effect.UNCHANGED:
            cells = cell_changes(table.sheet, change.stored.values if change.stored else {}, change.values)
            action = "changed" if change.stored else "created"
            identity = identity_of(table.sheet, change.values)
            record_row(session, actor, action, table.sheet, identity=identity, cells=cells)
    return tuple(row_code(identity_of(table.sheet, change.values)) for change in prepared.plan.changes)


def _present(actor: Actor, table: ReferenceTable, database: Database) -> Mapping[str, Stored]:
    """The rows for which `actor` speaks, by their codes."""
    own = Own(actor, database)
    rows = database.rows(table.key).items()
    return {row_code(identity): stored for identity, stored in rows if own.holds(table.sheet, stored.values)}


def _holds(code: str, stored: Stored, text: str | None) -> bool:
    texts = [code, *(value for value in stored.values.values() if isinstance(value, str))]
    return text is None or any(text.casefold() in each.casefold() for each in texts)


@dataclass(frozen=True)
class _Prepared:
    """Edits compared with the database; without faults, the plan's changes are in the order of the edits."""

    plan: SheetPlan
    faults: tuple[Fault, ...]


@dataclass
class _Saving:
    """Edits on their way to rows."""

    session: Session
    actor: Actor
    table: ReferenceTable
    edits: Sequence[RowEdit]
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table.require_change(self.actor)
        self.database = Database(self.session)
        self.present = _present(self.actor, self.table, self.database)
        self.labels = tuple(edit.code or f"+{number}" for number, edit in enumerate(self.edits, start=1))

    def prepare(self) -> _Prepared:
        """Read the edits, and check what they would make beside everything else."""
        self.faults += repeated(self.edits)
        rows = tuple(row for number, edit in enumerate(self.edits, start=1) if (row := self.read(number, edit)))
        typed = EditedRows(self.table.sheet, "", rows, {}, self.labels)
        plans = plan_changes({self.table.key: typed}, self.database)
        plan = plans[self.table.key]
        self.faults += self.taken(plan)
        known = {found.address for found in self.faults}
        others = (found for found in check_plans(plans, self.database, self.actor) if found.address not in known)
        return _Prepared(plan, (*self.faults, *others))

    def read(self, number: int, edit: RowEdit) -> Row | None:
        """The row that an edit makes; None where what tells it apart cannot be read."""
        identity = self.table.sheet.identity
        values: dict[str, Value] = {}
        if edit.code is not None:
            if edit.code not in self.present:
                raise NotFoundError
            values = {key: self.present[edit.code].values[key] for key in identity}
        for each in self.table.sheet.fields:
            if edit.code is not None and (each.key in identity or each.key not in edit.cells):
                continue
            try:
                values[each.key], _ = read_cell(each, edit.cells.get(each.key))
            except CellError as error:
                self.faults.append(Fault(f"{self.labels[number - 1]}/{each.key}", error.code, error.message))
        return Row(number, values) if all(values.get(key) is not None for key in identity) else None

    def taken(self, plan: SheetPlan) -> Iterator[Fault]:
        """Faults for new rows that are there already, or twice; one that is there as it was sent is no fault."""
        seen: set[tuple[Value, ...]] = set()
        for change in plan.changes:
            identity = identity_of(self.table.sheet, change.values)
            new = self.edits[change.row.number - 1].code is None
            if identity in seen or (new and change.effect is Effect.CHANGED):
                address = plan.found.address(change.row, self.table.sheet.identity[-1])
                yield fault(address, "exists", N_("There is a row with this code already."))
            seen.add(identity)

    def conflicts(self, plan: SheetPlan) -> Iterator[RowConflict]:
        """The rows that somebody else changed since they were read."""
        for edit, change in zip(self.edits, plan.changes, strict=True):
            stored = change.stored
            if stored and change.effect is Effect.CHANGED and edit.version not in {None, stored.version}:
                theirs, mine = (cells_of(self.table.sheet, values) for values in (stored.values, change.values))
                yield RowConflict(row_code(identity_of(self.table.sheet, stored.values)), stored.version, theirs, mine)
