"""A person's inbox, and following objects."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.services import inbox
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.queries import argument, page_argument
from planner.web.subjects import subject_url

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox/")
def index() -> str:
    """What is new, or everything there ever was."""
    unread = argument("show") != "all"
    with transaction() as database:
        found = inbox.load_inbox(database, actor(), unread=unread, page=page_argument())
    return render_template("inbox/index.html", inbox=found, unread=unread)


@blueprint.get("/inbox/<subject>")
def open_subject(subject: str) -> Response:
    """The object's page; what the inbox says of the object counts as read."""
    with transaction() as database:
        inbox.open_subject(database, actor(), subject)
    return redirect(subject_url(subject))


@blueprint.post("/inbox/read")
def read() -> Response:
    """Count everything as read."""
    with transaction() as database:
        inbox.mark_read(database, actor())
    return redirect(url_for("inbox.index"))


@blueprint.post("/inbox/mail")
def mail() -> Response:
    """Send it by e-mail too, or no longer."""
    wanted = request.form.get("mail") == "on"
    with transaction() as database:
        inbox.set_mail(database, actor(), wanted=wanted)
    flash(N_("New notices will be sent to you by e-mail too.") if wanted else N_("No more e-mail will be sent."))
    return redirect(url_for("inbox.index"))


@blueprint.post("/objects/<subject>/follow")
def follow(subject: str) -> Response:
    """Follow an object, or no longer."""
    wanted = request.form.get("follow") == "on"
    with transaction() as database:
        inbox.follow(database, actor(), subject, wanted=wanted)
    flash(N_("You will be told what happens here.") if wanted else N_("You no longer follow this."))
    return redirect(f"{subject_url(subject)}#discussion")
