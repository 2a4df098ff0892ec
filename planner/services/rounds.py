"""Planning rounds: making and changing them, extending one for a ministry, and how far each ministry has come."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from models import Agency, Ministry, PlanningRound, Requirement, RequirementRevision, RequirementStatus, RoundExtension
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.deadlines import ROUND_STATES, RoundState, moment_text, round_state
from planner.services.locking import lock
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.round_fields import FieldReader
from planner.services.wording import requirement_status_phrase
from planner.text import N_, LocalText, Phrase
from reports.values import Cell, Column, Table
from reports.words import BANGKOK

_LOCK: Final = "planning rounds"


@dataclass(frozen=True)
class Extension:
    """A ministry's own close of a round, and why it was granted."""

    ministry: str
    name: LocalText
    closes_at: dt.datetime
    reason: str


@dataclass(frozen=True)
class RoundDetail:
    """One round as it stands now. `extensions` are those that the actor may know of."""

    code: str
    name: LocalText
    opens_at: dt.datetime
    closes_at: dt.datetime
    state: RoundState
    version: int
    extensions: tuple[Extension, ...]
    progress: Table


def list_rounds(session: Session, actor: Actor) -> Table:
    """Every round, the latest first."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    now = dt.datetime.now(dt.UTC)
    columns = (
        Column("code", N_("Code"), "code"),
        Column("name", N_("Name")),
        Column("opens", N_("Opens"), "moment"),
        Column("closes", N_("Closes"), "moment"),
        Column("state", N_("State")),
    )
    rounds = session.scalars(select(PlanningRound).order_by(PlanningRound.opens_at.desc()))
    return Table("rounds", N_("Planning rounds"), columns, tuple(_cells(row, now) for row in rounds))


def _cells(row: PlanningRound, now: dt.datetime) -> tuple[Cell, ...]:
    state = Phrase(ROUND_STATES[round_state(row.opens_at, row.closes_at, now)])
    return row.code, name_of(row), row.opens_at, row.closes_at, state


def get_round(session: Session, actor: Actor, code: str) -> RoundDetail:
    """The round called `code`; `NotFoundError` if there is none. A ministry learns of its own extension alone."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    row = _find(session, code)
    home = ministry_scope(actor)
    extensions = (
        Extension(found.ministry.code, name_of(found.ministry), found.closes_at, found.reason)
        for found in sorted(row.extensions, key=lambda found: found.ministry.code)
        if home in {None, found.ministry_id}
    )
    return RoundDetail(
        code=row.code,
        name=name_of(row),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        state=round_state(row.opens_at, row.closes_at, dt.datetime.now(dt.UTC)),
        version=row.version,
        extensions=tuple(extensions),
        progress=_progress(session, actor),
    )


def _find(session: Session, code: str) -> PlanningRound:
    extensions = selectinload(PlanningRound.extensions).joinedload(RoundExtension.ministry, innerjoin=True)
    row = session.scalar(select(PlanningRound).where(PlanningRound.code == code).options(extensions))
    if row is None:
        raise NotFoundError
    return row


def save_round(
    session: Session, actor: Actor, given: Mapping[str, str], *, code: str | None = None, version: int | None = None
) -> str:
    """Make a round, or change the one called `code` that had `version`; returns its code.

    `given` holds the texts of the fields: `code` of a new one, `name_th`, `name_en`, and day and time of `opens` and
    `closes`. `InvalidInputError` with a fault for each field, also where it would be open together with another
    round; `ConflictError` if somebody changed it meanwhile.
    """
    require(actor, Permission.MANAGE_ROUNDS)
    lock(session, _LOCK)
    row = PlanningRound(code="") if code is None else _find(session, code)
    if code is not None and row.version != version:
        raise ConflictError
    before = _facts(row) if code is not None else {}
    reader = FieldReader(given)
    if code is None:
        row.code = reader.code("code")
    row.name_th, row.name_en = reader.text("name_th"), reader.text("name_en")
    opens_at, closes_at = reader.moment("opens"), reader.moment("closes")
    faults = reader.faults
    with session.no_autoflush:
        if opens_at and closes_at:
            row.opens_at, row.closes_at = opens_at, closes_at
            faults.extend(_check_moments(session, row))
        if code is None and session.scalar(select(PlanningRound.id).where(PlanningRound.code == row.code)):
            faults.append(fault("code", "not_unique", N_("There is a planning round of this code already.")))
    if faults:
        raise InvalidInputError(faults)
    session.add(row)
    session.flush()
    changes = {key: (before.get(key), value) for key, value in _facts(row).items()}
    audit.record(session, actor, "changed" if before else "created", f"round:{row.code}", changes)
    return row.code


def _facts(row: PlanningRound) -> dict[str, str]:
    """What history keeps of a round."""
    return {
        "name_th": row.name_th,
        "name_en": row.name_en,
        "opens_at": _written(row.opens_at),
        "closes_at": _written(row.closes_at),
    }


