"""The whole history of one object."""

from flask import Blueprint, render_template

from planner.services.history import load_history
from planner.services.lists import PAGE_SIZE
from planner.web.current import actor, transaction
from planner.web.queries import page_argument
from planner.web.subjects import page_url

blueprint = Blueprint("history", __name__, url_prefix="/objects")


@blueprint.get("/<subject>/history")
def show(subject: str) -> str:
    """Every entry, a page of them."""
    with transaction() as database:
        found = load_history(database, actor(), subject, page=page_argument(), page_size=PAGE_SIZE)
    return render_template("history/show.html", history=found, page=page_url(subject))
