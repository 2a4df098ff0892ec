"""Datasets out to a government data catalogue, as the JSON that CKAN answers with."""

from sqlalchemy.orm import Session

from planner.services.datasets.inventory import DatasetFilter, select_datasets, values_of
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, require
from reports.ckan import write_packages


def export_catalogue(session: Session, actor: Actor, wanted: DatasetFilter) -> str:
    """The datasets that `actor` may see and `wanted` lets through, as JSON that can be imported again."""
    require(actor, Permission.VIEW_DATASETS)
    rows = session.scalars(select_datasets(actor, wanted)).all()
    organisations = {
        row.agency.code: {"name": row.agency.code, "title": row.agency.name_th, "description": row.agency.name_en}
        for row in rows
    }
    return write_packages([values_of(row) for row in rows], organisations, made_up=is_synthetic(session))
