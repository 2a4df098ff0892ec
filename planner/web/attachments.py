"""Files attached to objects: taken in, handed out as downloads and nothing else, and removed."""

from typing import cast

from flask import Blueprint, current_app, flash, redirect, request, send_file
from werkzeug.wrappers import Response

from planner.errors import InvalidInputError, fault
from planner.services.attachments import Shelf, Upload, attach, detach, find_download
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.subjects import subject_url

blueprint = Blueprint("attachments", __name__)


def shelf() -> Shelf:
    """Where the application keeps files."""
    return cast("Shelf", current_app.extensions["shelf"])


@blueprint.post("/objects/<subject>/attachments")
def add(subject: str) -> Response:
    """Keep a file with an object."""
    sent = request.files.get("file")
    with transaction() as database:
        upload = Upload(sent.filename or "", sent.stream) if sent else None
        if upload is None or not upload.name:
            raise InvalidInputError([fault("", "no_file", N_("Choose a file first."))])
        attach(database, actor(), shelf(), subject, upload)
    flash(N_("The file was attached."))
    return redirect(f"{subject_url(subject)}#attachments")


@blueprint.get("/attachments/<token>")
def download(token: str) -> Response:
    """The file, to be saved: a browser must neither show it nor guess what it is."""
    with transaction() as database:
        found = find_download(database, actor(), shelf(), token)
    return send_file(found.path, found.media_type, as_attachment=True, download_name=found.name, max_age=0)


@blueprint.post("/attachments/<token>/remove")
def remove(token: str) -> Response:
    """Remove a file for good."""
    with transaction() as database:
        subject = detach(database, actor(), shelf(), token)
    flash(N_("The file was removed."))
    return redirect(f"{subject_url(subject)}#attachments")
