"""The data centres: the list, its exports, and one site with its capacity by year."""

from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError
from planner.services.history import load_history
from planner.services.overview import is_synthetic
from planner.services.reference import FACTORS, Typed, load_grid, save_grid
from planner.services.sites import SORTABLE, SiteDetail, SiteFilter, get_site, list_sites
from planner.text import N_, Phrase
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import list_arguments
from reports.values import Fact

blueprint = Blueprint("sites", __name__, url_prefix="/sites")


def wanted() -> SiteFilter:
    """The filter that the address asks for."""
    return SiteFilter(**list_arguments())


@blueprint.get("/")
def index() -> str:
    """The filtered list."""
    chosen = wanted()
    with transaction() as database:
        listing = list_sites(database, actor(), chosen)
        made_up = is_synthetic(database)
    return render_template("sites/index.html", listing=listing, chosen=chosen, sortable=SORTABLE, made_up=made_up)


@blueprint.get("/export.<form>")
def export(form: str) -> Response:
    """Every row that the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = list_sites(database, actor(), replace(wanted(), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, "sites", form, made_up=made_up)


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One site and what it can hold."""
    with transaction() as database:
        detail = get_site(database, actor(), code)
        subject = f"site:{detail.code}"
        history = load_history(database, actor(), subject)
        made_up = is_synthetic(database)
    return render_template("sites/show.html", detail=detail, facts=_facts(detail), history=history, made_up=made_up)


@blueprint.get("/<code>/capacity")
def capacity(code: str) -> str:
    """The capacity of a site by resource type and fiscal year, as a grid."""
    return _grid(code, Typed())


@blueprint.post("/<code>/capacity")
def save_capacity(code: str) -> BaseResponse | tuple[str, int]:
    """Change the capacity; what cannot be stored comes back, with the faults or with what is stored meanwhile."""
    try:
        with transaction() as database:
            save_grid(database, actor(), code, request.form)
    except InvalidInputError as error:
        return _grid(code, Typed(request.form, error.faults)), error.status
    except ConflictError as error:
        return _grid(code, Typed(request.form), conflict=True), error.status
    flash(N_("The capacity was saved."))
    return redirect(url_for("sites.show", code=code))


def _grid(code: str, typed: Typed, *, conflict: bool = False) -> str:
    with transaction() as database:
        grid = load_grid(database, actor(), code, typed)
        made_up = is_synthetic(database)
    return render_template("sites/capacity.html", grid=grid, factors=FACTORS, conflict=conflict, made_up=made_up)


def _facts(detail: SiteDetail) -> tuple[Fact, ...]:
    return (
        Fact(N_("Code"), detail.code, "code"),
        Fact(N_("Region"), detail.region),
        Fact(N_("Clearance"), detail.clearance),
        Fact(N_("From fiscal year"), detail.start, "year"),
        Fact(N_("To fiscal year"), detail.end or Phrase(N_("No end")), "year"),
    )
