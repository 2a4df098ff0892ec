"""Checking and saving rows that were typed: all of them or none, nothing written over that somebody else wrote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models import Requirement
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from planner.services.editing.reading import Reading, RowEdit, repeated
from planner.services.editing.standing import Proposed, Standings, check_standing, keep
from planner.services.locking import lock, lock_requirements
from planner.services.permissions import Actor, Permission, require
from planner.services.rows.cells import Cells, cells_of, values_of
from planner.services.rows.changes import Change, Effect, SheetPlan, plan_changes
from planner.services.rows.rules import check_plans
from planner.services.rows.scope import own_agencies
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, Stored
from planner.text import N_, Phrase
from reports.reader import Row, SheetRows
from reports.sheets import REQUIREMENTS

_CODE: Final = re.compile(r"R-(\d{6})", re.ASCII)


@dataclass(frozen=True)
class CheckedRows:
    """What a check found. Addresses read `R-000123/title`; a new row in the second edit is `+2/title`."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class SavedRows:
    """The codes of the rows in the order of the edits, and the versions they have now.

    `proposed` are the codes of approved ones: their change is a revision, which waits for approval.
    """

    codes: tuple[str, ...]
    versions: tuple[int, ...]
    proposed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RowConflict:
    """A row that somebody changed meanwhile: as it is stored now, with its version, and as it would have become."""

    code: str
    version: int
    theirs: Cells
    mine: Cells

    @property
    def differing(self) -> tuple[str, ...]:
        """The columns in which the two differ."""
        return tuple(
            name
            for name in {**self.theirs, **self.mine}
            if self.theirs.get(name) != self.mine.get(name) and name not in {"code", "status"}
        )


