"""What the audit log calls the rows of each sheet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reports.columns import Sheet

KINDS: Final[Mapping[str, str]] = {
    "ministries": "ministry",
    "agencies": "agency",
    "regions": "region",
    "clearances": "clearance",
    "priorities": "priority",
    "resource_types": "resource_type",
    "fiscal_years": "fiscal_year",
    "sites": "site",
    "capacity": "site",
    "expansions": "expansion",
    "datasets": "dataset",
    "requirements": "requirement",
}
"""The kind of object that a sheet's rows belong to; a capacity is its site's."""


def subject_of(sheet: Sheet, identity: Sequence[Any]) -> str:
    """The subject of a row: `requirement:R-000123`, `site:BKK1`."""
    return f"{KINDS[sheet.key]}:{identity[0]}"
