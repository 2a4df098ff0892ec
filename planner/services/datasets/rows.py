"""Datasets whole, as plain cells, for programs: many in one query."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models import Agency, Dataset
from planner.errors import NotFoundError
from planner.services.datasets.inventory import values_of
from planner.services.datasets.readiness import level_reached
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.rows.cells import Cells, cells_of
from reports.catalogue import DATASETS


@dataclass(frozen=True)
class DatasetRow:
    """One dataset as it is at `version`: its cells, those alone that hold something, and its level of readiness."""

    code: str
    version: int
    cells: Cells
    readiness: int


def load_datasets(session: Session, actor: Actor, codes: Sequence[str]) -> tuple[DatasetRow, ...]:
    """The datasets with `codes`, in that order; `NotFoundError` if `actor` may not know of one."""
    require(actor, Permission.VIEW_DATASETS)
    query = (
        select(Dataset, level_reached)
        .where(Dataset.code.in_(codes))
        .options(joinedload(Dataset.agency, innerjoin=True), joinedload(Dataset.clearance, innerjoin=True))
    )
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Dataset.agency_id.in_(select(Agency.id).where(Agency.ministry_id == home)))
    found = {
        row.code: DatasetRow(row.code, row.version, cells_of(DATASETS, values_of(row)), level)
        for row, level in session.execute(query)
    }
    if not found.keys() >= set(codes):
        raise NotFoundError
    return tuple(found[code] for code in codes)