class StaleRowsError(ConflictError):
    """Somebody changed rows meanwhile; nothing was stored, and both versions are in `conflicts`."""

    default = Phrase(N_("Somebody else changed the same row meanwhile. Nothing was stored."))

    def __init__(self, conflicts: Sequence[RowConflict]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__()


def check_rows(session: Session, actor: Actor, edits: Sequence[RowEdit]) -> CheckedRows:
    """Every fault that saving `edits` would find; nothing is written."""
    return CheckedRows(_prepare(session, actor, edits).faults)


def save_rows(session: Session, actor: Actor, edits: Sequence[RowEdit]) -> SavedRows:
    """Save all of `edits` within the caller's transaction, or `InvalidInputError` with every fault.

    `StaleRowsError` where a row has another version than the edit was made on and would become something else by it;
    saving again what is already there is no conflict and changes nothing. `NotFoundError` for a row that `actor` may
    not know of.
    """
    _lock(session, edits)
    prepared = _prepare(session, actor, edits)
    if prepared.faults:
        raise InvalidInputError(prepared.faults)
    if conflicts := list(prepared.conflicts()):
        raise StaleRowsError(conflicts)
    proposed = keep(session, actor, prepared.plan, prepared.standings, prepared.database)
    made = zip(prepared.codes, edits, prepared.plan.changes, strict=True)
    keys = [{"new": code, "key": edit.key} for code, edit, change in made if edit.key and change.stored is None]
    if keys:
        note_key = update(Requirement).where(Requirement.code == bindparam("new")).values(entry_key=bindparam("key"))
        session.connection().execute(note_key, keys)
    versions = (
        prepared.standings[code].version + (change.effect is not Effect.UNCHANGED)
        for code, change in zip(prepared.codes, prepared.plan.changes, strict=True)
    )
    return SavedRows(tuple(prepared.codes), tuple(versions), proposed)


def apply_row(session: Session, actor: Actor, code: str, row: Cells) -> None:
    """Make the requirement called `code` what `row` says, whole, but for its status; without asking for permission.

    `InvalidInputError` if the row cannot be: what it names may have been retired since it was written.
    """
    database = Database(session, {REQUIREMENTS.key: {code}})
    stored = database.rows(REQUIREMENTS.key).get((code,))
    if stored is None:
        raise NotFoundError
    values = values_of(REQUIREMENTS, row) | {"code": code, "status": stored.values["status"]}
    found = SheetRows(REQUIREMENTS, code, (Row(1, values),), {})
    plan = SheetPlan(found, (Change(found.rows[0], stored, values, Effect.CHANGED),))
    if faults := tuple(check_plans({REQUIREMENTS.key: plan}, database, actor)):
        raise InvalidInputError(faults)
    store_plans(session, {REQUIREMENTS.key: plan}, database)


@dataclass(frozen=True)
class _Prepared:
    """Edits read and compared with the database. `codes` and the plan's changes are in the order of the edits."""

    edits: Sequence[RowEdit]
    codes: Sequence[str]
    plan: SheetPlan
    standings: Standings
    database: Database
    faults: tuple[Fault, ...]

    def conflicts(self) -> Iterator[RowConflict]:
        for edit, change in zip(self.edits, self.plan.changes, strict=True):
            stored, code = change.stored, str(change.values["code"])
            version = self.standings[code].version
            if stored and change.effect is Effect.CHANGED and _seen(edit) not in {None, version}:
                theirs, mine = cells_of(REQUIREMENTS, stored.values), cells_of(REQUIREMENTS, change.values)
                yield RowConflict(code, version, theirs, mine)


def _prepare(session: Session, actor: Actor, edits: Sequence[RowEdit]) -> _Prepared:
    require(actor, Permission.EDIT_REQUIREMENTS)
    codes = _codes(session, edits)
    standings = Standings(session, actor, codes)
    database = Proposed(session, standings, codes)
    present = database.rows(REQUIREMENTS.key)
    own = own_agencies(actor, database)
    for edit in edits:
        if edit.code is not None and not _is_visible(present.get((edit.code,)), own):
            raise NotFoundError
    new = frozenset(code for code in codes if (code,) not in present)
    reading = Reading(edits, codes, new, database, list(repeated(edits)))
    plans = plan_changes({REQUIREMENTS.key: reading.read()}, database)
    plan = plans[REQUIREMENTS.key]
    faults = (*reading.faults, *check_plans(plans, database, actor), *check_standing(plan, standings))
    return _Prepared(edits, codes, plan, standings, database, faults)


def _lock(session: Session, edits: Sequence[RowEdit]) -> None:
    """Have whoever else saves the same rows, or makes new ones, wait until this transaction ends."""
    if any(edit.code is None for edit in edits):
        lock(session, "requirement codes")
    lock_requirements(session, [edit.code for edit in edits if edit.code])


def _codes(session: Session, edits: Sequence[RowEdit]) -> list[str]:
    """The code of each edit's row: its own, that of the row which its key made before, or the next that is free."""
    keys = [edit.key for edit in edits if edit.code is None and edit.key]
    found = session.execute(select(Requirement.entry_key, Requirement.code).where(Requirement.entry_key.in_(keys)))
    known = {key: code for key, code in found if key} if keys else {}
    free = _free_codes(session)
    return [edit.code or known.get(edit.key or "") or next(free) for edit in edits]


def _free_codes(session: Session) -> Iterator[str]:
    """Codes from the next free one on: `R-000124`, `R-000125` …"""
    like = select(Requirement.code).where(Requirement.code.between("R-000000", "R-999999"))
    newest = session.scalars(like.order_by(Requirement.code.desc()).execution_options(yield_per=10))
    last = next((int(found[1]) for code in newest if (found := _CODE.fullmatch(code))), 0)
    newest.close()
    return (f"R-{number:06}" for number in range(last + 1, 1_000_000))


def _is_visible(stored: Stored | None, own: frozenset[object] | None) -> bool:
    return stored is not None and (own is None or stored.values["agency"] in own)


def _seen(edit: RowEdit) -> int | None:
    """The version that whoever edited had seen; of a row that was sent before as new, its first."""
    return edit.version if edit.code else 1
