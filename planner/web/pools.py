"""How full the data centres are: used, planned, reserved and free, and the same as a file."""

from flask import Blueprint, Response, render_template

from planner.services.overview import is_synthetic
from planner.services.pools import PoolFilter, list_pools, view_pools
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument

blueprint = Blueprint("pools", __name__, url_prefix="/pools")


def wanted() -> PoolFilter:
    """The filter that the address asks for: `view` is a fiscal year, or a site after `at-`."""
    view = argument("view") or ""
    return PoolFilter(
        resource_type=argument("type"),
        site=view.removeprefix("at-") if view.startswith("at-") else None,
        year=int(view) if view.isascii() and view.isdecimal() and len(view) == 4 else None,
    )


@blueprint.get("/")
def index() -> str:
    """The pools of a resource type, as chart and table."""
    with transaction() as database:
        view = view_pools(database, actor(), wanted())
        made_up = is_synthetic(database)
    return render_template("pools/index.html", view=view, made_up=made_up, query=_query(view.chosen))


@blueprint.get("/export.<form>")
def export(form: str) -> Response:
    """What the page shows, as Excel or CSV; without a filter, every pool."""
    chosen = wanted()
    with transaction() as database:
        everything = chosen == PoolFilter()
        table = list_pools(database, actor()) if everything else view_pools(database, actor(), chosen).table
        made_up = is_synthetic(database)
    return send_table(table, "pools", form, made_up=made_up)


def _query(chosen: PoolFilter) -> dict[str, object]:
    """The address's query that means `chosen`."""
    return {"type": chosen.resource_type, "view": f"at-{chosen.site}" if chosen.site else chosen.year}
