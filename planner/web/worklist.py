"""What waits for the person who is signed in, with what can be done to many of them at once."""

from flask import Blueprint, render_template

from planner.services.requirements import filter_choices
from planner.services.worklist import SORTABLE, WorkFilter, load_worklist
from planner.web.current import actor, transaction
from planner.web.queries import argument, list_arguments

blueprint = Blueprint("worklist", __name__, url_prefix="/work")


@blueprint.get("/")
def index() -> str:
    """The work list, a page of it."""
    chosen = WorkFilter(**list_arguments(), ministry=argument("ministry"))
    with transaction() as database:
        work = load_worklist(database, actor(), chosen)
        choices = filter_choices(database, actor())
    return render_template("worklist/index.html", work=work, chosen=chosen, choices=choices, sortable=SORTABLE)
