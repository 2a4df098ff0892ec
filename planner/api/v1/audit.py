"""The audit log, as auditors read it."""

import datetime as dt

from pydantic import Field

from planner.api.pages import Name, items_of
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, Resource
from planner.api.values import Model, Page, Words
from planner.services.audit_log import LogFilter, list_entries
from planner.services.tokens import Area
from planner.services.wording import ACTIONS, ROLES

audit = Resource("audit_log", Area.AUDIT, "Who did what to which object, and when.", "/audit-log")


class LogEntry(Model):
    """Who did what to which object, as people read it."""

    position: str
    at: dt.datetime
    actor: Name
    username: str | None
    role: Words | None
    role_code: str | None
    action: Words
    action_code: str | None = Field(description="What the filter `action` takes.")
    object: Name
    changes: Words | None
    note: str | None


class LogQuery(PageQuery):
    """The filters of the log; days are of Bangkok, both ends among them."""

    q: str | None = Field(None, max_length=300, description="Words in codes of objects and in notes.")
    kind: str | None = Field(None, max_length=40, description="The kind of object: `requirement`, `plan` …")
    actor: str | None = Field(None, max_length=100, description="A user name.")
    action: str | None = Field(None, max_length=40)
    first: dt.date | None = None
    last: dt.date | None = None


@audit.get()
def index(call: Call, query: LogQuery) -> Page[LogEntry]:
    """List the entries, the newest first."""
    place = place_of(query.cursor)
    wanted = LogFilter(
        text=query.q or None,
        kind=query.kind or None,
        actor=query.actor or None,
        action=query.action or None,
        first=query.first,
        last=query.last,
        before=int(place[0]) if place else None,
        page_size=query.limit,
    )
    found = list_entries(call.session, call.actor, wanted)
    items = items_of(found.table, LogEntry, role=ROLES, action=ACTIONS)
    return Page(items=items, next=cursor_of((items[-1].position, "")) if found.total > len(items) else None)
