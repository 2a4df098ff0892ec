"""How requirements stand when somebody edits them: in force, beside a revision, or out of reach."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.exc import StaleDataError

from models import Agency, Requirement, RequirementRevision, RequirementStatus
from planner.errors import ConflictError, Fault, fault
from planner.services import audit, inbox, revisions
from planner.services.deadlines import load_entry
from planner.services.handovers import four_eyes_fault, own_work
from planner.services.lifecycle import EditMode, edit_mode, edit_refusal, status_refusal
from planner.services.permissions import Actor, ministry_scope
from planner.services.rows.cells import cell_changes, cells_of, values_of
from planner.services.rows.changes import Change, Effect, SheetPlan, same, settled
from planner.services.rows.store import store_plans
from planner.services.rows.targets import Database, Identity, Stored
from planner.services.subjects import split
from planner.services.transitions import leading
from planner.services.webhooks.outbox import announce_step
from planner.text import N_, Phrase
from reports.reader import SheetRows
from reports.sheets import REQUIREMENTS

_AT_ONCE = 5_000


@dataclass(frozen=True)
class Standing:
    """One requirement as it stands for somebody. `requirement` None is one that is still to be made.

    `version` counts every change of the requirement and of its revisions. `refusal` says why it may not be edited.
    """

    requirement: Requirement | None
    version: int
    mode: EditMode
    refusal: Phrase | None

    @property
    def revision(self) -> RequirementRevision | None:
        """The revision that is still open."""
        return self.requirement.open_revision if self.requirement else None


class Standings:
    """How the requirements with `codes` stand for `actor`, who must see them; any other code is of one to be made."""

    def __init__(self, session: Session, actor: Actor, codes: Collection[str]) -> None:
        self.session = session
        self.actor = actor
        self.entry = load_entry(session, actor)
        self.found: dict[str, Standing] = {}
        ordered = sorted(codes)
        for start in range(0, len(ordered), _AT_ONCE):
            query = (
                select(Requirement)
                .where(Requirement.code.in_(ordered[start : start + _AT_ONCE]))
                .options(selectinload(Requirement.revisions), selectinload(Requirement.open_revision))
            )
            if (home := ministry_scope(actor)) is not None:
                query = query.join(Requirement.agency).where(Agency.ministry_id == home)
            for row in session.scalars(query):
                version = row.version + sum(revision.version for revision in row.revisions)
                self.found[row.code] = self._standing(row, version)
        self.new = self._standing(None, 0)

    def __getitem__(self, code: object) -> Standing:
        """How the requirement called `code` stands."""
        return self.found.get(str(code), self.new)

    def _standing(self, row: Requirement | None, version: int) -> Standing:
        mode = edit_mode(self.actor, row, self.entry)
        return Standing(row, version, mode, edit_refusal(self.actor, row, self.entry))


class Proposed(Database):
    """The database as whoever edits sees it: where a revision is open, its row stands for the one in force."""

    def __init__(self, session: Session, standings: Standings, codes: Collection[str]) -> None:
        super().__init__(session, {REQUIREMENTS.key: codes})
        self.standings = standings

    def rows(self, sheet_key: str) -> Mapping[Identity, Stored]:
        """All rows of a sheet, by what tells them apart."""
        rows = super().rows(sheet_key)
        if sheet_key != REQUIREMENTS.key:
            return rows
        return {identity: self._proposed(stored) for identity, stored in rows.items()}

    def _proposed(self, stored: Stored) -> Stored:
        revision = self.standings[stored.values["code"]].revision
        if revision is None:
            return stored
        kept = {key: stored.values[key] for key in ("code", "status")}
        return Stored(stored.key, stored.version, {**values_of(REQUIREMENTS, revision.row), **kept})


def check_standing(plan: SheetPlan, standings: Standings) -> Iterator[Fault]:
    """A fault for every change that the row's status, or the deadline, does not allow.

    Of rows that the actor may not see nothing is said; that they are another's is a fault of its own.
    """
    approved = [
        change for change in plan.changes if _move(change) == (RequirementStatus.SUBMITTED, RequirementStatus.APPROVED)
    ]
    own = own_work(standings.session, standings.actor, [str(change.values["code"]) for change in approved])
    for change in plan.changes:
        hidden = change.stored is not None and str(change.values["code"]) not in standings.found
        if hidden or change.effect is Effect.UNCHANGED:
            continue
        standing = standings[change.values["code"]]
        typed = change.stored is None or _is_typed(change)
        place = plan.found.address(change.row, "code")
        if standing.refusal and (typed or standings.entry.refusal):
            yield Fault(place, "refused", standing.refusal)
        elif change.values["code"] in own:
            yield four_eyes_fault(plan.found.address(change.row, "status"))
        elif _move(change):
            yield from _check_move(plan.found, change, standing, standings.actor, typed=typed)


def _check_move(found: SheetRows, change: Change, standing: Standing, actor: Actor, *, typed: bool) -> Iterator[Fault]:
    place = found.address(change.row, "status")
    before = RequirementStatus(str(change.stored.values["status"])) if change.stored else None
    if refusal := status_refusal(actor, before, RequirementStatus(str(change.values["status"]))):
        yield Fault(place, "status_not_allowed", refusal)
    elif standing.revision or (typed and standing.mode is EditMode.REVISION):
        message = N_("What is approved changes by a revision; its status cannot change along with it.")
        yield fault(place, "revision_and_status", message)


def keep(session: Session, actor: Actor, plan: SheetPlan, standings: Standings, database: Database) -> frozenset[str]:
    """Store what may be changed in place and propose the rest; the codes of requirements that now have a revision.

    Everything is written into the history of its requirement.
    """
    changes = [change for change in plan.changes if change.effect is not Effect.UNCHANGED]
    proposed = [change for change in changes if _is_typed(change) and _mode(change, standings) is EditMode.REVISION]
    kept = {change.values["code"] for change in proposed}
    direct = tuple(change for change in changes if change.values["code"] not in kept)
    try:
        for change in proposed:
            requirement = standings[change.values["code"]].requirement
            if requirement is not None:
                revisions.propose(session, actor, requirement, cells_of(REQUIREMENTS, change.values))
    except (IntegrityError, StaleDataError) as error:  # somebody else proposed one at the same moment
        raise ConflictError from error
    store_plans(session, {REQUIREMENTS.key: SheetPlan(plan.found, direct)}, database)
    _tell(session, actor, direct)
    return frozenset(map(str, kept))


def _tell(session: Session, actor: Actor, changes: Sequence[Change]) -> None:
    """Write what was stored into the history: what was typed, and apart from it each step, which followers hear of."""
    told: dict[str, list[str]] = {}
    for change in changes:
        subject = f"requirement:{change.values['code']}"
        cells = cell_changes(REQUIREMENTS, change.stored.values if change.stored else {}, change.values)
        move = _move(change)
        way = leading(*move) if move else None
        if move and way:
            cells.pop("status")
        if cells:
            audit.record(session, actor, "changed" if change.stored else "created", subject, cells)
        if move and way:
            audit.record(session, actor, way.event, subject, {"status": (move[0].value, move[1].value)})
            told.setdefault(way.event, []).append(subject)
    for event, subjects in told.items():
        inbox.notify_of(session, actor, dict.fromkeys(subjects, ()), event)
        announce_step(session, event, [split(subject)[1] for subject in subjects])


def _move(change: Change) -> tuple[RequirementStatus, RequirementStatus] | None:
    """The statuses from which and to which a row goes, where it goes anywhere."""
    before = RequirementStatus(str(change.stored.values["status"])) if change.stored else RequirementStatus.DRAFT
    after = RequirementStatus(str(change.values["status"]))
    return None if before is after else (before, after)


def _mode(change: Change, standings: Standings) -> EditMode:
    return standings[change.values["code"]].mode


def _is_typed(change: Change) -> bool:
    """Whether anything but the status changes."""
    before = change.stored.values if change.stored else None
    return before is None or any(
        not same(settled(before[key]), settled(value)) for key, value in change.values.items() if key != "status"
    )
