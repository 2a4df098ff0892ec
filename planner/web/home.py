"""The start page: the four parts of the tool, with what each holds today."""

from flask import Blueprint, render_template

from planner.services.overview import load_overview
from planner.services.publishing.bulletin import load_bulletin
from planner.web.current import actor, transaction

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> str:
    """The four parts."""
    with transaction() as database:
        overview = load_overview(database, actor())
        bulletin = load_bulletin(database, actor())
    return render_template("home/show.html", overview=overview, bulletin=bulletin)
