"""The data centres: the list, one with what it can hold, and its capacity by resource type and fiscal year."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from planner.api.pages import Row
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, TableAnswer, Words, rows_of, words
from planner.errors import Fault, InvalidInputError, fault
from planner.services.reference import load_grid, save_grid
from planner.services.reference.capacity import CapacityRow, list_capacity
from planner.services.reference.texts import number_text
from planner.services.sites import COLUMNS, SiteFilter, get_site, list_sites
from planner.services.tokens import Area
from planner.text import N_

sites = Resource("sites", Area.REFERENCE, "The data centres and their capacity; their rows are of the table `sites`.")


class SiteListed(Model):
    """A data centre as the list has it, with what is usable of each resource type in the first fiscal year."""

    code: str
    name: Words
    region: Words
    clearance: Words
    from_year: int
    to_year: int | None
    usable: dict[str, float | None]

    @classmethod
    def of(cls, row: Row) -> "SiteListed":
        """A row of the list as JSON."""
        own = {column.key for column in COLUMNS}
        usable = {key: value for key, value in row.items() if key not in own}
        named = {key: row[key] for key in ("code", "name", "region", "clearance")}
        return cls.model_validate({**named, "from_year": row["from"], "to_year": row["to"], "usable": usable})


class Site(Model):
    """A data centre, with its capacity and what it may be expanded by."""

    code: str
    name: Words
    region: Words
    clearance: Words
    from_year: int
    to_year: int | None
    capacity: TableAnswer
    expansions: TableAnswer


class Capacity(Model):
    """What a site offers of a resource type, amounts by fiscal year of the common era."""

    resource_type: Code
    version: int = Field(0, ge=0, description="The version that was read; 0 for what is not offered yet.")
    overcommit: float = Field(gt=0, le=1000, description="Usable units of one of nameplate, before the reserve.")
    reserve_margin: float = Field(ge=0, le=1, description="The share that is held back.")
    nameplate: dict[str, float] = Field(max_length=100)
    running_cost: dict[str, float] = Field(max_length=100, description="THB for a unit and year.")

    @classmethod
    def of(cls, row: CapacityRow) -> "Capacity":
        """A row as JSON."""
        found: dict[str, Any] = {"nameplate": {}, "running_cost": {}}
        for name, cell in row.cells.items():
            key, _, year = name.partition(".")
            if year:
                found[key][year] = cell
            else:
                found[key] = cell
        return cls.model_validate({"resource_type": row.resource_type, "version": row.version, **found})

    def typed(self) -> Iterator[tuple[str, str]]:
        """The cells of the grid that it fills, by their names."""
        yield f"{self.resource_type}.version", str(self.version)
        yield f"{self.resource_type}.overcommit", number_text(self.overcommit)
        yield f"{self.resource_type}.reserve_margin", number_text(100 * self.reserve_margin)
        for key, amounts in (("nameplate", self.nameplate), ("running_cost", self.running_cost)):
            for year, amount in amounts.items():
                yield f"{self.resource_type}.{key}.{year}", number_text(amount)


class SiteCapacity(Model):
    """All that a site offers; a resource type that is not among it is not offered."""

    items: list[Capacity] = Field(max_length=500)


@sites.get()
def index(call: Call, query: ListQuery) -> Page[SiteListed]:
    """List the data centres, each with its usable capacity in the first fiscal year."""
    found = list_sites(call.session, call.actor, SiteFilter(**query.arguments()))
    return Page(items=list(map(SiteListed.of, rows_of(found.table))), next=cursor_of(found.last))


@sites.get("/<code>")
def show(call: Call, code: str) -> Site:
    """One data centre."""
    found = get_site(call.session, call.actor, code)
    return Site(
        code=found.code,
        name=words(found.name),
        region=words(found.region),
        clearance=words(found.clearance),
        from_year=found.start.year,
        to_year=found.end.year if found.end else None,
        capacity=TableAnswer.of(found.capacity),
        expansions=TableAnswer.of(found.expansions),
    )


@sites.get("/<code>/capacity")
def show_capacity(call: Call, code: str) -> SiteCapacity:
    """What a data centre offers, in the numbers that are entered."""
    return SiteCapacity(items=list(map(Capacity.of, list_capacity(call.session, call.actor, code))))


@sites.put("/<code>/capacity", versioned=False)
def save_capacity(call: Call, code: str, body: SiteCapacity) -> SiteCapacity:
    """Make what a data centre offers what is sent: all of it, or nothing.

    Each item names the version that it is based on. Faults are addressed `items[2].nameplate.2027`.
    """
    known = load_grid(call.session, call.actor, code)
    names = {cell.entry.name for group in known.groups for line in group.lines for cell in (*line.cells, *line.factors)}
    names |= {f"{group.code}.version" for group in known.groups}
    places = {item.resource_type: f"items[{number}]" for number, item in enumerate(body.items)}
    typed = {name: text for item in body.items for name, text in item.typed()}
    # what the form lacks would be left out in silence, and a program never know
    faults = [
        fault(_place(places, name), "unknown_code", N_("There is no such resource type or fiscal year here."))
        for name in typed
        if name not in names
    ]
    if len(places) < len(body.items):
        faults.append(fault("items", "duplicate_code", N_("A resource type is here twice.")))
    if faults:
        raise InvalidInputError(faults)
    try:
        save_grid(call.session, call.actor, code, typed)
    except InvalidInputError as error:
        moved = (Fault(_place(places, each.address), each.code, each.message) for each in error.faults)
        raise InvalidInputError(moved) from error
    call.session.expire_all()
    return show_capacity(call, code)


def _place(places: Mapping[str, str], name: str) -> str:
    """Where in the request the cell of the grid called `name` stands."""
    code = max((code for code in places if name.startswith(f"{code}.")), key=len, default="")
    return f"{places[code]}{name.removeprefix(code)}" if code else name
