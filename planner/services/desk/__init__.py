"""Reading a plan at the desk: pages of tables and charts, and answers about one requirement, pool or pair of plans."""

from collections.abc import Callable, Mapping
from typing import Final

from planner.services.desk.continuity import read_failover, read_moves
from planner.services.desk.needs import read_exclusions, read_shortfalls
from planner.services.desk.opening import Desk, open_desk
from planner.services.desk.overview import read_overview
from planner.services.desk.pages import Choice, Page, Wanted
from planner.services.desk.places import read_placements, read_utilisation
from planner.services.desk.worth import read_costs, read_expansion, read_fairness
from planner.text import N_

__all__ = ["PAGES", "Choice", "Desk", "Page", "Wanted", "open_desk"]

PAGES: Final[Mapping[str, tuple[str, Callable[[Desk, Wanted], Page]]]] = {
    "overview": (N_("Overview"), read_overview),
    "placements": (N_("Placements"), read_placements),
    "utilisation": (N_("Utilisation"), read_utilisation),
    "shortfalls": (N_("Shortfalls"), read_shortfalls),
    "expansion": (N_("Where to expand"), read_expansion),
    "fairness": (N_("Fairness"), read_fairness),
    "costs": (N_("Costs"), read_costs),
    "moves": (N_("Moves"), read_moves),
    "failover": (N_("Failover drill"), read_failover),
    "exclusions": (N_("Ruled out"), read_exclusions),
}
"""The pages of a plan by their names in the address: what each is called, and what reads it."""
