"""What an upload would change, and changing it, all or nothing, repeatable without effect.

Reading and checking are the same for preview and apply, so a preview without faults can be applied.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import ImportBatch, ImportRow
from planner.errors import Fault, InvalidInputError
from planner.services import audit
from planner.services.editing.standing import Standings, check_standing, keep
from planner.services.fields import Change as FieldChange
from planner.services.fields import read_changes
from planner.services.importing.catalogue import read_upload
from planner.services.lifecycle import EditMode
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.rows.cells import cell_changes, cells_of
from planner.services.rows.changes import Change, Effect, SheetPlan, plan_changes
from planner.services.rows.recording import record_row
from planner.services.rows.rules import check_plans
from planner.services.rows.scope import Own, allowed_sheets, other_ministry_fault
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, identity_of
from planner.text import N_, LocalText, Phrase
from reports.archive import Limits
from reports.reader import FaultList, WorkbookRows
from reports.sheets import REQUIREMENTS

SHOWN: Final = 200
"""How many rows a preview shows cell by cell."""
_CELL: Final = re.compile(r"(?P<sheet>.*)!(?P<column>[A-Z]*)(?P<row>\d*)")


@dataclass(frozen=True)
class SheetChanges:
    """How many rows of one sheet are new, different from the database's, and the same."""

    sheet: str
    title: LocalText
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class RowPreview:
    """One row that would be added or changed: where it stands in the file, and its cells, before and after.

    `proposed`: it is approved, and changes only once its revision is.
    """

    address: str
    code: str
    added: bool
    proposed: bool
    cells: tuple[FieldChange, ...]


@dataclass(frozen=True)
class ImportPreview:
    """What applying the file would do. It can be applied when `faults` is empty.

    At most 500 faults are listed; `more_faults` counts the rest. Of the rows that would change the first 200 are shown
    cell by cell; `more_rows` counts the rest. `synthetic`: the file calls its numbers made up.
    """

    file_name: str
    changes: tuple[SheetChanges, ...]
    rows: tuple[RowPreview, ...]
    more_rows: int
    faults: tuple[Fault, ...]
    more_faults: int
    synthetic: bool


@dataclass(frozen=True)
class ImportResult:
    """What applying the file did. `number` of the import is None where the database already held all of it."""

    file_name: str
    changes: tuple[SheetChanges, ...]
    number: int | None
    synthetic: bool

    @property
    def stored(self) -> bool:
        """Whether anything was stored."""
        return self.number is not None


def preview_import(
    session: Session, actor: Actor, stream: IO[bytes], filename: str, limits: Limits | None = None
) -> ImportPreview:
    """What importing the workbook or the catalogue in `stream` would change, and every fault; nothing is written.

    `ForbiddenError` if `actor` may not import at all; `InvalidInputError` if the file cannot be opened.
    """
    upload = _read(session, actor, stream, limits or Limits())
    changes = _summary(upload.plans)
    changing = sum(sheet.added + sheet.changed for sheet in changes)
    return ImportPreview(
        file_name=filename,
        changes=changes,
        rows=tuple(islice(_preview_rows(upload), SHOWN)),
        more_rows=max(0, changing - SHOWN),
        faults=tuple(upload.faults.faults),
        more_faults=upload.faults.more,
        synthetic=upload.workbook.synthetic,
    )


def apply_import(
    session: Session, actor: Actor, stream: IO[bytes], filename: str, limits: Limits | None = None
) -> ImportResult:
    """Import the file in `stream` within the caller's transaction: all of it, or `InvalidInputError` with faults.

    Rows are told apart by their codes; rows that the file does not name, and columns that it does not have, stay as
    they are. A change to an approved requirement becomes a revision. `ConflictError` if somebody changed the same rows
    meanwhile. On any error the caller rolls back.
    """
    upload = _read(session, actor, stream, limits or Limits())
    if upload.faults.faults:
        raise InvalidInputError(upload.faults.faults, _message(upload.faults))
    changes = _summary(upload.plans)
    number = None
    if any(sheet.added or sheet.changed for sheet in changes):
        number = _store(session, actor, upload, filename, changes)
    return ImportResult(filename, changes, number, upload.workbook.synthetic)


@dataclass(frozen=True)
class _Upload:
    """A file read and compared with the database."""

    workbook: WorkbookRows
    plans: Mapping[str, SheetPlan]
    standings: Standings
    faults: FaultList
    database: Database
    sha256: str


def _read(session: Session, actor: Actor, stream: IO[bytes], limits: Limits) -> _Upload:
    require(actor, Permission.IMPORT_DATA)
    content = stream.read(limits.file_bytes + 1)
    workbook = read_upload(session, actor, content, limits)
    faults = FaultList(limits.faults, list(workbook.faults), workbook.more_faults)
    allowed = allowed_sheets(actor)
    for key, found in workbook.sheets.items():
        if key not in allowed:
            faults.add(f"{found.title}!", "sheet_not_allowed", N_("Your role may not import this sheet."))
    sheets = {key: found for key, found in workbook.sheets.items() if key in allowed}
    named = {str(row.values.get("code")) for found in sheets.values() for row in found.rows}
    database = Database(session, {REQUIREMENTS.key: named})
    own = Own(actor, database)
    plans = {key: _own_part(plan, own, faults) for key, plan in plan_changes(sheets, database).items()}
    standings = _standings(session, actor, plans)
    if REQUIREMENTS.key in plans:
        plans[REQUIREMENTS.key] = _without_repeats(plans[REQUIREMENTS.key], standings)
    for found_fault in check_plans(plans, database, actor):
        faults.add_fault(found_fault)
    if REQUIREMENTS.key in plans:
        for found_fault in check_standing(plans[REQUIREMENTS.key], standings):
            faults.add_fault(found_fault)
    faults.faults.sort(key=_place)
    return _Upload(workbook, plans, standings, faults, database, hashlib.sha256(content).hexdigest())


