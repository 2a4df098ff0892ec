"""What agencies ask to have hosted: the list, its exports, and one requirement with its outcome."""

from dataclasses import replace

from flask import Blueprint, Response, render_template

from planner.services.comments import load_discussion
from planner.services.comparison import compare_revision
from planner.services.overview import is_synthetic
from planner.services.permissions import may
from planner.services.requirements import (
    SORTABLE,
    RequirementDetail,
    RequirementFilter,
    filter_choices,
    get_requirement,
    list_requirements,
)
from planner.services.standing import load_standing, load_versions
from planner.services.transitions import TRANSITIONS
from planner.text import N_, Phrase
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument, list_arguments
from reports.values import Fact

blueprint = Blueprint("requirements", __name__, url_prefix="/requirements")


def wanted() -> RequirementFilter:
    """The filter that the address asks for."""
    return RequirementFilter(
        **list_arguments(),
        ministry=argument("ministry"),
        agency=argument("agency"),
        priority=argument("priority"),
        clearance=argument("clearance"),
        status=argument("status"),
    )


@blueprint.get("/")
def index() -> str:
    """The filtered list, a page of it."""
    chosen = wanted()
    with transaction() as database:
        listing = list_requirements(database, actor(), chosen)
        choices = filter_choices(database, actor())
        made_up = is_synthetic(database)
        steps = [way for way in TRANSITIONS.values() if may(actor(), way.permission)]
        seen = load_versions(database, actor(), list(map(str, listing.table.column("code")))) if steps else {}
    return render_template(
        "requirements/index.html",
        listing=listing,
        steps=steps,
        seen=seen,
        chosen=chosen,
        choices=choices,
        sortable=SORTABLE,
        made_up=made_up,
    )


@blueprint.get("/export.<form>")
def export(form: str) -> Response:
    """Every row that the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = list_requirements(database, actor(), replace(wanted(), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, "requirements", form, made_up=made_up)


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One requirement: what it asks for, what the plan in force gives it and why, and what can be done with it now."""
    return _page("requirements/show.html", code)


@blueprint.get("/<code>/review")
def review(code: str) -> str:
    """The same for whoever decides on it: what would change first."""
    return _page("requirements/review.html", code)


def _page(template: str, code: str) -> str:
    with transaction() as database:
        detail = get_requirement(database, actor(), code)
        standing = load_standing(database, actor(), code)
        comparison = compare_revision(database, actor(), code) if standing.revision else None
        discussion = load_discussion(database, actor(), f"requirement:{code}")
        made_up = is_synthetic(database)
    return render_template(
        template,
        detail=detail,
        standing=standing,
        comparison=comparison,
        facts=_facts(detail),
        discussion=discussion,
        made_up=made_up,
    )


def _facts(detail: RequirementDetail) -> tuple[Fact, ...]:
    """The fields beside the demand, in the order that people read them."""
    anywhere = Phrase(N_("Anywhere"))
    until = detail.end or Phrase(N_("No end"))
    copies = N_("Yes, in another region") if detail.copies == 2 else N_("None")
    return (
        Fact(N_("Ministry"), detail.ministry),
        Fact(N_("Agency"), detail.agency),
        Fact(N_("Priority"), detail.priority),
        Fact(N_("Score of the review"), detail.weight, "number"),
        Fact(N_("Clearance"), detail.clearance),
        Fact(N_("From fiscal year"), detail.start, "year"),
        Fact(N_("To fiscal year"), until, "year"),
        Fact(N_("Regions allowed"), Phrase("%(names)s", {"names": detail.regions}) if detail.regions else anywhere),
        Fact(N_("Data centres allowed"), Phrase("%(names)s", {"names": detail.sites}) if detail.sites else anywhere),
        Fact(N_("Hosted today at"), detail.incumbent),
        Fact(N_("Home by the published plans"), detail.home),
        Fact(N_("Standby copy"), Phrase(copies)),
        Fact(N_("May be granted in part"), detail.divisible),
    )
