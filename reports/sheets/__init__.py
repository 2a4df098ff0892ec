"""The one column specification: every sheet of the exchange workbook, as template, reader and export follow it.

A workbook holds any subset of `SHEETS`. Each area of the tool has a module here; its sheets are named in `SHEETS`.
"""

from typing import Final

from reports.catalogue import DATASETS
from reports.columns import Sheet
from reports.sheets.reference import (
    AGENCIES,
    CLEARANCES,
    FISCAL_YEARS,
    MINISTRIES,
    PRIORITIES,
    REGIONS,
    RESOURCE_TYPES,
)
from reports.sheets.requirements import REQUIREMENTS
from reports.sheets.sites import CAPACITY, EXPANSIONS, SITES
from reports.sheets.workforce import PEOPLE, REGISTER

__all__ = [
    "AGENCIES",
    "CAPACITY",
    "CLEARANCES",
    "EXPANSIONS",
    "FISCAL_YEARS",
    "MINISTRIES",
    "PEOPLE",
    "PRIORITIES",
    "REGIONS",
    "REGISTER",
    "REQUIREMENTS",
    "RESOURCE_TYPES",
    "SHEETS",
    "SITES",
]

SHEETS: Final[dict[str, Sheet]] = {
    sheet.key: sheet
    for sheet in (
        MINISTRIES,
        AGENCIES,
        REGIONS,
        CLEARANCES,
        PRIORITIES,
        RESOURCE_TYPES,
        FISCAL_YEARS,
        SITES,
        CAPACITY,
        EXPANSIONS,
        DATASETS,
        REQUIREMENTS,
        *REGISTER,
    )
}
"""Every sheet by its key; a sheet refers only to sheets before it."""
