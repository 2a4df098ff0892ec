"""What rows are called, those of a problem by their codes, and the names of pools taken apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.allocation.problem import Agency, Expansion, Ministry, Problem, Region, ResourceType, Site
from planner.text import LocalText

if TYPE_CHECKING:  # a file is solved where there is no database
    from models.base import Named


@dataclass(frozen=True, slots=True)
class PoolKey:
    """A pool's name taken apart: its kind, the codes it holds and its year; what a kind has not is empty or 0."""

    kind: str
    site: str = ""
    resource_type: str = ""
    year: int = 0
    expansion: str = ""
    agency: str = ""
    role: str = ""
    ministry: str = ""
    level: str = ""


def parse_pool(pool: str) -> PoolKey:
    """The parts of the name of a pool (`PoolUse.pool`) or of what else a reason names; `ValueError` if it is none."""
    match pool.split("/"):
        case ["expansion", code]:
            return PoolKey("expansion", expansion=code)
        case ["cap", code]:
            return PoolKey("cap", ministry=code)
        case ["level", level]:
            return PoolKey("level", level=level)
        case [("capex" | "opex" | "moves") as kind, year]:
            return PoolKey(kind, year=int(year))
        case [site, resource_type, year]:
            return PoolKey("capacity", site=site, resource_type=resource_type, year=int(year))
        case ["staff", agency, role, year]:
            return PoolKey("staff", agency=agency, role=role, year=int(year))
    raise ValueError(f"{pool!r} is not the name of a pool")


def name_of(row: "Named") -> LocalText:
    """What people call a row, in both languages; its code where it has no name."""
    return LocalText(row.name_th or row.code, row.name_en)


class Names:
    """The rows of a problem by code, and what each is called. Building one is linear in the rows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.ministries: dict[str, Ministry] = {row.code: row for row in problem.ministries}
        self.agencies: dict[str, Agency] = {row.code: row for row in problem.agencies}
        self.regions: dict[str, Region] = {row.code: row for row in problem.regions}
        self.sites: dict[str, Site] = {row.code: row for row in problem.sites}
        self.resource_types: dict[str, ResourceType] = {row.code: row for row in problem.resource_types}
        self.expansions: dict[str, Expansion] = {row.code: row for row in problem.expansions}

    def ministry(self, code: str) -> LocalText | str:
        """A ministry's name."""
        return self.ministries[code].name

    def agency(self, code: str) -> LocalText | str:
        """An agency's name, or its code where it has none."""
        return self.agencies[code].name or code

    def region(self, code: str) -> LocalText | str:
        """A region's name, or its code where it has none."""
        return self.regions[code].name or code

    def site(self, code: str) -> LocalText | str:
        """A site's name, or its code where it has none."""
        return self.sites[code].name or code

    def resource_type(self, code: str) -> LocalText | str:
        """A resource type's name, or its code where it has none."""
        return self.resource_types[code].name or code

    def expansion(self, code: str) -> LocalText | str:
        """An expansion's name, or its code where it has none."""
        return self.expansions[code].name or code
