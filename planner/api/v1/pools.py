"""How full the data centres are: used, planned, reserved and free."""

from planner.api.pages import TablePart, table_part
from planner.api.paging import PageQuery
from planner.api.resources import Call, Resource
from planner.api.values import Code
from planner.services.pools import PoolFilter, list_pools, view_pools
from planner.services.tokens import Area

pools = Resource("pools", Area.PLANS, "How full the data centres are, by the plan in force.")


class PoolQuery(PageQuery):
    """Which pools; without any of these, all."""

    resource_type: Code | None = None
    site: Code | None = None
    year: int | None = None


@pools.get()
def index(call: Call, query: PoolQuery) -> TablePart:
    """List the pools: of a resource type at a site over the years, or else in one year at every site.

    What is not said, or said wrongly, is the first there is, as on the page.
    """
    wanted = PoolFilter(query.resource_type, query.site, query.year)
    if wanted == PoolFilter():
        return table_part(list_pools(call.session, call.actor), query)
    return table_part(view_pools(call.session, call.actor, wanted).table, query)
