"""Adjustments applied to a problem: plain values in, plain values out, and every fault at its adjustment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from planner.allocation import Expansion, Policy, Problem, Requirement, Site
from planner.errors import Fault, InvalidInputError, fault
from planner.services.scenarios.adjustments import Adjustment
from planner.services.scenarios.kinds import KINDS
from planner.text import N_, FiscalYear, LocalText

Limits: TypeAlias = tuple[float | None, ...]

_LIMITS: Final = {"capex": "capex_limit", "opex": "opex_limit", "moves": "move_limit_tb"}
"""The field of the policy that holds each limit."""
_WHAT: Final[Mapping[str, LocalText]] = {
    field.refers: field.header for kind in KINDS.values() for field in kind.fields if field.refers
}


@dataclass(frozen=True)
class Draft:
    """What adjustments may change of a problem, before anybody has checked whether it is one."""

    years: tuple[int, ...]
    sites: Mapping[str, Site]
    expansions: Mapping[str, Expansion]
    requirements: Sequence[Requirement]
    policy: Policy
    ministries: Mapping[str, str]
    """The ministry of each agency."""


def apply_adjustments(problem: Problem, adjustments: Sequence[Adjustment]) -> Problem:
    """`problem` as `adjustments` change it, one after the other; with none, `problem` itself.

    `InvalidInputError` with every fault, at `adjustments[2].site` and the like: codes that the problem does not have,
    years that it does not plan, and whatever the engine does not take once an adjustment was made.
    """
    if not adjustments:
        return problem
    draft, faults = _open(problem), []
    codes = _codes(problem)
    for n, adjustment in enumerate(adjustments):
        codes["expansions"] = frozenset(draft.expansions)
        found = [*_check(adjustment, draft, codes)]
        faults += [replace(each, address=f"adjustments[{n}].{each.address}") for each in found]
        if not found:
            draft = _APPLY[adjustment.kind](draft, adjustment)
    if faults:
        raise InvalidInputError(faults)
    try:
        return _close(problem, draft)
    except InvalidInputError:
        raise _blame(problem, adjustments) from None


def _open(problem: Problem) -> Draft:
    return Draft(
        problem.fiscal_years,
        {row.code: row for row in problem.sites},
        {row.code: row for row in problem.expansions},
        problem.requirements,
        problem.policy,
        {row.code: row.ministry for row in problem.agencies},
    )


def _close(problem: Problem, draft: Draft) -> Problem:
    return replace(
        problem,
        sites=tuple(draft.sites.values()),
        expansions=tuple(draft.expansions.values()),
        requirements=draft.requirements,
        policy=draft.policy,
    )


def _blame(problem: Problem, adjustments: Sequence[Adjustment]) -> InvalidInputError:
    """What the engine does not take, at the first adjustment after which it does not."""
    draft = _open(problem)
    for n, adjustment in enumerate(adjustments):
        draft = _APPLY[adjustment.kind](draft, adjustment)
        try:
            _close(problem, draft)
        except InvalidInputError as error:
            return InvalidInputError(replace(each, address=f"adjustments[{n}]") for each in error.faults)
    raise AssertionError("adjustments that are valid one after the other are valid together")


def _codes(problem: Problem) -> dict[str, frozenset[str]]:
    return {
        "ministries": frozenset(row.code for row in problem.ministries),
        "resource_types": frozenset(row.code for row in problem.resource_types),
        "priorities": frozenset((*problem.policy.priority_weights, "statutory")),
        "sites": frozenset(row.code for row in problem.sites),
        "requirements": frozenset(row.code for row in problem.requirements),
    }


def _check(adjustment: Adjustment, draft: Draft, codes: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """What is wrong with an adjustment beside the rows, each at its field."""
    for field in KINDS[adjustment.kind].fields:
        code = adjustment.code(field.key)
        if code is None:
            continue
        if field.refers and code not in codes[field.refers]:
            message = N_("There is no %(code)s among: %(what)s.")
            yield fault(field.key, "unknown_code", message, code=code, what=_WHAT[field.refers])
        if field.kind == "year" and adjustment.kind != "site_delayed" and int(code) not in draft.years:
            message = N_("Fiscal year %(year)s is not planned.")
            yield fault(field.key, "outside_horizon", message, year=FiscalYear(int(code)))
    match adjustment.kind:
        case "expansion_added" if adjustment.code("code") in draft.expansions:
            message = N_("The code %(code)s stands here twice.")
            yield fault("code", "duplicate_code", message, code=adjustment.code("code"))
        case "budget_changed":
            limits = _limits(draft, adjustment)
            if all(limit is None for limit, year in zip(limits, draft.years, strict=True) if adjustment.within(year)):
                yield fault("budget", "no_limit", N_("There is no such limit in these fiscal years to be changed."))
        case "floor" | "cap" if "share" in adjustment.terms:
            share, ministry = adjustment.number("share"), str(adjustment.code("ministry"))
            bounds = {"floor": draft.policy.floors.get(ministry, 0.0), "cap": draft.policy.caps.get(ministry, 1.0)}
            bounds[adjustment.kind] = share
            if bounds["floor"] > bounds["cap"]:
                yield fault("share", "floor_above_cap", N_("The least is more than the most."))


def _scaled(draft: Draft, adjustment: Adjustment, series: Sequence[float]) -> tuple[float, ...]:
    """`series` with the change made in the years that the adjustment speaks of."""
    factor = 1.0 + adjustment.number("change")
    return tuple(
        amount * factor if adjustment.within(year) else amount for amount, year in zip(series, draft.years, strict=True)
    )


def _demand(draft: Draft, adjustment: Adjustment) -> Draft:
    ministry, resource_type, priority = map(adjustment.code, ("ministry", "resource_type", "priority"))

    def changed(row: Requirement) -> Requirement:
        if ministry not in (None, draft.ministries[row.agency]) or priority not in (None, row.priority):
            return row
        demand = {
            code: _scaled(draft, adjustment, series) if resource_type in (None, code) else series
            for code, series in row.demand.items()
        }
        return replace(row, demand=demand)

    return replace(draft, requirements=tuple(map(changed, draft.requirements)))


def _capacity(draft: Draft, adjustment: Adjustment) -> Draft:
    site, resource_type = map(adjustment.code, ("site", "resource_type"))

    def changed(row: Site) -> Site:
        if site not in (None, row.code):
            return row
        capacity = {
            code: _scaled(draft, adjustment, series) if resource_type in (None, code) else series
            for code, series in row.capacity.items()
        }
        return replace(row, capacity=capacity)

    return replace(draft, sites={code: changed(row) for code, row in draft.sites.items()})


def _operating(draft: Draft, site: str, start: int | None, end: int | None) -> Draft:
    """The site in operation from `start` to `end`; never, where that leaves no year of the horizon."""
    first, last = draft.years[0], draft.years[-1]
    if max(start or first, first) > min(end or last, last):
        start, end = None, first - 1
    return replace(draft, sites={**draft.sites, site: replace(draft.sites[site], start=start, end=end)})


def _site_lost(draft: Draft, adjustment: Adjustment) -> Draft:
    site = draft.sites[str(adjustment.code("site"))]
    before = adjustment.year("first", draft.years[0]) - 1
    return _operating(draft, site.code, site.start, min(site.end or before, before))


def _site_delayed(draft: Draft, adjustment: Adjustment) -> Draft:
    site = draft.sites[str(adjustment.code("site"))]
    first = adjustment.year("first", draft.years[0])
    return _operating(draft, site.code, max(site.start or first, first), site.end)


def _modules(adjustment: Adjustment, row: Expansion) -> Expansion:
    """`row` with what the adjustment says of its modules."""
    terms = adjustment.terms
    return replace(
        row,
        module_size=adjustment.number("module_size") if "module_size" in terms else row.module_size,
        module_price=adjustment.number("module_price") if "module_price" in terms else row.module_price,
        lead_years=adjustment.year("lead_years", row.lead_years),
        max_modules=adjustment.number("max_modules") if "max_modules" in terms else row.max_modules,
    )


def _expansion_added(draft: Draft, adjustment: Adjustment) -> Draft:
    code, site, resource_type = (str(adjustment.code(key)) for key in ("code", "site", "resource_type"))
    added = _modules(adjustment, Expansion(code, site, resource_type, 1.0, 0.0, 0, 0.0))
    return replace(draft, expansions={**draft.expansions, code: added})


def _expansion_changed(draft: Draft, adjustment: Adjustment) -> Draft:
    code = str(adjustment.code("expansion"))
    return replace(draft, expansions={**draft.expansions, code: _modules(adjustment, draft.expansions[code])})


def _expansion_removed(draft: Draft, adjustment: Adjustment) -> Draft:
    gone = adjustment.code("expansion")
    return replace(draft, expansions={code: row for code, row in draft.expansions.items() if code != gone})


def _limits(draft: Draft, adjustment: Adjustment) -> Limits:
    limits: Limits | None = getattr(draft.policy, _LIMITS[str(adjustment.code("budget"))])
    return limits or (None,) * len(draft.years)


def _with_limits(draft: Draft, adjustment: Adjustment, change: Callable[[float | None], float | None]) -> Draft:
    limits = tuple(
        change(limit) if adjustment.within(year) else limit
        for limit, year in zip(_limits(draft, adjustment), draft.years, strict=True)
    )
    changed: dict[str, Any] = {_LIMITS[str(adjustment.code("budget"))]: limits if set(limits) != {None} else None}
    return replace(draft, policy=replace(draft.policy, **changed))


def _budget_changed(draft: Draft, adjustment: Adjustment) -> Draft:
    factor = 1.0 + adjustment.number("change")
    return _with_limits(draft, adjustment, lambda limit: None if limit is None else limit * factor)


def _budget_set(draft: Draft, adjustment: Adjustment) -> Draft:
    amount = adjustment.number("amount") if "amount" in adjustment.terms else None
    return _with_limits(draft, adjustment, lambda _: amount)


def _policy(draft: Draft, adjustment: Adjustment) -> Draft:
    policy, terms = draft.policy, adjustment.terms
    match adjustment.kind:
        case "levels":
            levels = terms["levels"]
            policy = replace(policy, levels=levels if isinstance(levels, tuple) else ())
        case "fairness":
            policy = replace(policy, fairness="maxmin" if terms["fairness"] == "maxmin" else "leximin")
        case "tolerance":
            policy = replace(policy, tolerance=adjustment.number("tolerance"))
        case "floor":
            policy = replace(policy, floors=_bound(policy.floors, adjustment))
        case "cap":
            policy = replace(policy, caps=_bound(policy.caps, adjustment))
        case "pin":
            requirement, site = adjustment.code("requirement"), adjustment.code("site")
            pins = {code: where for code, where in policy.pins.items() if code != requirement}
            policy = replace(policy, pins=pins | ({str(requirement): site} if site else {}))
        case "staff_gate":
            policy = replace(policy, staff_gate=bool(terms["on"]))
        case _:
            policy = replace(policy, protect_incumbents=bool(terms["on"]))
    return replace(draft, policy=policy)


def _bound(bounds: Mapping[str, float], adjustment: Adjustment) -> Mapping[str, float]:
    ministry = str(adjustment.code("ministry"))
    others = {code: share for code, share in bounds.items() if code != ministry}
    return others | ({ministry: adjustment.number("share")} if "share" in adjustment.terms else {})


_APPLY: Final[Mapping[str, Callable[[Draft, Adjustment], Draft]]] = {
    **dict.fromkeys(KINDS, _policy),
    "demand": _demand,
    "site_lost": _site_lost,
    "site_delayed": _site_delayed,
    "capacity": _capacity,
    "expansion_added": _expansion_added,
    "expansion_changed": _expansion_changed,
    "expansion_removed": _expansion_removed,
    "budget_changed": _budget_changed,
    "budget_set": _budget_set,
}
