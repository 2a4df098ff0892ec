"""The inventory of datasets: the list, its exports, one dataset with its readiness, and the form to enter one."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import Fault, InvalidInputError
from planner.services.comments import load_discussion
from planner.services.datasets.entry import (
    FIELDS,
    DatasetForm,
    StaleDatasetError,
    Typed,
    load_form,
    save_dataset,
)
from planner.services.datasets.inventory import (
    SORTABLE,
    DatasetFilter,
    dataset_choices,
    get_dataset,
    list_datasets,
)
from planner.services.datasets.publishing import export_catalogue
from planner.services.datasets.readiness import LEVELS
from planner.services.overview import is_synthetic
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.downloads import send_stream, send_table
from planner.web.queries import argument, list_arguments
from reports.catalogue import DESCRIPTION, MORE_DESCRIPTION, PLANNING

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
    """Every row that the filter lets through, as Excel, CSV or the JSON of a catalogue."""
    if form == "json":
        with transaction() as database:
            catalogue = export_catalogue(database, actor(), wanted())
        return send_stream(io.BytesIO(catalogue.encode()), "datasets.json", "application/json")
    with transaction() as database:
        listing = list_datasets(database, actor(), replace(wanted(), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, "datasets", form, made_up=made_up)


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One dataset: what it is, who answers for it, how ready it is."""
    with transaction() as database:
        detail = get_dataset(database, actor(), code)
        discussion = load_discussion(database, actor(), f"dataset:{code}")
        made_up = is_synthetic(database)
    return render_template("datasets/show.html", detail=detail, discussion=discussion, made_up=made_up)


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> str | BaseResponse | tuple[str, int]:
    """Enter a dataset."""
    return _form(None)


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> str | BaseResponse | tuple[str, int]:
    """Change a dataset."""
    return _form(code)


def _form(code: str | None) -> str | BaseResponse | tuple[str, int]:
    """The form, and what becomes of it when it is sent: saved, or shown again as it was sent with what is wrong."""
    with transaction() as database:
        form = load_form(database, actor(), code)
    if request.method == "GET":
        return _page(form, _texts(form.cells))
    typed = _typed()
    try:
        with transaction() as database:
            saved = save_dataset(database, actor(), code, request.form.get("version", 0, type=int), typed)
    except InvalidInputError as error:
        return _page(replace(form, version=request.form.get("version", 0, type=int)), typed, error.faults), error.status
    except StaleDatasetError as error:
        stale = _page(replace(form, version=error.version), typed, theirs=_texts(error.theirs), mine=_texts(error.mine))
        return stale, error.status
    flash(N_("The dataset was saved."))
    return redirect(url_for("datasets.show", code=saved))


def _page(
    form: DatasetForm,
    typed: Typed,
    faults: Sequence[Fault] = (),
    *,
    theirs: Typed | None = None,
    mine: Typed | None = None,
) -> str:
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.address, []).append(fault)
    differing = (
        []
        if theirs is None or mine is None
        else [
            (field, theirs.get(field.key), mine.get(field.key))
            for field in FIELDS
            if theirs.get(field.key) != mine.get(field.key)
        ]
    )
    return render_template(
        "datasets/form.html",
        form=form,
        typed=typed,
        faults=found,
        differing=differing,
        fields={field.key: field for field in FIELDS},
        description=[field.key for field in (*DESCRIPTION, *MORE_DESCRIPTION)],
        planning=[field.key for field in PLANNING if field.key not in {"checked", "proposal", "retired"}],
        levels=LEVELS,
    )


def _typed() -> dict[str, str | Sequence[str]]:
    return {
        field.key: request.form.getlist(field.key) if field.kind == "choices" else request.form.get(field.key, "")
        for field in FIELDS
    }


def _texts(cells: Mapping[str, object]) -> dict[str, str | Sequence[str]]:
    """Cells as a form shows them."""
    texts: dict[str, str | Sequence[str]] = {}
    for field in FIELDS:
        match cells.get(field.key):
            case None:
                continue
            case bool() as answer:
                texts[field.key] = "yes" if answer else "no"
            case int() | float() as number:
                texts[field.key] = f"{number * 100:.12g}%" if field.kind == "share" else f"{number:.15g}"
            case str() as text:
                texts[field.key] = text
            case list() as words:
                texts[field.key] = words if field.kind == "choices" else ", ".join(words)
    return texts
