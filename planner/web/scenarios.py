"""Scenarios: the list, one as sentences, the forms that keep it, and what is done with it as a whole."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.errors import ConflictError, InvalidInputError
from planner.services.comments import load_discussion
from planner.services.permissions import Permission, require
from planner.services.planning import queue_run
from planner.services.reference.texts import Typed
from planner.services.scenarios import forms, keeping, reading
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.promoting import preview_promotion, promote_scenario
from planner.services.scenarios.reading import ScenarioDetail
from planner.text import N_
from planner.web.current import actor, sessions, transaction
from planner.web.forms import sent_version

blueprint = Blueprint("scenarios", __name__, url_prefix="/scenarios")


@blueprint.get("/")
def index() -> str:
    """The scenarios in use, or those that were archived."""
    archived = bool(request.args.get("archived"))
    with transaction() as database:
        table = reading.list_scenarios(database, actor(), archived=archived)
    return render_template("scenarios/index.html", table=table, archived=archived)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | Response | tuple[str, int]:
    """A new scenario, which differs in nothing yet."""
    require(actor(), Permission.EDIT_SCENARIOS)
    if request.method == "GET":
        return _naming(None, Typed())
    try:
        with transaction() as database:
            code = keeping.save_scenario(database, actor(), request.form)
    except InvalidInputError as error:
        return _naming(None, Typed(request.form, error.faults)), error.status
    return redirect(url_for("scenarios.show", code=code))


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One scenario: what differs from the base, sentence by sentence, and the plans made of it."""
    with transaction() as database:
        detail = reading.get_scenario(database, actor(), code)
    return _page(detail)


def _page(detail: ScenarioDetail) -> str:
    with transaction() as database:
        discussion = load_discussion(database, actor(), detail.subject)
    groups: dict[str, list[Any]] = {}
    for kind in KINDS.values():
        groups.setdefault(kind.group, []).append(kind)
    return render_template("scenarios/show.html", detail=detail, groups=groups, discussion=discussion)


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> str | Response | tuple[str, int]:
    """The name and the note of a scenario."""
    require(actor(), Permission.EDIT_SCENARIOS)
    if request.method == "GET":
        return _naming(code, Typed())
    try:
        with transaction() as database:
            keeping.save_scenario(database, actor(), request.form, code=code, version=_version())
    except InvalidInputError as error:
        return _naming(code, Typed(request.form, error.faults)), error.status
    except ConflictError as error:
        return _naming(code, Typed(request.form), conflict=True), error.status
    flash(N_("Saved."))
    return redirect(url_for("scenarios.show", code=code))


def _naming(code: str | None, typed: Typed, *, conflict: bool = False) -> str:
    with transaction() as database:
        detail = reading.get_scenario(database, actor(), code) if code else None
    name, note = (
        typed.entry(field.key, getattr(detail, field.key) if detail else "") for field in (keeping.NAME, keeping.NOTE)
    )
    return render_template("scenarios/form.html", detail=detail, name=name, note=note, conflict=conflict)


@blueprint.route("/<code>/adjustments/new", methods=["GET", "POST"])
def add_adjustment(code: str) -> str | Response | tuple[str, int]:
    """One more adjustment, of the kind that the address names."""
    return _adjustment(code, request.args.get("kind", ""), None)


@blueprint.route("/<code>/adjustments/<int:number>", methods=["GET", "POST"])
def change_adjustment(code: str, number: int) -> str | Response | tuple[str, int]:
    """The adjustment in that place, from 1."""
    return _adjustment(code, "", number - 1)


def _adjustment(code: str, kind: str, at: int | None) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return _adjustment_page(code, kind, at, Typed())
    try:
        with transaction() as database:
            known = forms.load_adjustment_form(database, actor(), code, kind=kind, at=at).kind.key
            keeping.put_adjustment(database, actor(), code, request.form, kind=known, version=_version(), at=at)
    except InvalidInputError as error:
        return _adjustment_page(code, kind, at, Typed(request.form, error.faults)), error.status
    except ConflictError as error:
        return _adjustment_page(code, kind, at, Typed(request.form), conflict=True), error.status
    return redirect(url_for("scenarios.show", code=code))


def _adjustment_page(code: str, kind: str, at: int | None, typed: Typed, *, conflict: bool = False) -> str:
    with transaction() as database:
        form = forms.load_adjustment_form(database, actor(), code, kind=kind, at=at, typed=typed)
    return render_template("scenarios/adjustment.html", form=form, conflict=conflict)


@blueprint.post("/<code>/adjustments/<int:number>/remove")
def remove_adjustment(code: str, number: int) -> Response:
    """Take the adjustment in that place out."""
    with transaction() as database:
        keeping.drop_adjustment(database, actor(), code, number - 1, _version())
    return redirect(url_for("scenarios.show", code=code))


@blueprint.post("/<code>/adjustments/<int:number>/raise")
def raise_adjustment(code: str, number: int) -> Response:
    """Have the adjustment in that place made before the one above it."""
    with transaction() as database:
        keeping.raise_adjustment(database, actor(), code, number - 1, _version())
    return redirect(url_for("scenarios.show", code=code))


@blueprint.post("/<code>/run")
def run(code: str) -> Response | tuple[str, int]:
    """Queue a run of the scenario as it is now."""
    try:
        plan = queue_run(sessions(), actor(), request.form.get("name", ""), scenario=code)
    except InvalidInputError as error:
        return _as_marked(code, error), error.status
    return redirect(url_for("plans.show", code=plan))


def _as_marked(code: str, error: InvalidInputError) -> str:
    """The scenario's page where it says itself which sentences cannot be made; else `error` goes on."""
    with transaction() as database:
        detail = reading.get_scenario(database, actor(), code)
    if not any(each.faults for each in detail.sentences):
        raise error
    return _page(detail)


@blueprint.post("/<code>/copy")
def copy(code: str) -> Response:
    """Another scenario with the same adjustments."""
    with transaction() as database:
        made = keeping.copy_scenario(database, actor(), code)
    flash(N_("This is the copy."))
    return redirect(url_for("scenarios.show", code=made))


@blueprint.post("/<code>/archive")
def archive(code: str) -> Response:
    """Put the scenario away."""
    with transaction() as database:
        keeping.archive_scenario(database, actor(), code, _version())
    flash(N_("The scenario was archived. Its plans stay."))
    return redirect(url_for("scenarios.index"))


@blueprint.post("/<code>/restore")
def restore(code: str) -> Response:
    """Take an archived scenario back into use."""
    with transaction() as database:
        keeping.restore_scenario(database, actor(), code)
    return redirect(url_for("scenarios.show", code=code))


@blueprint.get("/<code>/promote")
def preview(code: str) -> str | tuple[str, int]:
    """What taking the scenario into the base would change, value by value."""
    try:
        with transaction() as database:
            found = preview_promotion(database, actor(), code)
    except InvalidInputError as error:
        return _as_marked(code, error), error.status
    return render_template("scenarios/promote.html", promotion=found)


@blueprint.post("/<code>/promote")
def promote(code: str) -> Response:
    """Take what can be taken of the scenario into the base."""
    with transaction() as database:
        promote_scenario(database, actor(), code, _version())
    flash(N_("The base is changed. What it took over left the scenario."))
    return redirect(url_for("scenarios.show", code=code))


def _version() -> int:
    """The version that a sent form was made from; 0 for none."""
    return sent_version("version") or 0
