"""What waits for the token's owner: drafts and what was returned to enter, or what was submitted to decide on."""

import datetime as dt

from planner.api.pages import codes_of
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Words, rows_of
from planner.services.tokens import Area
from planner.services.wording import REQUIREMENT_STATUSES
from planner.services.worklist import WorkFilter, load_worklist

worklist = Resource("worklist", Area.REQUIREMENTS, "What waits for the token's owner to submit or to decide on.")


class WorkQuery(ListQuery):
    """The filter of the list."""

    ministry: Code | None = None


class WorkItem(Model):
    """A requirement that waits, or its revision: since when, at which version, and with which comment it came."""

    code: str
    version: int
    title: str
    ministry: Words
    agency: Words
    priority: Words
    start: int
    status: Words
    status_code: str
    since: dt.datetime | None
    comment: str | None


class WorkPage(Model):
    """Requirements that wait, and the steps that may be taken with them."""

    items: list[WorkItem]
    actions: list[str]
    next: str | None


@worklist.get()
def index(call: Call, query: WorkQuery) -> WorkPage:
    """List what waits; the steps themselves are those of the requirements."""
    found = load_worklist(call.session, call.actor, WorkFilter(**query.arguments(), ministry=query.ministry))
    table = found.listing.table
    rows = zip(rows_of(table), codes_of(table, {"status": REQUIREMENT_STATUSES}), strict=True)
    items = ({**row, **codes, "version": found.seen[str(row["code"])]} for row, codes in rows)
    return WorkPage(
        items=[WorkItem.model_validate(item, strict=False) for item in items],
        actions=[way.action.value for way in found.actions],
        next=cursor_of(found.listing.last),
    )
