"""The tables of reference data: the columns of their sheets, and what a screen says beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from planner.errors import ForbiddenError, NotFoundError
from planner.services.permissions import Actor, Permission, may, ministry_scope
from planner.services.rows.scope import MINISTRY_SHEETS
from planner.text import N_
from reports import sheets
from reports.columns import Field, Sheet


@dataclass(frozen=True)
class ReferenceTable:
    """One table. `add` is the button that makes a row; whoever has `viewing` reads the rows, with `permission` changes
    them. Rows that belong to a ministry are its people's to read and to change, the others' of no ministry to change.

    `hints` stand below the fields whose rule in the workbook does not suit a form; "" leaves a hint out. `leaving` says
    how a row is retired that may not be removed.
    """

    sheet: Sheet
    title: str
    add: str
    leaving: str
    permission: Permission = Permission.EDIT_REFERENCE
    viewing: Permission = Permission.VIEW_SITES
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the table is called in addresses."""
        return self.sheet.key

    @property
    def order(self) -> str:
        """The key of the column that puts the rows in their own order."""
        return (*self.sheet.unique, *self.sheet.identity)[0]

    @property
    def plain(self) -> bool:
        """Whether a column of its own tells the rows apart, not what they refer to."""
        (*others, first) = self.sheet.identity
        return not others and not self.sheet.field(first).refers

    def may_change(self, actor: Actor) -> bool:
        """Whether `actor` adds, changes and removes rows."""
        whole = self.key in MINISTRY_SHEETS or ministry_scope(actor) is None
        return whole and may(actor, self.permission)

    def require_change(self, actor: Actor) -> None:
        """`ForbiddenError` unless `actor` may change rows."""
        if not self.may_change(actor):
            raise ForbiddenError

    def hint(self, field: Field) -> str:
        """What is said below a field, as a message id."""
        return self.hints.get(field.key, field.rule)


_CODE: Final = N_("One word without a slash. It cannot be changed later, because other rows and old plans name it.")
_YEAR: Final = N_("Of the Buddhist or the common era.")
_DAY: Final = N_("Day/month/year, of the Buddhist or the common era.")
_NAMES: Final = {"code": _CODE, "name_th": "", "name_en": ""}
_STAYS: Final = N_("A row that is used stays. Change its names, or give the rows that use it another one first.")

_ALL: Final = (
    ReferenceTable(
        sheets.MINISTRIES,
        N_("Ministries"),
        N_("Add a ministry"),
        N_("When a ministry ends, fill in the day; its row stays for the plans and agencies that name it."),
        hints=_NAMES
        | {
            "code": N_("Budget code, such as 11000. It cannot be changed later."),
            "letter_th": N_("As on letters, such as ดศ."),
            "abbreviation_en": N_("Such as MDES."),
            "valid_from": _DAY,
            "valid_to": N_("Leave empty while the ministry stands."),
        },
    ),
    ReferenceTable(
        sheets.AGENCIES,
        N_("Agencies"),
        N_("Add an agency"),
        N_("An agency with requirements or datasets stays. Give them to the agency that takes over, then remove it."),
        hints=_NAMES
        | {"ministry": N_("The ministry that the agency belongs to. Its planners see what is the agency's.")},
    ),
    ReferenceTable(
        sheets.REGIONS,
        N_("Regions"),
        N_("Add a region"),
        _STAYS,
        hints=_NAMES,
    ),
    ReferenceTable(
        sheets.CLEARANCES,
        N_("Clearances"),
        N_("Add a clearance"),
        _STAYS,
        hints=_NAMES | {"level": N_("Whole number, higher for data that needs more protection. No two alike.")},
    ),
    ReferenceTable(
        sheets.PRIORITIES,
        N_("Priorities"),
        N_("Add a priority"),
        _STAYS,
        hints=_NAMES
        | {
            "rank": N_("1 for the most urgent. No two alike."),
            "weight": N_("How much an unmet unit counts against those of other priorities. Empty for statutory alone."),
        },
    ),
    ReferenceTable(
        sheets.RESOURCE_TYPES,
        N_("Resource types"),
        N_("Add a resource type"),
        _STAYS,
        hints=_NAMES
        | {
            "unit": N_("The unit of every amount of this type, such as vCPU or TB."),
            "position": N_("Where it stands in lists and tables. No two alike."),
            "movable": N_("Tick for storage: its volume counts as data moved when a system changes its data centre."),
            "standby_ratio": N_("How much of the demand a standby copy in another region holds."),
        },
    ),
    ReferenceTable(
        sheets.FISCAL_YEARS,
        N_("Fiscal years and budgets"),
        N_("Add a fiscal year"),
        N_("Only the first or the last year can go, and only while no capacity or demand is kept for it."),
        hints={
            "year": N_("The year after the last one or before the first one. Of the Buddhist or the common era."),
            "capex_limit": N_("Most that may be invested in the year. Leave empty for no limit."),
            "opex_limit": N_("Most that may be spent on running in the year. Leave empty for no limit."),
            "move_limit_tb": N_("Most data that may be moved between data centres. Leave empty for no limit."),
        },
    ),
    ReferenceTable(
        sheets.SITES,
        N_("Data centres"),
        N_("Add a data centre"),
        N_("When a data centre closes, fill in its last fiscal year; its row stays for the plans that name it."),
        permission=Permission.EDIT_SITES,
        hints=_NAMES
        | {
            "region": N_("One disaster may take all data centres of a region; a standby copy is kept in another."),
            "clearance": N_("The most protected class of data that may be held here."),
            "from_year": _YEAR,
            "to_year": N_("Leave empty while no end is known."),
        },
    ),
    ReferenceTable(
        sheets.EXPANSIONS,
        N_("Expansions"),
        N_("Add an expansion"),
        N_("An expansion that is no longer offered can be removed; old plans keep their own copy of it."),
        permission=Permission.EDIT_SITES,
        hints=_NAMES
        | {
            "site": "",
            "resource_type": "",
            "module_size": N_("Usable units that one module adds, in the unit of the resource type."),
            "module_price": "",
            "lead_years": N_("Whole years from purchase to use; 0 if it is in use in the year it is bought."),
            "max_modules": N_("Over all fiscal years together."),
        },
    ),
)
TABLES: Final[Mapping[str, ReferenceTable]] = {table.key: table for table in _ALL}
"""Every table by its key, in the order in which they refer to each other."""


def table_named(key: str) -> ReferenceTable:
    """The table called `key`; `NotFoundError` if there is none."""
    if key not in TABLES:
        raise NotFoundError
    return TABLES[key]
