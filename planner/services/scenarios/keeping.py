"""Scenarios as rows: making, naming, copying and archiving one, and changing its adjustments."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models import Scenario
from planner.allocation import Problem
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.locking import lock
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, require
from planner.services.phrases import dump_phrase
from planner.services.problems import load_outline
from planner.services.reference.texts import read_text
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment, from_json, read_adjustment, to_json
from planner.services.scenarios.kinds import kind_named
from planner.services.scenarios.sentences import sentence
from planner.text import N_, LocalText
from reports.cells import CellError
from reports.columns import Field

MOST_ADJUSTMENTS: Final = 100
"""How many a scenario may have; nobody reads more sentences than that."""
NAME: Final = Field("name", LocalText("ชื่อ", "Name"), "text", "", required=True, longest=300)
NOTE: Final = Field("note", LocalText("คำอธิบาย", "Note"), "text", "", longest=2000)


def find_scenario(session: Session, code: str) -> Scenario:
    """The row of the scenario called `code`; `NotFoundError` if there is none."""
    row = session.scalar(select(Scenario).where(Scenario.code == code))
    if row is None:
        raise NotFoundError
    return row


def adjustments_of(row: Scenario) -> tuple[Adjustment, ...]:
    """What the scenario changes, in order."""
    return tuple(map(from_json, row.adjustments))


def load_outline_of(session: Session, adjustments: Sequence[Adjustment]) -> Problem:
    """The base with those requirements alone that `adjustments` name: enough to check and to word them."""
    return load_outline(session, [str(code) for row in adjustments if (code := row.code("requirement"))])


def save_scenario(
    session: Session, actor: Actor, typed: Mapping[str, str], *, code: str | None = None, version: int = 0
) -> str:
    """Make a scenario of the `name` and `note` that were typed, or change those of the one called `code`; its code.

    `InvalidInputError` with a fault at each field; `ConflictError` if it is archived or no longer at `version`.
    """
    require(actor, Permission.EDIT_SCENARIOS)
    row = open_scenario(session, code, version) if code else Scenario(adjustments=[], note="")
    before = _facts(row) if code else {}
    read: dict[str, str] = {}
    faults = []
    for field in (NAME, NOTE):
        try:
            read[field.key] = str(read_text(field, typed.get(field.key, "")) or "")
        except CellError as error:
            faults.append(Fault(field.key, error.code, error.message))
    if faults:
        raise InvalidInputError(faults)
    row.name, row.note = read["name"], read["note"]
    if code is None:
        _add(session, actor, row)
    _flush(session)
    changes = {key: (before.get(key), value) for key, value in _facts(row).items()}
    audit.record(session, actor, "changed" if code else "created", subject_of(row.code), changes)
    return row.code


def subject_of(code: str) -> str:
    """What the audit log calls the scenario."""
    return f"scenario:{code}"


def _facts(row: Scenario) -> dict[str, str]:
    return {"name": row.name, "note": row.note}


def _add(session: Session, actor: Actor, row: Scenario) -> None:
    """Give a new scenario its key and, from that, its code: they follow one another as the log does."""
    lock(session, "scenario codes")
    row.code = uuid.uuid4().hex
    row.created_at, row.created_by_id = dt.datetime.now(dt.UTC), actor.user_id
    session.add(row)
    session.flush()
    row.code = f"S-{row.id:06}"


def open_scenario(session: Session, code: str, version: int) -> Scenario:
    """The row of a scenario to be changed; `ConflictError` if it is archived or no longer at `version`."""
    row = find_scenario(session, code)
    if row.archived_at is not None or row.version != version:
        raise ConflictError
    return row


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:  # somebody else was at it in the same moment
        raise ConflictError from error


def copy_scenario(session: Session, actor: Actor, code: str) -> str:
    """A new scenario of the same name and adjustments, also of one that is archived; its code."""
    require(actor, Permission.EDIT_SCENARIOS)
    source = find_scenario(session, code)
    row = Scenario(name=source.name, note=source.note, adjustments=list(source.adjustments))
    _add(session, actor, row)
    _flush(session)
    changes = {"copied_from": (None, code), **{key: (None, value) for key, value in _facts(row).items()}}
    audit.record(session, actor, "created", subject_of(row.code), changes)
    return row.code


def archive_scenario(session: Session, actor: Actor, code: str, version: int) -> None:
    """Put a scenario away: it is kept, and can be copied, but no longer be changed or run."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = open_scenario(session, code, version)
    row.archived_at = dt.datetime.now(dt.UTC)
    _flush(session)
    audit.record(session, actor, "archived", subject_of(code))


