"""Which plan is in force, which were before it, and which one speaks where none is yet."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from models import PlanRun, Publication
from planner.services.permissions import Actor, Permission, may
from planner.services.plan_storage import of_base
from planner.text import N_, Phrase
from reports.values import Column, Table


class PlanState(StrEnum):
    """Where a solved plan stands. It follows from the publications and is stored nowhere."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class PublicationInfo:
    """One publication. `superseded_at` is when the next one took its place, None while it is in force.

    `published_by` is a full name, "" for the operator; `superseded_by` the code of the plan that followed.
    """

    plan: str
    plan_name: str
    note: str
    published_at: dt.datetime
    published_by: str
    synthetic: bool
    superseded_at: dt.datetime | None = None
    superseded_by: str | None = None


def list_publications(session: Session) -> tuple[PublicationInfo, ...]:
    """Every publication, newest first, whoever asks."""
    rows = session.scalars(
        select(Publication)
        .options(joinedload(Publication.run), joinedload(Publication.published_by))
        .order_by(Publication.id.desc())
    ).all()
    followers = (None, *rows)
    return tuple(_info(row, after) for row, after in zip(rows, followers, strict=False))


def publication_table(publications: Sequence[PublicationInfo]) -> Table:
    """One row a publication, under the code of its plan."""
    columns = (
        Column("code", N_("Plan"), "code"),
        Column("name", N_("Name")),
        Column("note", N_("Note"), width=48.0),
        Column("published_at", N_("Published"), "moment"),
        Column("published_by", N_("Published by")),
        Column("superseded_at", N_("Superseded"), "moment"),
        Column("superseded_by", N_("By plan"), "code"),
    )
    rows = tuple(
        (
            row.plan,
            row.plan_name if row.plan_name != row.plan else None,
            row.note,
            row.published_at,
            row.published_by or Phrase(N_("Operator")),
            row.superseded_at,
            row.superseded_by,
        )
        for row in publications
    )
    return Table("publications", N_("Publications, the newest first"), columns, rows)


def load_publication(session: Session) -> PublicationInfo | None:
    """The publication of the plan in force; None before the first."""
    row = session.scalar(
        select(Publication)
        .options(joinedload(Publication.run), joinedload(Publication.published_by))
        .order_by(Publication.id.desc())
        .limit(1)
    )
    return _info(row, None) if row else None


def plan_in_force(session: Session) -> PlanRun | None:
    """The run whose plan is in force, without its parts; None before the first publication."""
    newest = (
        select(Publication)
        .join(Publication.run)
        .options(contains_eager(Publication.run))
        .order_by(Publication.id.desc())
        .limit(1)
    )
    found = session.scalar(newest)
    return found.run if found else None


def plan_for_all(session: Session) -> PlanRun | None:
    """The run by whose plan the tool answers where nobody chose one: the plan in force, else the newest of the base."""
    published = select(func.max(Publication.id)).scalar_subquery()
    in_force = select(Publication.run_id).where(Publication.id == published).scalar_subquery()
    known = select(PlanRun).where(or_(PlanRun.id == in_force, of_base()))
    return session.scalar(known.order_by(case((PlanRun.id == in_force, 0), else_=1), PlanRun.id.desc()).limit(1))


def plan_for(session: Session, actor: Actor) -> PlanRun | None:
    """The same for `actor`: whoever may not view plans sees none but the one in force."""
    return plan_for_all(session) if may(actor, Permission.VIEW_PLANS) else plan_in_force(session)


def plan_states(session: Session) -> Mapping[str, PlanState]:
    """The states of the plans that were ever published, by their codes; every other solved plan is a draft."""
    published = select(PlanRun.code).join(Publication, Publication.run_id == PlanRun.id).order_by(Publication.id.desc())
    codes = session.scalars(published).all()
    return {code: PlanState.PUBLISHED if code == codes[0] else PlanState.SUPERSEDED for code in codes}


def _info(row: Publication, after: Publication | None) -> PublicationInfo:
    return PublicationInfo(
        plan=row.run.code,
        plan_name=row.run.name,
        note=row.note,
        published_at=row.published_at,
        published_by=row.published_by.full_name if row.published_by else "",
        synthetic=row.run.synthetic,
        superseded_at=after.published_at if after else None,
        superseded_by=after.run.code if after else None,
    )
