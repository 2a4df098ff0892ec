"""Saved views: keeping the address of a list under a name, and forgetting it again."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from planner.services.views import View, delete_view, save_view
from planner.text import N_
from planner.web.current import actor, transaction

blueprint = Blueprint("views", __name__, url_prefix="/views")


@blueprint.post("/save")
def save() -> Response:
    """Keep the list as it stands."""
    area, view = _area(), View(request.form.get("name", ""), request.form.get("query", ""))
    with transaction() as database:
        save_view(database, actor(), area, view)
    flash(N_("The view is saved."))
    return _back(area, view.query)


@blueprint.post("/delete")
def delete() -> Response:
    """Forget a view."""
    area = _area()
    with transaction() as database:
        delete_view(database, actor(), area, request.form.get("name", ""))
    flash(N_("The view is deleted."))
    return _back(area, request.form.get("query", ""))


def _area() -> str:
    """The endpoint of the list that the form speaks of; an address is only ever made of one of ours."""
    area = request.form.get("area", "")
    if area not in current_app.view_functions or not area.endswith(".index"):
        abort(400)
    return area


def _back(area: str, query: str) -> Response:
    return redirect(f"{url_for(area)}?{query}" if query else url_for(area))
