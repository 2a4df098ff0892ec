"""From a problem to a plan: arrays, levels, clean-up, what is placed whole, reasons, certificate."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.allocation.certificate import certify
from planner.allocation.columns import build_hosting, in_blocks, row_use
from planner.allocation.engine import LevelOutcome, Progress, Solution, optimise
from planner.allocation.instance import Floats, Instance, build_instance
from planner.allocation.layout import GAP, POLICY, Layout, build_layout
from planner.allocation.master import SOLVER
from planner.allocation.plan import LevelResult, Placement, Plan, PoolUse, Purchase, Service, Shortfall, SolveStatus
from planner.allocation.problem import Problem
from planner.allocation.problem_file import problem_sha256
from planner.allocation.reasons import divided_reasons, find_reasons
from planner.allocation.whole import place_whole
from planner.errors import NotSolvedError

CRUMB = 1e-7
"""Shares and modules below this are rounding, not decisions."""
NO_PRICE = 1e-10
"""Prices below this, in the solver's own scale, are rounding."""


def solve(
    problem: Problem,
    *,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
    last: Plan | None = None,
    gap: float = GAP,
) -> Plan:
    """The plan of `problem`, with its certificate; every level is proven to `gap`.

    `progress` is told of every round; what it raises ends the solve. After `time_limit` seconds the best plan so far
    comes back as feasible, with its honest gaps. `last` may be a plan of a problem that differs little, to start from:
    the values are proven as ever, and a problem too different is solved anew. `NotSolvedError` if no plan passes the
    certificate.
    """
    began = time.perf_counter()
    instance = build_instance(problem)
    layout = build_layout(instance)

    def tick(level: str = layout.levels[-1]) -> None:
        if progress is not None:
            progress(Progress(level, 1, None))

    def is_late() -> bool:
        return time_limit is not None and time.perf_counter() - began > time_limit

    tick(layout.levels[0])
    sha256 = problem_sha256(problem)
    tick(layout.levels[0])
    left = None if time_limit is None else time_limit - (time.perf_counter() - began)
    divided = tidy(optimise(instance, layout, progress, left, last, gap=gap))
    placed = place_whole(instance, layout, divided, tick=tick, is_late=is_late)
    tick()
    could_have = _add_up(instance, layout, divided)
    has = could_have if placed is divided else _add_up(instance, layout, tidy(placed))
    solution = has.solution
    placements = _placements(instance, solution)
    purchases = tuple(
        Purchase(instance.expansions[e], instance.years[t], float(solution.modules[e, t]))
        for e, t in zip(*np.nonzero(solution.modules), strict=True)
    )
    levels = _levels(instance, layout, has, could_have)
    certificate = certify(problem, placements, purchases, levels)
    tick()
    if not (certificate.feasible and certificate.values_agree):
        raise NotSolvedError
    status: SolveStatus = "optimal" if all(level.status == "optimal" for level in levels) else "feasible"
    return Plan(
        problem_sha256=sha256,
        solver=SOLVER,
        status=status,
        levels=levels,
        placements=placements,
        purchases=purchases,
        shortfalls=_shortfalls(problem, instance, layout, has, could_have),
        pools=_pools(instance, layout, has),
        service=_service(instance, has),
        certificate=certificate,
        seconds=time.perf_counter() - began,
    )


def tidy(solution: Solution) -> Solution:
    """`solution` without crumbs: tiny shares dropped, shares a hair under one made one, and none above one in all."""
    keep = solution.shares > CRUMB
    shares = solution.shares[keep]
    shares = np.where(np.abs(shares - 1) < CRUMB, 1.0, shares)
    requirement = solution.options.requirement[keep]
    shares = shares / np.maximum(np.bincount(requirement, shares), 1.0)[requirement]
    modules = np.where(solution.modules > CRUMB, solution.modules, 0.0)
    return replace(solution, options=solution.options.take(keep), shares=shares, modules=modules)


@dataclass(frozen=True, eq=False)
class _Sums:
    """What a solution comes to.

    `use` is the left-hand side of every row, (rows,), without what expansions add to a pool's limit; `served` is the
    size of each requirement that is served, (n,).
    """

    solution: Solution
    use: Floats
    served: Floats


def _add_up(instance: Instance, layout: Layout, solution: Solution) -> _Sums:
    use = row_use(instance, layout, solution.options, solution.shares)
    use[layout.expansion] += solution.modules.sum(axis=1)
    spent = instance.module_price @ solution.modules
    limited = layout.capex >= 0
    use[layout.capex[limited]] += spent[limited]
    if "cost" in layout.level:
        use[layout.level["cost"]] += spent.sum()
    served = np.zeros(len(instance.requirements))
    for at, options in in_blocks(solution.options):
        in_force = instance.size[options.requirement] * build_hosting(instance, options).granted
        np.add.at(served, options.requirement, in_force.sum(axis=1) * solution.shares[at])
    return _Sums(solution, use, served)


