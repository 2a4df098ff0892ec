"""What the start page says of publishing: the plan in force, whether it is out of date, and what is newer."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planner.services.permissions import Actor, Permission, may
from planner.services.plan_storage import newest_solved
from planner.services.publishing.staleness import InputChanges, changes_beside
from planner.services.publishing.standing import PublicationInfo, load_publication, plan_in_force


@dataclass(frozen=True)
class Bulletin:
    """`publication` is of the plan in force, if there is one. Whoever may view plans sees also the changes since (None
    where the plan is too large to work them out beside something else), and the code of a newer plan that is a draft.
    """

    publication: PublicationInfo | None
    changes: InputChanges | None = None
    draft: str | None = None


def load_bulletin(session: Session, actor: Actor) -> Bulletin | None:
    """What there is to say to `actor`; None to those whom no outcome concerns."""
    if not may(actor, Permission.VIEW_OUTCOME):
        return None
    publication = load_publication(session)
    if not may(actor, Permission.VIEW_PLANS):
        return Bulletin(publication)
    in_force, newest = plan_in_force(session), newest_solved(session)
    newer = newest and (in_force is None or newest.id > in_force.id)
    return Bulletin(
        publication,
        changes_beside(session, actor, publication.plan) if publication else None,
        newest.code if newest and newer else None,
    )
