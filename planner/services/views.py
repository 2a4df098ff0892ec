"""Saved views: lists as somebody wants them again, each person's own."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from models import SavedView
from planner.errors import InvalidInputError, fault
from planner.services.locking import lock
from planner.services.permissions import Actor
from planner.text import N_

LONGEST_NAME: Final = 100
LONGEST_QUERY: Final = 2000
MOST: Final = 30
"""How many views a person may keep of one list."""


@dataclass(frozen=True)
class View:
    """A list's address under a name: `query` is what stands behind its question mark."""

    name: str
    query: str


def load_views(session: Session, actor: Actor, area: str) -> tuple[View, ...]:
    """The views that `actor` keeps of the list `area`, in the order in which they were first saved."""
    mine = select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.area == area)
    return tuple(View(row.name, row.query) for row in session.scalars(mine.order_by(SavedView.id)))


def save_view(session: Session, actor: Actor, area: str, view: View) -> None:
    """Keep `view`, in place of one with the same name; `InvalidInputError` names everything that is wrong with it."""
    name = " ".join(view.name.split())
    lock(session, f"views:{actor.username}:{area}")
    kept = session.scalar(select(SavedView).where(*_is_named(actor, area, name)))
    count = session.scalar(
        select(func.count()).select_from(SavedView).where(SavedView.user_id == actor.user_id, SavedView.area == area)
    )
    faults = []
    if not name:
        faults.append(fault("name", "required", N_("A view needs a name.")))
    if len(name) > LONGEST_NAME:
        faults.append(fault("name", "too_long", N_("At most %(count)s characters."), count=LONGEST_NAME))
    if len(view.query) > LONGEST_QUERY:
        faults.append(fault("query", "too_long", N_("At most %(count)s characters."), count=LONGEST_QUERY))
    if kept is None and (count or 0) >= MOST:
        faults.append(fault("", "too_many", N_("You keep %(count)s views of this list already."), count=MOST))
    if faults:
        raise InvalidInputError(faults)
    if kept is None:
        session.add(SavedView(user_id=actor.user_id, area=area, name=name, query=view.query))
    else:
        kept.query = view.query
    session.flush()


def delete_view(session: Session, actor: Actor, area: str, name: str) -> None:
    """Forget `actor`'s view of that name, if there is one."""
    session.execute(delete(SavedView).where(*_is_named(actor, area, name)))


def _is_named(actor: Actor, area: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return SavedView.user_id == actor.user_id, SavedView.area == area, SavedView.name == name
