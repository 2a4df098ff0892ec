"""What waits for the token's owner: drafts and what was returned to enter, or what was submitted to decide on."""

from planner.api.pages import Row
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, rows_of
from planner.services.tokens import Area
from planner.services.worklist import WorkFilter, load_worklist

worklist = Resource("worklist", Area.REQUIREMENTS, "What waits for the token's owner to submit or to decide on.")


class WorkQuery(ListQuery):
    """The filter of the list."""

    ministry: Code | None = None


class WorkPage(Model):
    """Requirements that wait, the version of each by its code, and the steps that may be taken with them."""

    items: list[Row]
    versions: dict[str, int]
    actions: list[str]
    next: str | None


@worklist.get()
def index(call: Call, query: WorkQuery) -> WorkPage:
    """List what waits; the steps themselves are those of the requirements."""
    found = load_worklist(call.session, call.actor, WorkFilter(**query.arguments(), ministry=query.ministry))
    return WorkPage(
        items=rows_of(found.listing.table),
        versions=dict(found.seen),
        actions=[way.action.value for way in found.actions],
        next=cursor_of(found.listing.last),
    )
