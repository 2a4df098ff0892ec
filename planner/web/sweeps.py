"""Sweeps: the list, the form that starts one, and one with its curves, growing while its runs end."""

from typing import Final

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import InvalidInputError
from planner.services.permissions import Permission, require
from planner.services.planning import LONGEST_NAME
from planner.services.reference.texts import Typed
from planner.services.scenarios import curves, sweeps
from planner.services.scenarios.forms import load_sweep_form
from planner.services.scenarios.kinds import KINDS
from planner.text import N_
from planner.web.current import actor, sessions, transaction
from planner.web.downloads import send_table

blueprint = Blueprint("sweeps", __name__, url_prefix="/sweeps")

SWEPT: Final = {kind.key: kind for kind in KINDS.values() if kind.swept}
"""The kinds of adjustments that hold a number to vary."""


@blueprint.get("/")
def index() -> str:
    """Every sweep."""
    with transaction() as database:
        table = curves.list_sweeps(database, actor())
    return render_template("sweeps/index.html", table=table)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | BaseResponse | tuple[str, int]:
    """What is varied, from where to where; before that, what may be."""
    require(actor(), Permission.RUN_PLAN)
    kind = request.args.get("kind", "")
    if kind not in SWEPT:
        page = render_template("sweeps/new.html", kinds=SWEPT.values(), form=None)
        return page if request.method == "GET" else (page, InvalidInputError.status)
    if request.method == "GET":
        return _form(kind, Typed(request.args if len(request.args) > 1 else None))
    try:
        code = sweeps.queue_sweep(sessions(), actor(), kind, request.form)
    except InvalidInputError as error:
        return _form(kind, Typed(request.form, error.faults)), error.status
    return redirect(url_for("sweeps.show", code=code))


def _form(kind: str, typed: Typed) -> str:
    with transaction() as database:
        form = load_sweep_form(database, actor(), kind, typed)
    return render_template("sweeps/new.html", kinds=SWEPT.values(), form=form, longest_name=LONGEST_NAME)


@blueprint.post("/scenarios")
def run_scenarios() -> BaseResponse:
    """Run the scenarios that were ticked, and the base where that is wanted, side by side."""
    code = sweeps.queue_scenarios(
        sessions(),
        actor(),
        request.form.get("name", ""),
        request.form.getlist("code"),
        base=bool(request.form.get("base")),
    )
    return redirect(url_for("sweeps.show", code=code))


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One sweep: its curves as far as its runs have ended."""
    with transaction() as database:
        detail = curves.get_sweep(database, actor(), code)
    return render_template("sweeps/show.html", detail=detail)


@blueprint.get("/<code>.json")
def state(code: str) -> Response:
    """How many of its runs have ended, for the page that waits for them."""
    with transaction() as database:
        done, total = curves.count_ended(database, actor(), code)
    return jsonify(done=done, total=total)


@blueprint.get("/<code>/curve.<form>")
def export(code: str, form: str) -> Response:
    """The table of the sweep as a file."""
    with transaction() as database:
        detail = curves.get_sweep(database, actor(), code)
    return send_table(detail.table, f"{code}-curve", form, made_up=detail.synthetic)


@blueprint.post("/<code>/cancel")
def cancel(code: str) -> BaseResponse:
    """End the runs that have not ended."""
    with transaction() as database:
        sweeps.cancel_sweep(database, actor(), code)
    flash(N_("The runs that had not ended were cancelled."))
    return redirect(url_for("sweeps.show", code=code))
