"""The audit log: filtered by the address, and exported as it is shown."""

import datetime as dt
from dataclasses import replace

from flask import Blueprint, Response, render_template

from planner.services.audit_log import LogFilter, list_entries
from planner.services.subjects import KINDS
from planner.services.wording import ACTIONS
from planner.text import BE_OFFSET, THAI_DIGITS
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument, page_argument

blueprint = Blueprint("audit", __name__, url_prefix="/audit-log")


def wanted() -> LogFilter:
    """The filter that the address asks for."""
    return LogFilter(
        text=argument("q"),
        kind=argument("kind"),
        actor=argument("actor"),
        action=argument("action"),
        first=_day(argument("from")),
        last=_day(argument("to")),
        page=page_argument(),
    )


@blueprint.get("/")
def index() -> str:
    """The filtered log, a page of it."""
    chosen = wanted()
    with transaction() as database:
        listing = list_entries(database, actor(), chosen)
    kinds = [(kind, known.label) for kind, known in KINDS.items()]
    return render_template(
        "audit/index.html", listing=listing, chosen=chosen, kinds=kinds, actions=tuple(ACTIONS.items())
    )


@blueprint.get("/export.<form>")
def export(form: str) -> Response:
    """What the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = list_entries(database, actor(), replace(wanted(), page=None))
    return send_table(listing.table, "audit-log", form, made_up=False)


def _day(text: str | None) -> dt.date | None:
    """A day written YYYY-MM-DD, of either era; anything else is none."""
    try:
        day = dt.date.fromisoformat((text or "").translate(THAI_DIGITS))
        day = day.replace(year=day.year - BE_OFFSET) if day.year > 2400 else day
    except ValueError:
        return None
    return day if day.year > 1900 else None