def restore_scenario(session: Session, actor: Actor, code: str) -> None:
    """Take an archived scenario back into use."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = find_scenario(session, code)
    if row.archived_at is None:
        raise ConflictError
    row.archived_at = None
    _flush(session)
    audit.record(session, actor, "restored", subject_of(code))


def put_adjustment(
    session: Session,
    actor: Actor,
    code: str,
    typed: Mapping[str, str],
    *,
    kind: str,
    version: int,
    at: int | None = None,
) -> None:
    """Add the adjustment of `kind` that was typed, or put it in the place of the one at `at` (from 0).

    `InvalidInputError` with every fault at its field, also what cannot be done to the base as it is today;
    `ConflictError` if the scenario is no longer at `version`.
    """
    require(actor, Permission.EDIT_SCENARIOS)
    row = open_scenario(session, code, version)
    adjustments = list(adjustments_of(row))
    place = len(adjustments) if at is None else _place(adjustments, at)
    if place == MOST_ADJUSTMENTS:
        message = N_("A scenario has at most %(most)s adjustments.")
        raise InvalidInputError([fault("", "too_many", message, most=MOST_ADJUSTMENTS)])
    adjustments[place : place + 1] = [read_adjustment(kind_named(kind), typed)]
    outline = load_outline_of(session, adjustments)
    try:
        apply_adjustments(outline, adjustments)
    except InvalidInputError as error:
        if own := at_fields(error.faults, place):
            raise InvalidInputError(own) from error
    _store(session, actor, row, adjustments, Names(outline))


def at_fields(faults: Sequence[Fault], place: int) -> list[Fault]:
    """Those of `faults` that belong to the adjustment at `place`, addressed by its own fields."""
    head = f"adjustments[{place}]"
    return [
        Fault(each.address.removeprefix(head).removeprefix("."), each.code, each.message)
        for each in faults
        if each.address == head or each.address.startswith(f"{head}.")
    ]


def drop_adjustment(session: Session, actor: Actor, code: str, at: int, version: int) -> None:
    """Take the adjustment at `at` (from 0) out."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = open_scenario(session, code, version)
    adjustments = list(adjustments_of(row))
    del adjustments[_place(adjustments, at)]
    _store(session, actor, row, adjustments, Names(load_outline_of(session, ())))


def raise_adjustment(session: Session, actor: Actor, code: str, at: int, version: int) -> None:
    """Have the adjustment at `at` (from 1) made before the one above it."""
    require(actor, Permission.EDIT_SCENARIOS)
    row = open_scenario(session, code, version)
    adjustments = list(adjustments_of(row))
    place = _place(adjustments, at)
    if place == 0:
        raise NotFoundError
    adjustments[place - 1 : place + 1] = reversed(adjustments[place - 1 : place + 1])
    _store(session, actor, row, adjustments, Names(load_outline_of(session, ())))


def _place(adjustments: Sequence[Adjustment], at: int) -> int:
    if not 0 <= at < len(adjustments):
        raise NotFoundError
    return at


def _store(session: Session, actor: Actor, row: Scenario, adjustments: Sequence[Adjustment], names: Names) -> None:
    """Keep `adjustments`; history tells which sentences went and which came, or all where the order alone changed."""
    before = adjustments_of(row)
    store_adjustments(session, row, adjustments)
    gone = [each for each in before if each not in adjustments]
    come = [each for each in adjustments if each not in before]
    old, new = (gone, come) if gone or come else (before, adjustments)
    changes = {"adjustments": (_said(old, names), _said(new, names))}
    audit.record(session, actor, "changed", subject_of(row.code), changes)


def store_adjustments(session: Session, row: Scenario, adjustments: Sequence[Adjustment]) -> None:
    """Make `adjustments` those of the scenario; `ConflictError` if somebody was at it in the same moment."""
    row.adjustments = [to_json(each) for each in adjustments]
    _flush(session)


def _said(adjustments: Sequence[Adjustment], names: Names) -> list[dict[str, Any]]:
    return [dump_phrase(sentence(each, names)) for each in adjustments]
