"""A problem with one thing changed: more of some pools, one module more, a rule or a level less."""

from dataclasses import replace
from typing import Any, Final

from planner.allocation.problem import Problem, Series, Site, Staff

_LIMITS: Final = {"capex": "capex_limit", "opex": "opex_limit", "moves": "move_limit_tb"}


def more_of_pool(problem: Problem, pool: str, amount: float) -> Problem:
    """`problem` with `amount` more (less, if < 0) of `pool`, in its unit and never below 0."""
    *head, last = pool.split("/")
    if head == ["expansion"]:
        rows = [
            replace(row, max_modules=max(0.0, row.max_modules + amount)) if row.code == last else row
            for row in problem.expansions
        ]
        return replace(problem, expansions=tuple(rows))
    at = problem.fiscal_years.index(int(last))
    if len(head) == 1:
        name = _LIMITS[head[0]]
        limits = [
            max(0.0, limit + amount) if n == at and limit is not None else limit
            for n, limit in enumerate(getattr(problem.policy, name))
        ]
        changed: dict[str, Any] = {name: tuple(limits)}
        return replace(problem, policy=replace(problem.policy, **changed))
    if head[0] == "staff" and len(head) == 3:
        return replace(problem, staff=_more_staff(problem, head[1], head[2], at, amount))
    code, resource = head
    sites = [_more_capacity(problem, row, resource, at, amount) if row.code == code else row for row in problem.sites]
    return replace(problem, sites=tuple(sites))


def without_rule(problem: Problem, requirement: str, rule: str) -> Problem:
    """`problem` with the rule `regions` or `sites` of one requirement lifted."""
    lifted: dict[str, Any] = {rule: None}
    rows = [replace(row, **lifted) if row.code == requirement else row for row in problem.requirements]
    return replace(problem, requirements=tuple(rows))


def without_level(problem: Problem, level: str) -> Problem:
    """`problem` with one level less."""
    levels = tuple(name for name in problem.policy.levels if name != level)
    return replace(problem, policy=replace(problem.policy, levels=levels))


def _more_capacity(problem: Problem, site: Site, resource: str, at: int, amount: float) -> Site:
    """Usable capacity comes of nameplate: a site that keeps all of it in reserve gets a reserve margin of 0 first."""
    usable = site.overcommit.get(resource, 1.0) * (1 - site.reserve_margin.get(resource, 0.0))
    series = site.capacity.get(resource, (0.0,) * len(problem.fiscal_years))
    if usable <= 0:
        series, usable = (0.0,) * len(series), 1.0
        site = replace(
            site,
            overcommit={**site.overcommit, resource: 1.0},
            reserve_margin={**site.reserve_margin, resource: 0.0},
        )
    return replace(site, capacity={**site.capacity, resource: _raised(series, at, amount / usable)})


def _more_staff(problem: Problem, agency: str, role: str, at: int, amount: float) -> tuple[Staff, ...]:
    rows = {(row.agency, row.role): row for row in problem.staff}
    none = Staff(agency, role, (0.0,) * len(problem.fiscal_years))
    row = rows.get((agency, role), none)
    rows[agency, role] = replace(row, fte=_raised(row.fte, at, amount))
    return tuple(rows.values())


def _raised(series: Series, at: int, amount: float) -> Series:
    return tuple(max(0.0, value + amount) if n == at else value for n, value in enumerate(series))
