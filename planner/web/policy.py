"""The policy: what a plan aims for, in which order, and the bounds that it keeps."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError
from planner.services.history import load_history
from planner.services.reference import POLICY_SUBJECT as SUBJECT
from planner.services.reference import Typed, load_policy_form, save_policy
from planner.services.wording import LEVELS
from planner.text import N_, Phrase
from planner.web.current import actor, transaction

blueprint = Blueprint("policy", __name__, url_prefix="/policy")


GOALS: Final = tuple((level, Phrase(name)) for level, name in LEVELS.items() if level != "policy")
"""What may be a goal; floors and pins come before all of them by themselves."""
FAIRNESS: Final = (
    ("leximin", Phrase(N_("the least served as much as possible, then the next, and so on up to the best served"))),
    ("maxmin", Phrase(N_("the least served as much as possible, whatever comes to the others"))),
)


@blueprint.get("/")
def show() -> str:
    """The policy in force, to read or to change."""
    return _page(Typed())


@blueprint.post("/")
def save() -> BaseResponse | tuple[str, int]:
    """Put a changed policy in force; what cannot be comes back, with the faults or with what is stored meanwhile."""
    try:
        with transaction() as database:
            save_policy(database, actor(), request.form, _version())
    except InvalidInputError as error:
        return _page(Typed(request.form, error.faults), version=_version()), error.status
    except ConflictError as error:
        return _page(Typed(request.form), conflict=True), error.status
    flash(N_("The policy is in force from the next plan run on."))
    return redirect(url_for("policy.show"))


def _page(typed: Typed, *, conflict: bool = False, version: int | None = None) -> str:
    with transaction() as database:
        form = load_policy_form(database, actor(), typed)
        history = load_history(database, actor(), SUBJECT)
    if version is not None:
        form = replace(form, version=version)
    return render_template(
        "policy/show.html",
        form=form,
        faults=typed.faults,
        conflict=conflict,
        levels=GOALS,
        fairness=FAIRNESS,
        history=history,
    )


def _version() -> int:
    """The version that a sent form was made from; 0 for what is new."""
    return request.form.get("version", 0, type=int)
