"""The homes that published plans gave: what a requirement is hosted at when the next round is planned."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import FiscalYear, Placement, Publication, Requirement, Site


def load_homes(
    session: Session, *, only: Collection[str] | None = None, before_newest: bool = False
) -> Mapping[str, str]:
    """The site that hosts each requirement by the published plans, by code, in its first year of today's horizon.

    The plan in force decides. Of a requirement that it places in parts, the site of the greatest share is the home. One
    that it places from a later year on is still where the plan before it had put it, and so on back; one that it does
    not place has no home by plan, nor has one whose site is gone. `only` are the codes that are asked for, if not all;
    with `before_newest` it is as it was before the newest publication.
    """
    first = session.scalar(select(FiscalYear.year).order_by(FiscalYear.year).limit(1))
    if first is None:
        return {}
    newest = select(Publication.run_id).order_by(Publication.id.desc())
    runs = session.scalars(newest.offset(1) if before_newest else newest)
    homes: dict[str, str] = {}
    waiting: set[str] | None = None
    for run_id in dict.fromkeys(runs):
        late: set[str] = set()
        for code, site, begun in _placements(session, run_id, first, only):
            if waiting is not None and code not in waiting:
                continue
            if begun:
                homes.setdefault(code, site)
            else:
                late.add(code)
        waiting = late - homes.keys()
        if not waiting:
            break
    return homes


def _placements(
    session: Session, run_id: int, first: int, only: Collection[str] | None
) -> Iterator[tuple[str, str, bool]]:
    """Requirement, site, and whether the placement holds in the requirement's first year; the greatest share first."""
    query = (
        select(Placement.requirement, Placement.site, Placement.start_year, Requirement.start_year)
        .join(Requirement, Requirement.code == Placement.requirement)
        .join(Site, Site.code == Placement.site)
        .where(Placement.run_id == run_id)
        .order_by(Placement.requirement, Placement.share.desc(), Placement.position)
    )
    if only is not None:
        query = query.where(Placement.requirement.in_(only))
    for code, site, begins, start in session.execute(query):
        yield code, site, begins <= max(start, first)
