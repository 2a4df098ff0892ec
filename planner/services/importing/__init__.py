"""Excel in: what an upload would change, and changing it, all or nothing, repeatable without effect.

Reading and checking are the same for preview and apply, so a preview without faults can be applied.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from sqlalchemy.orm import Session

from models import ImportBatch
from planner.errors import Fault, InvalidInputError
from planner.services.importing.exporting import write_export, write_template
from planner.services.permissions import Actor, Permission, require
from planner.services.rows.changes import Effect, SheetPlan, plan_changes
from planner.services.rows.rules import check_plans
from planner.services.rows.scope import allowed_sheets
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database
from planner.text import N_, LocalText, Phrase
from reports.archive import Limits
from reports.reader import FaultList, WorkbookRows, read_workbook

__all__ = [
    "ImportPreview",
    "ImportResult",
    "SheetChanges",
    "apply_import",
    "preview_import",
    "write_export",
    "write_template",
]


@dataclass(frozen=True)
class SheetChanges:
    """How many rows of one sheet are new, different from the database's, and the same."""

    sheet: str
    title: LocalText
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportPreview:
    """What applying the file would do. It can be applied when `faults` is empty.

    At most 500 faults are listed; `more_faults` counts the rest. `synthetic`: the file calls its numbers made up.
    """

    file_name: str
    changes: tuple[SheetChanges, ...]
    faults: tuple[Fault, ...]
    more_faults: int
    synthetic: bool


@dataclass(frozen=True)
class ImportResult:
    """What applying the file did. `stored` is False where the database already held all of it."""

    file_name: str
    changes: tuple[SheetChanges, ...]
    stored: bool
    synthetic: bool


def preview_import(
    session: Session, actor: Actor, stream: IO[bytes], filename: str, limits: Limits | None = None
) -> ImportPreview:
    """What importing the workbook in `stream` would change, and every fault; nothing is written.

    `ForbiddenError` if `actor` may not import at all; `InvalidInputError` if the file cannot be opened.
    """
    upload = _read(session, actor, stream, limits or Limits())
    changes = _summary(upload.plans)
    return ImportPreview(filename, changes, tuple(upload.faults.faults), upload.faults.more, upload.workbook.synthetic)


def apply_import(
    session: Session, actor: Actor, stream: IO[bytes], filename: str, limits: Limits | None = None
) -> ImportResult:
    """Import the workbook in `stream` within the caller's transaction: all of it, or `InvalidInputError` with faults.

    Rows are told apart by their codes; rows that the file does not name, and columns that it does not have, stay as
    they are. `ConflictError` if somebody changed the same rows meanwhile. On any error the caller rolls back.
    """
    upload = _read(session, actor, stream, limits or Limits())
    if upload.faults.faults:
        raise InvalidInputError(upload.faults.faults, _message(upload.faults))
    changes = _summary(upload.plans)
    stored = any(sheet.added or sheet.changed for sheet in changes)
    if stored:
        store_plans(session, upload.plans, upload.database)
        session.add(
            ImportBatch(
                file_name=filename[-300:],
                sha256=upload.sha256,
                synthetic=upload.workbook.synthetic,
                counts={
                    sheet.sheet: {effect.value: getattr(sheet, effect.value) for effect in Effect} for sheet in changes
                },
                imported_at=dt.datetime.now(dt.UTC),
                imported_by_id=actor.user_id,
            )
        )
        session.flush()
    return ImportResult(filename, changes, stored, upload.workbook.synthetic)


@dataclass(frozen=True)
class _Upload:
    """A file read and compared with the database."""

    workbook: WorkbookRows
    plans: Mapping[str, SheetPlan]
    faults: FaultList
    database: Database
    sha256: str


def _read(session: Session, actor: Actor, stream: IO[bytes], limits: Limits) -> _Upload:
    require(actor, Permission.IMPORT_DATA)
    content = stream.read(limits.file_bytes + 1)
    workbook = read_workbook(io.BytesIO(content), limits)
    faults = FaultList(limits.faults, list(workbook.faults), workbook.more_faults)
    allowed = allowed_sheets(actor)
    for key, found in workbook.sheets.items():
        if key not in allowed:
            faults.add(f"{found.title}!", "sheet_not_allowed", N_("Your role may not import this sheet."))
    database = Database(session)
    plans = plan_changes({key: found for key, found in workbook.sheets.items() if key in allowed}, database)
    for found_fault in check_plans(plans, database, actor):
        faults.add_fault(found_fault)
    return _Upload(workbook, plans, faults, database, hashlib.sha256(content).hexdigest())


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