def _own_part(plan: SheetPlan, own: Own, faults: FaultList) -> SheetPlan:
    """The plan without other ministries' rows. That one is theirs is a fault, and neither what it counts as nor what
    else would be wrong with it tells anything of it.
    """
    kept = []
    for change in plan.changes:
        if change.stored and not own.holds(plan.sheet, change.stored.values):
            faults.add_fault(other_ministry_fault(plan, change))
        else:
            kept.append(change)
    return SheetPlan(plan.found, tuple(kept))


def _place(found: Fault) -> tuple[str, int, int, str]:
    """Where a fault stands: row by row, as somebody goes through a sheet to mend it. A catalogue's keep their order."""
    match = _CELL.fullmatch(found.address)
    if match is None:
        return "", 0, 0, ""
    return match["sheet"], int(match["row"] or 0), len(match["column"]), match["column"]


def _standings(session: Session, actor: Actor, plans: Mapping[str, SheetPlan]) -> Standings:
    plan = plans.get(REQUIREMENTS.key)
    codes = {str(change.values["code"]) for change in plan.having(Effect.CHANGED)} if plan else set()
    return Standings(session, actor, codes)


def _without_repeats(plan: SheetPlan, standings: Standings) -> SheetPlan:
    """The plan with nothing to do for what an open revision already proposes: importing twice is importing once."""

    def settle(change: Change) -> Change:
        revision = standings[change.values["code"]].revision
        if change.effect is not Effect.CHANGED or revision is None or change.stored is None:
            return change
        proposed = {**revision.row, **{key: change.stored.values[key] for key in ("code", "status")}}
        if cells_of(REQUIREMENTS, change.values) != proposed:
            return change
        return Change(change.row, change.stored, change.values, Effect.UNCHANGED)

    return SheetPlan(plan.found, tuple(map(settle, plan.changes)))


def _store(session: Session, actor: Actor, upload: _Upload, filename: str, changes: tuple[SheetChanges, ...]) -> int:
    others = {key: plan for key, plan in upload.plans.items() if key != REQUIREMENTS.key}
    store_plans(session, others, upload.database)
    proposed: frozenset[str] = frozenset()
    if REQUIREMENTS.key in upload.plans:
        proposed = keep(session, actor, upload.plans[REQUIREMENTS.key], upload.standings, upload.database)
    number = _add_batch(session, actor, upload, filename, changes)  # who was too late takes no number
    rows = []
    for key, plan in upload.plans.items():
        for change in _done(plan):
            cells = cell_changes(plan.sheet, change.stored.values if change.stored else {}, change.values)
            identity = list(identity_of(plan.sheet, change.values))
            if key in others:
                action = "changed" if change.stored else "created"
                record_row(session, actor, action, plan.sheet, identity=identity, cells=cells)
            if identity[0] not in proposed or key in others:
                added = change.stored is None
                rows.append({"batch_id": number, "sheet": key, "identity": identity, "added": added, "cells": cells})
    if rows:
        session.execute(insert(ImportRow), rows)
    audit.record(session, actor, "imported", f"import:{number}", note=filename[-300:])
    return number


def _add_batch(
    session: Session, actor: Actor, upload: _Upload, filename: str, changes: tuple[SheetChanges, ...]
) -> int:
    batch = ImportBatch(
        file_name=filename[-300:],
        sha256=upload.sha256,
        synthetic=upload.workbook.synthetic,
        counts={sheet.sheet: {effect.value: getattr(sheet, effect.value) for effect in Effect} for sheet in changes},
        imported_at=dt.datetime.now(dt.UTC),
        imported_by_id=actor.user_id,
        ministry_id=ministry_scope(actor),
    )
    session.add(batch)
    session.flush()
    return batch.id


def _done(plan: SheetPlan) -> Iterator[Change]:
    return (change for change in plan.changes if change.effect is not Effect.UNCHANGED)


def _preview_rows(upload: _Upload) -> Iterator[RowPreview]:
    for key, plan in upload.plans.items():
        for change in _done(plan):
            before = change.stored.values if change.stored else {}
            cells = cell_changes(plan.sheet, before, change.values)
            standing = upload.standings[change.values["code"]] if key == REQUIREMENTS.key else None
            yield RowPreview(
                address=plan.found.address(change.row),
                code=" ".join(str(part) for part in identity_of(plan.sheet, change.values)),
                added=change.stored is None,
                proposed=standing is not None and standing.mode is EditMode.REVISION,
                cells=tuple(read_changes(plan.sheet, cells)),
            )


def _summary(plans: Mapping[str, SheetPlan]) -> tuple[SheetChanges, ...]:
    return tuple(
        SheetChanges(key, plan.sheet.title, *(plan.count(effect) for effect in Effect)) for key, plan in plans.items()
    )


def _message(faults: FaultList) -> Phrase | None:
    if not faults.more:
        return None
    return Phrase(
        N_("The data has faults: the first %(shown)s are listed, and there are %(more)s more. Nothing was stored."),
        {"shown": len(faults.faults), "more": faults.more},
    )
