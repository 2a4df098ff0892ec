"""The inventory of datasets: the list, its exports, and one dataset with its readiness."""

from dataclasses import replace

from flask import Blueprint, Response, render_template

from planner.services.datasets.inventory import (
    SORTABLE,
    DatasetFilter,
    dataset_choices,
    get_dataset,
    list_datasets,
)
from planner.services.overview import is_synthetic
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument, list_arguments

blueprint = Blueprint("datasets", __name__, url_prefix="/datasets")


def wanted() -> DatasetFilter:
    """The filter that the address asks for."""
    return DatasetFilter(
        **list_arguments(),
        ministry=argument("ministry"),
        agency=argument("agency"),
        category=argument("category"),
        clearance=argument("clearance"),
        personal=argument("personal"),
        readiness=argument("readiness"),
    )


@blueprint.get("/")
def index() -> str:
    """The filtered list, a page of it."""
    chosen = wanted()
    with transaction() as database:
        listing = list_datasets(database, actor(), chosen)
        choices = dataset_choices(database, actor())
        made_up = is_synthetic(database)
    return render_template(
        "datasets/index.html", listing=listing, chosen=chosen, choices=choices, sortable=SORTABLE, made_up=made_up
    )


@blueprint.get("/export.<form>")
def export(form: str) -> Response:
    """Every row that the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = list_datasets(database, actor(), replace(wanted(), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, "datasets", form, made_up=made_up)


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One dataset: what it is, who answers for it, how ready it is."""
    with transaction() as database:
        detail = get_dataset(database, actor(), code)
        made_up = is_synthetic(database)
    return render_template("datasets/show.html", detail=detail, made_up=made_up)
