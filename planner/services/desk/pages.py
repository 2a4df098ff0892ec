"""What a page of the desk is made of: what may be chosen, and sections of tables and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from planner.errors import NotFoundError
from planner.services.desk.opening import Desk
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Section, Table

Label: TypeAlias = str | LocalText | FiscalYear | Phrase
Wanted: TypeAlias = Mapping[str, str]
"""What the reader chose, by the keys of choices."""
FIRST: Final = 50
"""Rows of a table that a page shows; its file has them all."""


@dataclass(frozen=True)
class Choice:
    """Something that the reader chooses: values with their labels, and the one chosen."""

    key: str
    label: str
    options: tuple[tuple[str, Label], ...]
    chosen: str


@dataclass(frozen=True)
class Page:
    """One page on a plan. `shaded` names the columns of a table whose shares are shown as a heat map, by its key."""

    sections: tuple[Section, ...]
    choices: tuple[Choice, ...] = ()
    shaded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self, key: str) -> Table:
        """The table called `key`, also of a chart; `NotFoundError` if the page has none."""
        for section in self.sections:
            for table in (*section.tables, *(chart.table for chart in section.charts)):
                if table.key == key:
                    return table
        raise NotFoundError


def choose(key: str, label: str, options: Sequence[tuple[str, Label]], wanted: Wanted) -> Choice:
    """The choice that `wanted` makes of `options`; the first of them where it makes none, or a wrong one."""
    values = [value for value, _ in options]
    found = wanted.get(key, "")
    return Choice(key, label, tuple(options), found if found in values else next(iter(values), ""))


def choose_year(desk: Desk, wanted: Wanted) -> Choice:
    """One of the plan's fiscal years."""
    return choose("year", N_("Fiscal year"), [(str(year), FiscalYear(year)) for year in desk.ledger.years], wanted)


def choose_type(desk: Desk, wanted: Wanted) -> Choice:
    """One of the plan's resource types."""
    types = [(row.code, desk.names.resource_type(row.code)) for row in desk.problem.resource_types]
    return choose("type", N_("Resource type"), types, wanted)


def first_rows(table: Table) -> Table:
    """`table` cut to what a page shows, with a note that says so."""
    if len(table.rows) <= FIRST:
        return table
    note = Phrase(
        N_("The first %(shown)s of %(count)s rows; the file has them all."), {"shown": FIRST, "count": len(table.rows)}
    )
    return replace(table, rows=table.rows[:FIRST], note=note)
