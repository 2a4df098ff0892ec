"""What a dataset asks to have hosted: the requirement that may be made from it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import FiscalYear, ResourceType
from planner.i18n import translator
from planner.services.datasets.inventory import find_dataset, grown
from planner.services.permissions import Actor, Permission, require
from planner.services.rows.cells import Cells, CellValue, column_name
from planner.text import N_
from reports.sheets import REQUIREMENTS

STORAGE_UNIT = "TB"


def prefill(session: Session, actor: Actor, code: str) -> Cells:
    """The cells of a new requirement that hosts the dataset called `code`, as far as the dataset tells.

    Its volume becomes demand of the first storage type measured in TB, in every fiscal year of the plan, growing from
    what it takes up in the first. `NotFoundError` if `actor` may not know of the dataset.
    """
    require(actor, Permission.VIEW_DATASETS)
    row = find_dataset(session, actor, code)
    cells: dict[str, CellValue] = {
        "title": row.title,
        "agency": row.agency.code,
        "clearance": row.clearance.code,
        "note": translator(actor.language)(N_("Made from dataset %(code)s."), code=code),
    }
    years = session.scalars(select(FiscalYear.year).order_by(FiscalYear.year)).all()
    if years:
        cells["start_year"] = years[0]
    storage = session.scalar(
        select(ResourceType.code)
        .where(ResourceType.movable, ResourceType.unit == STORAGE_UNIT)
        .order_by(ResourceType.position)
        .limit(1)
    )
    if storage and row.volume_tb:
        series = REQUIREMENTS.series[0].key
        for year in years:
            amount = round(grown(row.volume_tb, row.growth, year - years[0]), 3)
            cells[column_name((series, (storage, year)))] = amount
    return cells