def _written(moment: dt.datetime) -> str:
    """A moment as history keeps it, in Thai time."""
    return f"{moment.astimezone(BANGKOK):%Y-%m-%d %H:%M}"


def _granted(extension: RoundExtension) -> str:
    """An extension as history keeps it."""
    return f"{extension.ministry.code}: {_written(extension.closes_at)}"


def _check_moments(session: Session, row: PlanningRound) -> Iterator[Fault]:
    if row.closes_at <= row.opens_at:
        yield fault("closes_day", "ends_before_start", N_("It ends before it starts."))
        return
    together = select(PlanningRound).where(
        PlanningRound.code != row.code,
        PlanningRound.opens_at < row.closes_at,
        PlanningRound.closes_at > row.opens_at,
    )
    for other in session.scalars(together.order_by(PlanningRound.opens_at)):
        yield fault(
            "opens_day",
            "overlaps",
            N_("Only one round is open at a time: %(round)s is from %(opens)s to %(closes)s."),
            round=name_of(other),
            opens=moment_text(other.opens_at),
            closes=moment_text(other.closes_at),
        )


def extend_round(session: Session, actor: Actor, code: str, given: Mapping[str, str]) -> None:
    """Let one ministry enter longer: `given` holds `ministry` (a code), day and time of `until`, and `reason`.

    A second extension of the same ministry takes the place of the first. `InvalidInputError` with faults by field.
    """
    require(actor, Permission.MANAGE_ROUNDS)
    lock(session, _LOCK)
    row = _find(session, code)
    reader = FieldReader(given)
    until, reason = reader.moment("until"), reader.text("reason")
    faults = reader.faults
    ministry = session.scalar(select(Ministry).where(Ministry.code == given.get("ministry", "")))
    if ministry is None:
        faults.append(fault("ministry", "unknown_code", N_("Choose a ministry.")))
    if until and until <= row.closes_at:
        message = N_("An extension ends after the round itself, which closes on %(moment)s.")
        faults.append(fault("until_day", "not_later", message, moment=moment_text(row.closes_at)))
    if faults or ministry is None or until is None:
        raise InvalidInputError(faults)
    found = next((extension for extension in row.extensions if extension.ministry_id == ministry.id), None)
    before = _granted(found) if found else None
    if found is None:
        found = RoundExtension(ministry=ministry)
        row.extensions.append(found)
    found.closes_at, found.reason = until, reason
    session.flush()
    changes = {"extension": (before, _granted(found))}
    audit.record(session, actor, "changed", f"round:{code}", changes, note=reason)


def end_extension(session: Session, actor: Actor, code: str, ministry: str) -> None:
    """Take the extension of `ministry` back; `NotFoundError` if it has none."""
    require(actor, Permission.MANAGE_ROUNDS)
    row = _find(session, code)
    found = next((extension for extension in row.extensions if extension.ministry.code == ministry), None)
    if found is None:
        raise NotFoundError
    row.extensions.remove(found)
    session.flush()
    changes = {"extension": (_granted(found), None)}
    audit.record(session, actor, "changed", f"round:{code}", changes)


def ministry_choices(session: Session, actor: Actor) -> tuple[tuple[str, LocalText], ...]:
    """The ministries that a round may be extended for; none for those who may not."""
    if not may(actor, Permission.MANAGE_ROUNDS):
        return ()
    return tuple((row.code, name_of(row)) for row in session.scalars(select(Ministry).order_by(Ministry.code)))


def _progress(session: Session, actor: Actor) -> Table:
    """Requirements by ministry and status as they stand today, with the revisions that wait for a decision."""
    ministries = select(Ministry).order_by(Ministry.code)
    counts = (
        select(Agency.ministry_id, Requirement.status, func.count())
        .join(Requirement.agency)
        .group_by(Agency.ministry_id, Requirement.status)
    )
    revisions = (
        select(Agency.ministry_id, func.count())
        .join(RequirementRevision.requirement)
        .join(Requirement.agency)
        .where(RequirementRevision.status == RequirementStatus.SUBMITTED)
        .group_by(Agency.ministry_id)
    )
    if (home := ministry_scope(actor)) is not None:
        ministries = ministries.where(Ministry.id == home)
        counts = counts.where(Agency.ministry_id == home)
        revisions = revisions.where(Agency.ministry_id == home)
    by_status = {(ministry, status): count for ministry, status, count in session.execute(counts)}
    waiting = dict(session.execute(revisions).all())
    return Table(
        key="progress",
        title=N_("Requirements today, by ministry"),
        columns=(
            Column("ministry", N_("Ministry")),
            *(Column(status, requirement_status_phrase(status), "integer") for status in RequirementStatus),
            Column("revisions", N_("Revisions submitted"), "integer"),
        ),
        rows=tuple(
            (
                name_of(ministry),
                *(by_status.get((ministry.id, status), 0) for status in RequirementStatus),
                waiting.get(ministry.id, 0),
            )
            for ministry in session.scalars(ministries)
        ),
    )
