"""Any two plans side by side, and any of the comparison's tables as a file."""

from typing import Any

from flask import Response, render_template, request, url_for

from models import RunStatus
from planner.errors import NotFoundError
from planner.services.desk import Desk, open_desk
from planner.services.desk.comparing import compare_plans
from planner.services.desk.pages import Choice, choose, first_rows
from planner.services.planning import RunInfo, list_plans
from planner.text import N_, Phrase
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.plans.area import blueprint


@blueprint.get("/compare")
def compare() -> str:
    """Two plans side by side: those chosen, or else the newest and the one before it."""
    choices, desks = _chosen()
    chosen: dict[str, Any] = {choice.key: choice.chosen for choice in choices}
    return render_template(
        "plans/compare.html",
        choices=choices,
        desks=desks,
        page=compare_plans(*desks),
        first=first_rows,
        link=lambda requirement: url_for("requirements.show", code=requirement),
        file=lambda table, form: url_for("plans.export_comparison", table=table, form=form, **chosen),
    )


@blueprint.get("/compare/<table>.<form>")
def export_comparison(table: str, form: str) -> Response:
    """One table of the comparison, whole."""
    choices, desks = _chosen()
    name = "-".join(("compare", *(choice.chosen for choice in choices), table))
    found = compare_plans(*desks).table(table)
    return send_table(found, name, form, made_up=any(desk.info.synthetic for desk in desks))


def _chosen() -> tuple[tuple[Choice, Choice], tuple[Desk, Desk]]:
    """What may be chosen, and the two plans that are."""
    with transaction() as database:
        runs = [run for run in list_plans(database, actor()) if run.status is RunStatus.SOLVED]
        if not runs:
            raise NotFoundError
        options = [(run.code, _label(run)) for run in runs]
        after = choose("b", N_("Plan B"), options, request.args)
        before = choose("a", N_("Plan A"), [*options[1:], *options[:1]], request.args)
        first, second = (open_desk(database, actor(), choice.chosen) for choice in (before, after))
    return (before, after), (first, second)


def _label(run: RunInfo) -> Phrase:
    return Phrase("%(code)s %(name)s", {"code": run.code, "name": run.name if run.name != run.code else ""})
