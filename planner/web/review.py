"""The steps of the lifecycle, with one requirement or many at once."""

import re
from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.errors import Fault, InvalidInputError
from planner.services.reviewing import MOST_AT_ONCE
from planner.services.reviewing import act as take_step
from planner.services.standing import load_titles
from planner.services.transitions import TRANSITIONS, Action, Transition
from planner.web.current import actor, transaction
from planner.web.forms import sent_version
from planner.web.security import safe_target

blueprint = Blueprint("review", __name__, url_prefix="/requirements")


@blueprint.post("/actions")
def act() -> Response | tuple[str, int]:
    """Take one step with every chosen requirement: all of them, or a page that says for each what is in the way."""
    transition = _transition(request.form.get("action", ""))
    codes = list(dict.fromkeys(request.form.getlist("code")))
    comment = request.form.get("comment", "")
    seen = {code: version for code in codes if (version := sent_version(f"seen-{code}")) is not None}
    try:
        with transaction() as database:
            take_step(database, actor(), transition.action, codes, comment, seen=seen)
    except InvalidInputError as error:
        return _show_faults(transition, codes, comment, error.faults), error.status
    flash(transition.done)
    return redirect(safe_target(request.form.get("next")))


def _transition(action: str) -> Transition:
    if action not in Action.__members__.values():
        abort(400)
    return TRANSITIONS[Action(action)]


def _show_faults(transition: Transition, codes: Sequence[str], comment: str, faults: Sequence[Fault]) -> str:
    """The same choice once more, what is in the way beside each, so that the rest can go ahead."""
    with transaction() as database:
        titles = load_titles(database, actor(), codes[:MOST_AT_ONCE])
    by_code = {code: fault.message for fault in faults if (code := _code_of(fault)) in titles}
    return render_template(
        "review/act.html",
        transition=transition,
        titles=titles,
        by_code=by_code,
        others=[fault.message for fault in faults if _code_of(fault) not in titles],
        comment=comment,
        back=safe_target(request.form.get("next")) if request.form.get("next") else url_for("worklist.index"),
        seen={code: request.form.get(f"seen-{code}", "") for code in titles},
    )


def _code_of(fault: Fault) -> str:
    """The requirement that a fault is about; the address may go on to one of its cells."""
    return re.split("[/!]", fault.address)[0]
