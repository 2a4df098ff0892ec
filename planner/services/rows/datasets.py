"""The rules that a dataset keeps beyond those of its columns, from wherever it comes: form, workbook or catalogue."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from models import Agency, Dataset
from planner.errors import Fault, fault
from planner.services.rows.changes import SheetPlan
from planner.services.rows.targets import Database
from planner.text import N_
from reports.columns import Value

PERSONAL: Final = "personal"
"""The governance category whose datasets hold personal data by definition."""


def check_datasets(plan: SheetPlan, database: Database) -> Iterator[Fault]:
    """Every fault of the rows of a plan."""
    taken = _catalogue_names(plan, database)
    for change in plan.changes:
        values = change.values
        if values["category"] == PERSONAL and not values["personal_data"]:
            message = N_("Its category is personal data, so it holds personal data.")
            yield fault(plan.found.address(change.row, "personal_data"), "personal_category", message)
        if values["deputy"] and not values["accountable"]:
            message = N_("Name the accountable person before a deputy.")
            yield fault(plan.found.address(change.row, "accountable"), "deputy_alone", message)
        elif values["deputy"] and values["deputy"] == values["accountable"]:
            message = N_("The deputy must be another person.")
            yield fault(plan.found.address(change.row, "deputy"), "deputy_same", message)
        if name := values["catalogue_name"]:
            first = taken[values["agency"], name]
            if first != values["code"]:
                message = N_("%(code)s of the same agency already has this name in the catalogue.")
                yield fault(
                    plan.found.address(change.row, "catalogue_name"), "catalogue_name_taken", message, code=str(first)
                )


def _catalogue_names(plan: SheetPlan, database: Database) -> dict[tuple[Value, Value], Value]:
    """The dataset that will have each name in each agency's catalogue, the first one where several ask for it."""
    named = {change.values["code"] for change in plan.changes}
    query = select(Agency.code, Dataset.catalogue_name, Dataset.code).join(Dataset.agency)
    present = database.session.execute(query.where(Dataset.catalogue_name.is_not(None)))
    taken: dict[tuple[Value, Value], Value] = {
        (agency, name): code for agency, name, code in present if code not in named
    }
    for change in plan.changes:
        taken.setdefault((change.values["agency"], change.values["catalogue_name"]), change.values["code"])
    return taken
