"""Undo of an import: every row as it was before, or nothing where somebody has changed the same cells since."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import ImportRow
from planner.errors import ConflictError, Fault, fault
from planner.services import audit
from planner.services.editing.reading import EditedRows
from planner.services.editing.standing import Standings, check_standing
from planner.services.fields import read_changes
from planner.services.importing.records import find_import
from planner.services.locking import begin_writing, lock_requirements
from planner.services.permissions import Actor
from planner.services.rows.cells import CellChanges, cell_changes, cells_of, values_of
from planner.services.rows.changes import Change, Effect, SheetPlan
from planner.services.rows.recording import record_row
from planner.services.rows.rules import check_plans
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, Stored, table_of
from planner.text import N_, Phrase
from reports.columns import Sheet
from reports.reader import Row
from reports.sheets import REQUIREMENTS, SHEETS


class UndoRefusedError(ConflictError):
    """The import cannot be undone; `faults` say which rows stand against it, and why."""

    default = Phrase(N_("The import cannot be undone: something later would be lost. Nothing was changed."))

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__()


def undo_import(session: Session, actor: Actor, number: int) -> None:
    """Put every row of the import back as it was, within the caller's transaction: rows that it added go.

    `UndoRefusedError` where a cell that it wrote was changed since, an added row was changed at all or is used, or the
    status of a row or a deadline stands against it. Revisions that it proposed are withdrawn on their own pages.
    """
    begin_writing(session)
    batch = find_import(session, actor, number, lock=True)
    if batch.undone_at is not None or not batch.rows:
        raise ConflictError(Phrase(N_("This import cannot be undone, or it is undone already.")))
    batch.undone_at, batch.undone_by_id = dt.datetime.now(dt.UTC), actor.user_id
    session.flush()
    codes = {str(row.identity[0]) for row in batch.rows if row.sheet == REQUIREMENTS.key}
    lock_requirements(session, codes)
    database = Database(session, {REQUIREMENTS.key: codes})
    undoing = {
        key: _Undoing(sheet, database, [row for row in batch.rows if row.sheet == key])
        for key, sheet in SHEETS.items()
        if any(row.sheet == key for row in batch.rows)
    }
    plans = {key: part.plan() for key, part in undoing.items()}
    faults = [found for part in undoing.values() for found in part.faults]
    faults += check_plans(plans, database, actor)
    faults += _check_standing(session, actor, plans, codes)
    if faults:
        raise UndoRefusedError(faults)
    store_plans(session, plans, database)
    try:
        for part in reversed(undoing.values()):
            part.remove(session)
    except IntegrityError as error:
        message = N_("A row that the import added is used by now. Nothing was changed.")
        raise ConflictError(Phrase(message)) from error
    for part in undoing.values():
        for row, cells in part.restored:
            record_row(session, actor, "undone", part.sheet, identity=row.identity, cells=cells)
    audit.record(session, actor, "undone", f"import:{number}")


def _check_standing(session: Session, actor: Actor, plans: Mapping[str, SheetPlan], codes: set[str]) -> Iterator[Fault]:
    """What stands against a requirement's going back. One that is added goes as it came, whatever its status."""
    standings = Standings(session, actor, codes)
    if codes and standings.entry.refusal:
        yield Fault("", "round_closed", standings.entry.refusal)
    elif REQUIREMENTS.key in plans:
        yield from check_standing(plans[REQUIREMENTS.key], standings)
        for code, standing in standings.found.items():
            if standing.revision:
                message = N_("It has a revision that is still open.")
                yield fault(code, "revision_open", message)


@dataclass
class _Undoing:
    """The rows of one sheet on their way back."""

    sheet: Sheet
    database: Database
    rows: Sequence[ImportRow]

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []
        self.restored: list[tuple[ImportRow, CellChanges]] = []
        self.added: list[Stored] = []

    def plan(self) -> SheetPlan:
        """The changed rows as they are to be again; what stands against it goes into `faults`."""
        present = self.database.rows(self.sheet.key)
        labels = tuple(" ".join(map(str, row.identity)) for row in self.rows)
        changes = []
        for number, row in enumerate(self.rows, start=1):
            stored = present.get(tuple(row.identity))
            if stored is None:
                self.faults.append(fault(labels[number - 1], "gone", N_("This row was removed after the import.")))
                continue
            self.faults.extend(self._later_edits(labels[number - 1], row, stored))
            if row.added:
                self.added.append(stored)
                self.restored.append((row, cell_changes(self.sheet, stored.values, {})))
                continue
            cells = {**cells_of(self.sheet, stored.values), **{name: old for name, (old, _) in row.cells.items()}}
            values = values_of(self.sheet, {name: cell for name, cell in cells.items() if cell is not None})
            changes.append(Change(Row(number, values), stored, values, Effect.CHANGED))
            self.restored.append((row, cell_changes(self.sheet, stored.values, values)))
        return SheetPlan(
            EditedRows(self.sheet, "", tuple(change.row for change in changes), {}, labels), tuple(changes)
        )

    def _later_edits(self, label: str, row: ImportRow, stored: Stored) -> Iterator[Fault]:
        """A fault for each cell whose value would be lost: of an added row any, else those that the import wrote."""
        now = cells_of(self.sheet, stored.values)
        written = {name: new for name, (_, new) in row.cells.items()}
        names = {**written, **now} if row.added else written
        lost = {name: (written.get(name), now.get(name)) for name in names if now.get(name) != written.get(name)}
        for name, change in zip(lost, read_changes(self.sheet, lost), strict=True):
            yield fault(
                f"{label}/{name}",
                "changed_since",
                N_("%(column)s was changed after the import, and would be lost."),
                column=Phrase(change.label) if isinstance(change.label, str) else change.label,
            )

    def remove(self, session: Session) -> None:
        """Take the rows that the import added out of their table; `ConflictError` if somebody changed one meanwhile."""
        table = table_of(self.sheet)
        mine = (next(iter(table.primary_key)) == bindparam("old_key"), table.c.version == bindparam("old_version"))
        rows = [{"old_key": stored.key, "old_version": stored.version} for stored in self.added]
        if rows and session.connection().execute(delete(table).where(*mine), rows).rowcount != len(rows):
            raise ConflictError
