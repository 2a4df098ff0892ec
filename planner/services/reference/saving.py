"""Changes of reference rows: checked by the rules of an upload, stored with their versions, noted in the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.errors import ConflictError, Fault, InvalidInputError, fault
from planner.services.permissions import Actor
from planner.services.reference.forms import find_row
from planner.services.reference.tables import ReferenceTable
from planner.services.reference.texts import read_text
from planner.services.reference.uses import Use, load_uses
from planner.services.rows.cells import cell_changes, column_name
from planner.services.rows.changes import Change, Effect, plan_changes
from planner.services.rows.recording import record_row
from planner.services.rows.rules import check_plans
from planner.services.rows.scope import Own
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, Stored, identity_of, row_code, table_of
from planner.text import N_, Phrase
from reports import sheets
from reports.cells import CellError
from reports.columns import Value
from reports.reader import ColumnKey, Row, SheetRows


@dataclass(frozen=True)
class TypedRows(SheetRows):
    """Rows that were typed into a page. An address is the name of a field, after the row's own where it has one."""

    names: Mapping[int, str] = field(default_factory=dict)

    def address(self, row: Row | int, key: ColumnKey | None = None) -> str:
        """The name of a field of the page: `level`, or `vcpu.nameplate.2027` in a grid."""
        number = row if isinstance(row, int) else row.number
        return ".".join(filter(None, (self.names.get(number, ""), column_name(key) if key else "")))


def store_rows(
    session: Session, actor: Actor, database: Database, typed: TypedRows, faults: Sequence[Fault]
) -> tuple[Change, ...]:
    """Store what `typed` changes and return that; `InvalidInputError` with `faults` and all others if there are any."""
    plans = plan_changes({typed.sheet.key: typed}, database)
    known = {found.address for found in faults}
    others = [found for found in check_plans(plans, database, actor) if found.address not in known]
    if faults or others:
        raise InvalidInputError([*faults, *others])
    changes = tuple(change for change in plans[typed.sheet.key].changes if change.effect is not Effect.UNCHANGED)
    if changes:
        store_plans(session, plans, database)
    return changes


def save_row(
    session: Session,
    actor: Actor,
    table: ReferenceTable,
    typed: Mapping[str, str],
    *,
    code: str | None = None,
    version: int = 0,
) -> str:
    """Add the row that was typed, or change the one called `code` to it; the row's code.

    `InvalidInputError` with every fault, addressed by field; `ConflictError` if the row is no longer at `version`.
    """
    table.require_change(actor)
    database = Database(session)
    stored = find_row(database, table.sheet, code, Own(actor, database)) if code else None
    if stored and stored.version != version:
        raise ConflictError
    values, faults = _read(table, stored, typed)
    identity = identity_of(table.sheet, values)
    if stored is None and identity in database.rows(table.key):
        faults.append(fault(table.sheet.identity[0], "exists", N_("There is a row with this code already.")))
    columns: dict[ColumnKey, str] = {each.key: each.key for each in table.sheet.fields}
    rows = TypedRows(table.sheet, "", (Row(1, values),), columns)
    for change in store_rows(session, actor, database, rows, faults):
        before = change.stored.values if change.stored else {}
        action = "changed" if change.stored else "created"
        cells = cell_changes(table.sheet, before, change.values)
        record_row(session, actor, action, table.sheet, identity=identity, cells=cells)
    return row_code(identity)


def _read(
    table: ReferenceTable, stored: Stored | None, typed: Mapping[str, str]
) -> tuple[dict[str, Value], list[Fault]]:
    """The values that were typed, those of a stored row's identity as they are, and what could not be read."""
    values: dict[str, Value] = {}
    faults = []
    for each in table.sheet.fields:
        if stored and each.key in table.sheet.identity:
            values[each.key] = stored.values[each.key]
            continue
        try:
            values[each.key] = read_text(each, typed.get(each.key, ""))
        except CellError as error:
            faults.append(Fault(each.key, error.code, error.message))
    return values, faults


def remove_row(session: Session, actor: Actor, table: ReferenceTable, code: str, version: int) -> None:
    """Remove the row called `code`; `ConflictError` if it is used, or no longer at `version`."""
    table.require_change(actor)
    database = Database(session)
    stored = find_row(database, table.sheet, code, Own(actor, database))
    rows = table_of(table.sheet)
    if uses := load_uses(session, rows, stored.key):
        raise ConflictError(uses_phrase(uses))
    if table.sheet is sheets.FISCAL_YEARS and min(database.years()) < stored.key < max(database.years()):
        raise ConflictError(Phrase(N_("Fiscal years must follow one another: only the first or the last can go.")))
    key = next(iter(rows.primary_key))
    try:
        gone = session.connection().execute(delete(rows).where(key == stored.key, rows.c.version == version)).rowcount
    except IntegrityError as error:  # somebody began to use it meanwhile
        raise ConflictError from error
    if not gone:
        raise ConflictError
    session.expire_all()
    identity, cells = identity_of(table.sheet, stored.values), cell_changes(table.sheet, stored.values, {})
    record_row(session, actor, "removed", table.sheet, identity=identity, cells=cells)


def uses_phrase(uses: Sequence[Use]) -> Phrase:
    """Why a row cannot be removed, in one sentence."""
    counted = tuple(Phrase(N_("%(what)s (%(count)s)"), {"what": Phrase(use.what), "count": use.count}) for use in uses)
    return Phrase(N_("It is used and cannot be removed: %(uses)s."), {"uses": counted})
