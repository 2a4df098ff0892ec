"""One requirement in a plan: its years, why it is where it is, why not elsewhere, and what would help."""

from typing import Any

from flask import Response, render_template, url_for

from planner.errors import NotFoundError
from planner.services.desk.opening import Desk, open_desk, open_for_requirement
from planner.services.desk.proofs import Proof, prove_changes
from planner.services.desk.requirement import answer_why_not, read_requirement
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.plans.area import blueprint
from planner.web.plans.reading import desk_context
from planner.web.queries import argument


@blueprint.get("/<code>/requirements/<requirement>")
def requirement(code: str, requirement: str) -> str:
    """The requirement in the plan, and why it is not at the site that was asked about."""
    with transaction() as database:
        desk = open_for_requirement(database, actor(), code, requirement)
    site = argument("site")
    return _render(desk, requirement, site=site, answer=answer_why_not(desk, requirement, site) if site else None)


@blueprint.post("/<code>/requirements/<requirement>")
def prove_requirement(code: str, requirement: str) -> str:
    """The changes that would serve it, proved by solving again; for those who view plans."""
    with transaction() as database:
        open_desk(database, actor(), code)
        desk = open_for_requirement(database, actor(), code, requirement)
    return _render(desk, requirement, proof=prove_changes(desk, requirement))


@blueprint.get("/<code>/requirements/<requirement>/<table>.<form>")
def export_requirement(code: str, requirement: str, table: str, form: str) -> Response:
    """One table of the requirement's page, those of the site that was asked about included."""
    with transaction() as database:
        desk = open_for_requirement(database, actor(), code, requirement)
    site = argument("site")
    answer = answer_why_not(desk, requirement, site).tables if site else ()
    tables = {found.key: found for found in (*read_requirement(desk, requirement).tables, *answer)}
    if table not in tables:
        raise NotFoundError
    return send_table(tables[table], f"{code}-{requirement}-{table}", form, made_up=desk.info.synthetic)


def _render(desk: Desk, requirement: str, *, proof: Proof | None = None, **context: Any) -> str:
    return render_template(
        "plans/requirement.html",
        code=requirement,
        detail=read_requirement(desk, requirement),
        proof=proof,
        file=lambda table, form: url_for(
            "plans.export_requirement",
            code=desk.info.code,
            requirement=requirement,
            table=table,
            form=form,
            site=context.get("site"),
        ),
        **desk_context(desk),
        **context,
    )
