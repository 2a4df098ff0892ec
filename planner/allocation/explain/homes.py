"""Why here and why not there: what decided between the home that a requirement was granted and the others.

A plan is cheapest for each of its requirements at the prices of the last level; where those do not tell two homes
apart, the level above decides, and so on upwards.
"""

from dataclasses import dataclass

import numpy as np

from planner.allocation.explain.view import NOISE, Single, View
from planner.allocation.instance import Floats
from planner.allocation.options import Options, ruled_out
from planner.allocation.plan import Placement
from planner.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Part:
    """What a row makes the other home dearer by (cheaper, if < 0), in the level's unit.

    `name` is a pool, `level/cost` for running cost, or another row of the plan's prices. `here` and `there` are what
    the two homes take of it, in its unit; `headroom` is what is left of a pool, None for other rows.
    """

    name: str
    here: float
    there: float
    price: float
    dearer: float
    headroom: float | None


@dataclass(frozen=True, slots=True)
class Home:
    """A site, a standby site if any, and a start year."""

    site: str
    standby: str | None
    start: int


@dataclass(frozen=True, slots=True)
class WhyHere:
    """A placement against the best home at another site, from the same year on if it is open by then.

    `dearer` is by how much the other is dearer at the prices of `level`, in its unit, made up of `parts`, the
    weightiest first. Without `other` there is no other site; without `level` the two are equal at all levels.
    """

    placement: Placement
    other: Home | None
    level: str | None
    dearer: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A site against the best home of a requirement, or against not being served where that is cheaper (`best` None).

    `rule` is the rule that rules the site out, and nothing else is told then. Without `level` it would be as good:
    equal. `lacking` are the pools that the requirement would not fit into as they stand, with what is missing.
    """

    site: str
    rule: str | None = None
    best: Home | None = None
    level: str | None = None
    dearer: float = 0.0
    parts: tuple[Part, ...] = ()
    lacking: tuple[tuple[str, float], ...] = ()


def why_here(view: View, requirement: str) -> tuple[WhyHere, ...]:
    """For each placement of `requirement`, what decided for it; empty if it has none."""
    single = view.single(view.requirement(requirement))
    return tuple(_why_here(single, row) for row in view.plan.placements if row.requirement == requirement)


def why_not(view: View, requirement: str, site: str) -> WhyNot:
    """Why `requirement` was not granted a home at `site`."""
    row = view.requirement(requirement)
    if site not in view.instance.sites:
        raise NotFoundError
    single = view.single(row)
    rule = ruled_out(view.problem, row).get(site) or _no_year(single, site)
    if rule:
        return WhyNot(site, rule)
    at = single.instance.sites.index(site)
    start = next((placed.start for placed in view.plan.placements if placed.requirement == requirement), row.start)
    for level in reversed(view.weights):
        options, costs = single.best_by_site(level, start)
        there = int(np.flatnonzero(options.site == at)[0])
        rival = 0 if options.site[0] != at or len(options) == 1 else 1
        best = options.take(np.array([rival])) if costs[rival] < 0 and rival != there else Options.none()
        compared = _compare(single, level, best, options.take(np.array([there])))
        if compared is not None and compared[0] > 0:
            dearer, parts = compared
            home = _home(single, best) if len(best) else None
            return WhyNot(site, None, home, level, dearer, parts, _lacking(single, options.take(np.array([there]))))
    return WhyNot(site)


def _why_here(single: Single, placement: Placement) -> WhyHere:
    here = single.options((placement,))
    other = None
    for level in reversed(single.view.weights):
        options, _ = single.best_by_site(level, placement.start)
        elsewhere = np.flatnonzero(options.site != here.site[0])
        if not len(elsewhere):
            return WhyHere(placement, None, None, 0.0, ())
        there = options.take(elsewhere[:1])
        other = _home(single, there)
        compared = _compare(single, level, here, there)
        if compared is not None and compared[0] > 0:
            return WhyHere(placement, other, level, *compared)
    return WhyHere(placement, other, None, 0.0, ())


def _compare(single: Single, level: str, here: Options, there: Options) -> tuple[float, tuple[Part, ...]] | None:
    """By how much `there` is dearer at `level` than `here` (nothing at all, if none), and why; None if they are
    equal."""
    weights = single.weights[level]
    use_here, use_there = _use(single, here), _use(single, there)
    dearer = (use_there - use_here) * weights
    if abs(dearer.sum()) <= NOISE * np.abs(weights * np.maximum(use_here, use_there)).sum():
        return None
    pools, headroom, names = single.layout.pools, single.headroom(), single.layout.names
    parts = tuple(
        Part(
            names[row],
            float(use_here[row]),
            float(use_there[row]),
            float(weights[row]),
            float(dearer[row]),
            float(headroom[row]) if row < pools else None,
        )
        for row in np.argsort(-np.abs(dearer), kind="stable").tolist()
        if dearer[row]
    )
    return float(dearer.sum()), parts


def _use(single: Single, option: Options) -> Floats:
    return single.uses(option)[0] if len(option) else np.zeros(len(single.layout))


def _lacking(single: Single, option: Options) -> tuple[tuple[str, float], ...]:
    """Pools that have less left than `option` takes, beyond what the requirement has of them already."""
    pools = single.layout.pools
    lacking = _use(single, option)[:pools] - single.headroom() - single.granted_use()[:pools]
    rows = np.flatnonzero(lacking > NOISE * np.maximum(single.layout.limits[:pools], 1.0))
    return tuple((single.layout.names[row], float(lacking[row])) for row in rows.tolist())


def _no_year(single: Single, site: str) -> str | None:
    """Whether no start year is open to the requirement at `site`, whose rules it passes: its present home ends
    earlier."""
    total, _ = single.table(single.view.plan.levels[-1].name)
    return None if np.isfinite(total[single.instance.sites.index(site)]).any() else "operating_years"


def _home(single: Single, option: Options) -> Home:
    ((_, site, standby, start),) = option
    instance = single.instance
    return Home(instance.sites[site], instance.sites[standby] if standby >= 0 else None, instance.years[start])
