"""What the prices of the plan in force say of a requirement that is still being typed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from planner.allocation import Problem, Reason, Requirement
from planner.allocation.explain import Quote, quote
from planner.allocation.explain.quoting import Answer
from planner.allocation.options import ruled_out
from planner.allocation.problem import STATUTORY
from planner.services.desk.opening import Desk, open_for_all
from planner.services.editing import Cell, RowEdit
from planner.services.editing.reading import Reading
from planner.services.permissions import Actor, Permission, require
from planner.services.reporting.ledger import tidy
from planner.services.rows.scope import own_agencies
from planner.services.rows.targets import Database
from planner.services.wording import THB, pool_phrase, reason_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.columns import Values
from reports.values import Fact

NEW: Final = "+1"
"""The code of what has none yet; no requirement can have it."""


@dataclass(frozen=True)
class QuoteAnswer:
    """A quote in words. `answer` is `served`, `not_served` or `uncertain`; None where nothing can be said yet."""

    answer: Answer | None
    sentence: Phrase
    facts: tuple[Fact, ...] = ()


def quote_row(session: Session, actor: Actor, cells: Mapping[str, Cell]) -> QuoteAnswer:
    """The quote of a new requirement with `cells`, as typed so far; cells that cannot be read count as empty.

    No more is told of an agency that `actor` does not speak for than of none.
    """
    require(actor, Permission.EDIT_REQUIREMENTS)
    desk = open_for_all(session)
    if desk is None:
        return QuoteAnswer(None, Phrase(N_("There is no plan yet whose prices could say what to expect.")))
    database = Database(session)
    rows = Reading([RowEdit(None, None, cells)], [NEW], frozenset(), database).read().rows
    values, own = rows[0].values, own_agencies(actor, database)
    known = own is None or values.get("agency") in own
    if not known or not all(values.get(key) for key in ("agency", "priority", "clearance", "start_year", "demand")):
        return QuoteAnswer(
            None, Phrase(N_("Fill in agency, priority, classification, first year and amounts to see what to expect."))
        )
    requirement = _requirement(desk.problem, values)
    if requirement is None:
        return QuoteAnswer(None, Phrase(N_("The plan does not know all of this yet, or does not reach so far.")))
    return _answer(desk, requirement, quote(desk.open.quotes, requirement))


def _requirement(problem: Problem, values: Values) -> Requirement | None:
    """The requirement as the engine has it; None where the plan's problem lacks what it names or its years."""
    first, last = problem.fiscal_years[0], problem.fiscal_years[-1]
    start, end = int(str(values["start_year"])), values.get("end_year")
    stop = min(int(str(end)), last) if end else last
    years = range(max(start, first), stop + 1)
    amounts = values["demand"]
    assert isinstance(amounts, Mapping)  # noqa: S101 - a series column
    asked: dict[str, tuple[float, ...]] = {}
    for code in {code for code, _ in amounts}:
        series = tuple(float(amounts.get((code, year), 0.0)) * (year in years) for year in problem.fiscal_years)
        if any(series):
            asked[code] = series
    regions, sites = _codes(values, "regions"), _codes(values, "sites")
    incumbent = values.get("incumbent")
    unknown = (
        {str(values["agency"])} - {row.code for row in problem.agencies},
        {str(values["priority"])} - {STATUTORY, *problem.policy.priority_weights},
        {str(values["clearance"])} - set(problem.clearances),
        asked.keys() - {row.code for row in problem.resource_types},
        set(regions or ()) - {row.code for row in problem.regions},
        {*(sites or ()), *([str(incumbent)] if incumbent else [])} - {row.code for row in problem.sites},
    )
    if any(unknown) or not asked:
        return None
    return Requirement(
        code=NEW,
        agency=str(values["agency"]),
        clearance=str(values["clearance"]),
        demand=asked,
        start=years[0],
        end=stop if stop < last else None,
        priority=str(values["priority"]),
        weight=float(str(values.get("weight") or 1.0)),
        regions=regions,
        sites=sites,
        copies=2 if values.get("copies") == 2 else 1,
        divisible=values.get("divisible") is not False,
        incumbent=str(incumbent) if incumbent else None,
    )


def _codes(values: Values, key: str) -> tuple[str, ...] | None:
    found = values.get(key)
    return tuple(map(str, found)) if isinstance(found, tuple) and found else None


_SENTENCES: Final = {
    "served": N_("Likely to be served: at %(site)s from fiscal year %(year)s."),
    "not_served": N_("Not likely to be served; the best place would be %(site)s from fiscal year %(year)s."),
    "uncertain": N_("It may go either way; the best place would be %(site)s from fiscal year %(year)s."),
}


def _answer(desk: Desk, requirement: Requirement, found: Quote) -> QuoteAnswer:
    names = desk.names
    if found.site is None or found.start is None:
        if found.answer == "uncertain":
            return QuoteAnswer(found.answer, Phrase(N_("It may go either way: the plan's prices do not say.")))
        rules = Counter(ruled_out(desk.problem, requirement).values())
        reason = Reason("no_eligible_site", amounts={rule: float(count) for rule, count in rules.items()})
        return QuoteAnswer(found.answer, reason_phrase(reason, names))
    params = {"site": names.site(found.site), "year": FiscalYear(found.start)}
    facts = [
        Fact(N_("Standby site"), names.site(found.standby) if found.standby else None),
        Fact(N_("What is shortest"), pool_phrase(found.pool, names) if found.pool else Phrase(N_("nothing"))),
    ]
    if found.thb is not None:
        facts.append(Fact(N_("Cost with what its pools are worth to others"), tidy(found.thb), "money", THB.msgid))
    if found.priority is not None:
        facts.append(Fact(N_("Priority-weighted size that others would give up"), tidy(found.priority), "measure"))
    facts.append(Fact(N_("By the prices of plan"), desk.info.code, "code"))
    return QuoteAnswer(found.answer, Phrase(_SENTENCES[found.answer], params), tuple(facts))
