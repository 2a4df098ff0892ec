"""Revisions: changes to approved requirements that wait for approval while the old row stays in force."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Requirement, RequirementRevision
from models import RequirementStatus as Status
from planner.errors import ConflictError, NotFoundError
from planner.services import audit
from planner.services.permissions import Actor
from planner.services.rows.cells import FIXED, CellChanges, Cells, CellValue, cell_changes, cells_of, values_of
from planner.services.rows.scope import locked_columns
from planner.services.rows.targets import Database
from planner.text import N_, Phrase
from reports.sheets import REQUIREMENTS

PROPOSED: Final = "revised"
"""What history calls the start of a revision."""


def propose(session: Session, actor: Actor, requirement: Requirement, row: Cells) -> RequirementRevision | None:
    """Keep `row`, the whole requirement as it is to become, as its open revision: a draft until it is submitted.

    For rows whose `lifecycle.edit_mode` is REVISION. Changes the open revision where there is one; None where there
    is none and nothing would change. The caller has checked permission, deadline and row; `ConflictError` where the
    revision is being reviewed.
    """
    wanted = {name: cell for name, cell in row.items() if name not in FIXED}
    revision = requirement.open_revision
    if revision is not None and revision.status is Status.SUBMITTED:
        raise ConflictError(Phrase(N_("The revision is being reviewed. Take it back to draft to change it.")))
    before = revision.row if revision else row_in_force(session, requirement.code)
    wanted |= {name: before[name] for name in locked_columns(actor) & before.keys()}
    if not (changes := row_changes(before, wanted)):
        return revision
    if revision is None:
        newest = select(func.max(RequirementRevision.number)).filter_by(requirement_id=requirement.id)
        revision = RequirementRevision(number=(session.scalar(newest) or 0) + 1, status=Status.DRAFT)
        requirement.revisions.append(revision)
    revision.row, revision.base_version = wanted, requirement.version
    session.flush()
    session.expire(requirement, ["open_revision"])
    audit.record(session, actor, PROPOSED, f"requirement:{requirement.code}", changes)
    return revision


def row_in_force(session: Session, code: str) -> dict[str, CellValue]:
    """The cells of the requirement called `code` as it stands, without those that nobody types into."""
    stored = Database(session, {REQUIREMENTS.key: {code}}).rows(REQUIREMENTS.key).get((code,))
    if stored is None:
        raise NotFoundError
    return {name: cell for name, cell in cells_of(REQUIREMENTS, stored.values).items() if name not in FIXED}


def row_changes(before: Cells, after: Cells) -> CellChanges:
    """The cells in which two rows differ, those that nobody types into left out."""
    changes = cell_changes(REQUIREMENTS, values_of(REQUIREMENTS, before), values_of(REQUIREMENTS, after))
    return {name: values for name, values in changes.items() if name not in FIXED}
