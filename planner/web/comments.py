"""Saying something about an object."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from planner.services.comments import add_comment
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.subjects import subject_url

blueprint = Blueprint("comments", __name__, url_prefix="/objects")


@blueprint.post("/<subject>/comments")
def add(subject: str) -> Response:
    """Add a comment and come back to it."""
    with transaction() as database:
        add_comment(database, actor(), subject, request.form.get("text", ""))
    flash(N_("Your comment was added. From now on you follow what happens here."))
    return redirect(f"{subject_url(subject)}#discussion")