def _placements(instance: Instance, solution: Solution) -> tuple[Placement, ...]:
    """By requirement, start, site and standby site: their positions are in the order of their codes."""
    options = solution.options
    order = np.lexsort((options.standby, options.site, options.start, options.requirement))
    return tuple(
        Placement(
            instance.requirements[n],
            instance.sites[s],
            instance.sites[other] if other >= 0 else None,
            instance.years[t],
            share,
        )
        for (n, s, other, t), share in zip(options.take(order), solution.shares[order].tolist(), strict=True)
    )


def _levels(instance: Instance, layout: Layout, has: _Sums, could_have: _Sums) -> tuple[LevelResult, ...]:
    """Every level as the LP reached it, and what the plan `has` of it beside what the LP's own `could_have`."""
    shares = _service_shares(instance, has)
    kept, could_keep = _kept(instance, layout, has), _kept(instance, layout, could_have)
    results = []
    for outcome in has.solution.levels:
        name, value, gap = outcome.name, outcome.value, outcome.gap
        if outcome.status != "optimal":
            value, gap = could_keep[name], layout.stated_gap(name, could_keep[name], outcome.bound)
        worse = (kept[name] - could_keep[name]) * (-1.0 if name == "fairness" else 1.0)
        matters = layout.stated_gap(name, kept[name], could_keep[name]) > GAP
        results.append(
            LevelResult(
                name=name,
                value=value,
                bound=outcome.bound,
                gap=gap,
                status=outcome.status,
                seconds=outcome.seconds,
                kept=kept[name],
                values=tuple(sorted(shares)) if name == "fairness" else (),
                prices=_row_prices(layout, outcome),
                whole_loss=worse if worse > 0 and matters else 0.0,
            )
        )
    return tuple(results)


def _kept(instance: Instance, layout: Layout, has: _Sums) -> dict[str, float]:
    """What a plan has of every level."""
    lowest = min(_service_shares(instance, has), default=1.0)
    kept = {level: float(has.use[row]) + layout.at_stake[level] for level, row in layout.level.items()}
    return kept | {"fairness": lowest, POLICY: sum(has.solution.given.values())}


def _row_prices(layout: Layout, outcome: LevelOutcome) -> dict[str, float]:
    """The level's prices by row name; what is below rounding in the solver's own scale is none."""
    in_scale = outcome.multipliers * layout.scale / layout.scale[layout.level[outcome.name]]
    rows = np.flatnonzero(in_scale > NO_PRICE)
    return {layout.names[row]: float(outcome.multipliers[row]) for row in rows.tolist()}


def _pools(instance: Instance, layout: Layout, has: _Sums) -> tuple[PoolUse, ...]:
    modules, limits = has.solution.modules, layout.limits.copy()
    for e, t in zip(*np.nonzero(modules), strict=True):
        for year in range(int(t + instance.lead[e]), len(instance.years)):
            row = layout.capacity[instance.expansion_site[e], instance.expansion_type[e], year]
            if row >= 0:
                limits[row] += instance.module_size[e] * modules[e, t]
    rows = []
    for row, name in enumerate(layout.names[: layout.pools]):
        level, price = _price(layout, has.solution, row)
        rows.append(PoolUse(name, float(limits[row]), float(has.use[row]), price, level))
    return tuple(sorted(rows, key=lambda pool: pool.pool))


def _price(layout: Layout, solution: Solution, row: int) -> tuple[str | None, float]:
    """The price of a pool at the highest level that it holds back."""
    for outcome in solution.levels:
        price = float(outcome.multipliers[row])
        if price * layout.scale[row] > 1e-7 * layout.scale[layout.level[outcome.name]]:
            return outcome.name, price
    return None, 0.0


def _service_shares(instance: Instance, has: _Sums) -> list[float]:
    served = np.bincount(instance.ministry, has.served, len(instance.ministries))
    asks = instance.ministry_size > 0
    return [float(share) for share in np.minimum(served[asks] / instance.ministry_size[asks], 1.0)]


def _service(instance: Instance, has: _Sums) -> tuple[Service, ...]:
    asking = [code for code, size in zip(instance.ministries, instance.ministry_size, strict=True) if size > 0]
    return tuple(Service(code, share) for code, share in zip(asking, _service_shares(instance, has), strict=True))


def _shortfalls(
    problem: Problem, instance: Instance, layout: Layout, has: _Sums, could_have: _Sums
) -> tuple[Shortfall, ...]:
    """What the plan does not grant, with its reasons; some of it the LP's plan did."""
    missing, could_miss = (_missing(instance, plan) for plan in (has, could_have))
    those = np.flatnonzero(missing > CRUMB)
    reasons = find_reasons(problem, instance, layout, has.solution, those)
    for n in np.flatnonzero(instance.indivisible & (missing > could_miss + CRUMB)).tolist():
        reasons[n] = divided_reasons(reasons[n], 1.0 - float(could_miss[n]))
    return tuple(Shortfall(instance.requirements[n], float(missing[n]), reasons[n]) for n in those.tolist())


def _missing(instance: Instance, has: _Sums) -> Floats:
    """The share of each requirement that a plan does not grant, by size, (n,)."""
    asked = instance.size.sum(axis=1)
    missing: Floats = 1.0 - np.divide(has.served, asked, out=np.ones_like(asked), where=asked > 0)
    return missing
