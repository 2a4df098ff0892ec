"""Reading the coverage of the data workforce: pages of tables and charts, by ministry and agency too."""

from collections.abc import Callable, Mapping
from typing import Final

from planner.services.coverage.pages import (
    read_accountability,
    read_changes,
    read_gaps,
    read_hosting,
    read_overview,
    read_projection,
    read_risks,
)
from planner.services.coverage.places import read_agency, read_ministry
from planner.services.coverage.visit import Visit, note_people, open_visit
from planner.services.desk.pages import Page, Wanted
from planner.text import N_

__all__ = ["PAGES", "PLACES", "Visit", "note_people", "open_visit"]

PAGES: Final[Mapping[str, tuple[str, Callable[[Visit, Wanted], Page]]]] = {
    "overview": (N_("Overview"), read_overview),
    "gaps": (N_("Gaps"), read_gaps),
    "risks": (N_("Single-person risks"), read_risks),
    "accountability": (N_("Accountability"), read_accountability),
    "projection": (N_("Projection"), read_projection),
    "changes": (N_("What changed"), read_changes),
    "hosting": (N_("Data staff and hosting"), read_hosting),
}
"""The pages on coverage by their names in the address: what each is called, and what reads it."""
PLACES: Final[Mapping[str, Callable[[Visit, Wanted, str], Page]]] = {
    "ministries": read_ministry,
    "agencies": read_agency,
}
"""What may be opened from the heat maps, by its name in the address."""
