"""Seeded problems: small ones that use every feature, and large ones of a known shape to measure with.

The same arguments give the same problem on every machine. Amounts are made up.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.allocation import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    Staff,
)
from planner.allocation.problem import LEVELS, Series
from planner.text import LocalText

FIRST_YEAR: Final = 2027
CLEARANCES: Final = ("open", "protected", "restricted")
PRIORITIES: Final = ("statutory", "high", "normal", "low")
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


def small_problem(requirements: Sequence[Requirement], sites: Sequence[Site], years: int = 2, **others: Any) -> Problem:
    """A problem of rows written by hand, from fiscal year 2027 on.

    Resource types (`tb` is movable), regions and clearances are those that the rows name; an agency belongs to the
    ministry that its first letter names. `others` are further fields of `Problem` and stand as they are given.
    """
    types = {code for row in requirements for code in row.demand} | {code for row in sites for code in row.capacity}
    agencies = {row.agency for row in requirements}
    parts: dict[str, Any] = {
        "fiscal_years": tuple(range(FIRST_YEAR, FIRST_YEAR + years)),
        "resource_types": tuple(ResourceType(code, code, code == "tb") for code in sorted(types)),
        "ministries": tuple(_ministry(code) for code in sorted({agency[0] for agency in agencies})),
        "agencies": tuple(Agency(code, code[0]) for code in sorted(agencies)),
        "regions": tuple(Region(code) for code in sorted({site.region for site in sites})),
        "clearances": CLEARANCES,
        "sites": tuple(sites),
        "requirements": tuple(requirements),
    }
    return Problem(**{**parts, **others})


def random_problem(seed: int, requirements: int = 25, sites: int = 4, years: int = 3) -> Problem:
    """A small problem in which each feature of the format is in use about as often as not."""
    return _Dice(seed, sites, years).problem(requirements)


def bench_problem(requirements: int, sites: int, seed: int = 0) -> Problem:
    """A problem to measure with: five fiscal years, four resource types, twenty ministries.

    A requirement may live at about six sites. A tenth ask for a standby copy, a fifth are hosted already, and a
    twentieth are statutory. Usable capacity is 90 % of what is asked for, standby copies included; every other pair of
    site and resource type may grow, within an investment limit that buys about a tenth of the demand.
    """
    rng = np.random.default_rng(seed)
    years, codes = tuple(range(FIRST_YEAR, FIRST_YEAR + 5)), tuple(f"S{s:02}" for s in range(sites))
    agencies = tuple(Agency(f"M{m:02}-{a}", f"M{m:02}") for m in range(20) for a in range(5))
    late = np.where(rng.random(requirements) < 0.2, rng.integers(1, len(years), requirements), 0)
    demand, copies = _bench_demand(rng, late, len(years)), np.where(rng.random(requirements) < 0.1, 2, 1)
    asked = demand.sum(axis=0) + demand[copies == 2].sum(axis=0) * _STANDBY_RATIO[:, None]
    return Problem(
        fiscal_years=years,
        resource_types=tuple(ResourceType(code, unit, code.endswith("_tb")) for code, unit in _UNITS.items()),
        ministries=tuple(_ministry(f"M{m:02}") for m in range(20)),
        agencies=agencies,
        regions=tuple(Region(f"region-{n}") for n in range(_REGIONS)),
        clearances=CLEARANCES,
        sites=_bench_sites(rng, codes, asked),
        requirements=_bench_requirements(rng, agencies, codes, demand, late=late, copies=copies),
        expansions=_bench_expansions(codes, asked),
        policy=Policy(
            standby_ratio=dict(zip(_UNITS, _STANDBY_RATIO.tolist(), strict=True)),
            capex_limit=(float(asked.mean(axis=1) @ _MODULE_PRICE) / 50,) * len(years),
        ),
    )


def _ministry(code: str) -> Ministry:
    return Ministry(code, LocalText(f"กระทรวง {code}", f"Ministry {code}"))


class _Dice:
    """Chance, in the words of a problem."""

    def __init__(self, seed: int, sites: int, years: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.years = tuple(range(FIRST_YEAR, FIRST_YEAR + years))
        self.types = ("vcpu", "tb", "gpu")[: 2 + self.chance(0.5)]
        self.sites = tuple(f"S{s}" for s in range(sites))
        self.ministries = tuple(f"M{m}" for m in range(self.rng.integers(1, 5)))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def pick(self, choices: Sequence[Any], *weights: float) -> Any:
        odds = np.array(weights) / sum(weights) if weights else None
        return choices[int(self.rng.choice(len(choices), p=odds))]

    def amount(self, low: float, high: float) -> float:
        return round(float(self.rng.uniform(low, high)), 2)

    def series(self, low: float, high: float) -> Series:
        return tuple(self.amount(low, high) for _ in self.years)

    def problem(self, requirements: int) -> Problem:
        codes = tuple(f"R{n:04}" for n in range(requirements))
        agencies = tuple(Agency(f"{m}A{a}", m) for m in self.ministries for a in range(2))
        return Problem(
            fiscal_years=self.years,
            resource_types=tuple(ResourceType(code, code, code == "tb") for code in self.types),
            ministries=tuple(_ministry(code) for code in self.ministries),
            agencies=agencies,
            regions=tuple(Region(code) for code in "ABC"),
            clearances=CLEARANCES,
            sites=tuple(self.site(code, requirements) for code in self.sites),
            requirements=tuple(self.requirement(code, agencies) for code in codes),
            expansions=tuple(self.expansion(f"E{e}") for e in range(self.rng.integers(0, 4))),
            staff=tuple(Staff(row.code, "steward", self.series(0, 1.5)) for row in agencies),
            policy=self.policy(codes),
        )

    def site(self, code: str, requirements: int) -> Site:
        most = 5 + 3 * requirements / len(self.sites)
        return Site(
            code,
            region=self.pick("ABC"),
            clearance=self.pick(CLEARANCES),
            capacity={r: self.series(5, most) for r in self.types if self.chance(0.9)},
            overcommit={"vcpu": 1.5},
            reserve_margin={"vcpu": 0.1},
            running_cost={r: self.series(1, 9) for r in self.types},
            start=self.pick([None, self.years[1]], 2, 1),
            end=self.pick([None, self.years[1]], 3, 1),
        )

    def expansion(self, code: str) -> Expansion:
        return Expansion(
            code,
            site=self.pick(self.sites),
            resource_type=self.pick(self.types),
            module_size=self.amount(2, 10),
            module_price=self.amount(5, 50),
            lead_years=int(self.rng.integers(0, 3)),
            max_modules=self.pick([0, 1, 3]),
        )

    def requirement(self, code: str, agencies: Sequence[Agency]) -> Requirement:
        start = self.pick(self.years) if self.chance(0.4) else self.years[0]
        return Requirement(
            code,
            agency=self.pick(agencies).code,
            clearance=self.pick(CLEARANCES, 5, 3, 1),
            demand={r: self.series(0.5, 8) for r in self.types if self.chance(0.8)},
            start=start,
            end=self.pick([None, start, self.years[-1]], 2, 1, 1),
            priority=self.pick(PRIORITIES, 1, 1, 2, 1),
            weight=self.pick([1.0, 2.5], 2, 1),
            regions=self.pick([None, ("A", "B")], 3, 1),
            sites=self.pick([None, self.sites[:1]], 6, 1),
            copies=self.pick([1, 2], 3, 1),
            incumbent=self.pick(self.sites) if self.chance(0.25) else None,
            staff_load={"steward": self.amount(0, 0.3)},
        )

    def policy(self, requirements: Sequence[str]) -> Policy:
        first, last = self.ministries[0], self.ministries[-1]
        levels = self.rng.permutation(LEVELS)[: self.rng.integers(2, 6)].tolist()
        return Policy(
            levels=tuple(levels) if self.chance(0.4) else LEVELS,
            tolerance=self.pick([0.0, 1e-3, 0.01]),
            standby_ratio={self.types[0]: 0.5},
            capex_limit=self.pick([None, (60.0,) * len(self.years)]),
            opex_limit=self.pick([None, (40.0 * len(requirements),) * len(self.years)]),
            move_limit_tb=self.pick([None, (5.0,) * len(self.years)]),
            staff_gate=self.chance(0.5),
            protect_incumbents=self.chance(0.7),
            fairness=self.pick(["leximin", "maxmin"]),
            floors={first: self.amount(0.3, 1)} if self.chance(0.4) else {},
            caps={last: 0.6} if self.chance(0.3) else {},
            pins={requirements[0]: self.sites[0]} if requirements and self.chance(0.3) else {},
        )


_UNITS: Final = {"gpu": "GPU", "hot_tb": "TB", "memory_gib": "GiB", "vcpu": "vCPU"}
_MEAN_DEMAND: Final = np.array([0.5, 40.0, 160.0, 40.0])
_RUNNING_COST: Final = np.array([90_000.0, 1_500.0, 60.0, 400.0])
_MODULE_PRICE: Final = np.array([1_200_000.0, 20_000.0, 700.0, 6_000.0])
"""THB a unit."""
_STANDBY_RATIO: Final = np.array([0.5, 1.0, 0.5, 0.5])
_REGIONS: Final = 5
_ELIGIBLE: Final = (4, 8)
"""The fewest and most sites that a requirement may live at."""


def _bench_demand(rng: np.random.Generator, late: Ints, horizon: int) -> Floats:
    """Units by requirement, resource type and year, growing, from `late` years on; some ask for no GPU."""
    mean = rng.lognormal(-0.5, 1.0, (len(late), len(_UNITS))) * _MEAN_DEMAND
    mean[:, 0] *= rng.random(len(late)) < 0.3
    growth = np.cumprod(rng.uniform(1.0, 1.2, (len(late), horizon)), axis=1) * (np.arange(horizon) >= late[:, None])
    demand: Floats = np.round(mean[:, :, None] * growth[:, None, :], 2)
    return demand


def _bench_sites(rng: np.random.Generator, codes: Sequence[str], asked: Floats) -> tuple[Site, ...]:
    """Sites that share 90 % of what is asked for (resource types, years)."""
    margin, part = 0.1, rng.uniform(0.5, 1.5, len(codes))
    capacity = 0.9 * asked * (part / part.sum())[:, None, None] / (1 - margin)
    cost = _RUNNING_COST * rng.uniform(0.8, 1.25, (len(codes), len(_UNITS)))
    return tuple(
        Site(
            code,
            region=f"region-{s % _REGIONS}",
            clearance=CLEARANCES[-1],
            capacity=dict(zip(_UNITS, map(tuple, capacity[s].round(1).tolist()), strict=True)),
            reserve_margin=dict.fromkeys(_UNITS, margin),
            running_cost={r: (amount,) * asked.shape[1] for r, amount in zip(_UNITS, cost[s].tolist(), strict=True)},
        )
        for s, code in enumerate(codes)
    )


def _bench_expansions(codes: Sequence[str], asked: Floats) -> tuple[Expansion, ...]:
    """Modules of a hundredth of a site's share of the demand, for every other pair of site and resource type."""
    module = asked.mean(axis=1) / len(codes) / 100
    return tuple(
        Expansion(f"{code}-{r}", code, r, float(module[k]), float(module[k] * _MODULE_PRICE[k]), 1, 20)
        for s, code in enumerate(codes)
        for k, r in enumerate(_UNITS)
        if (s + k) % 2
    )


def _bench_requirements(
    rng: np.random.Generator,
    agencies: Sequence[Agency],
    sites: Sequence[str],
    demand: Floats,
    *,
    late: Ints,
    copies: Ints,
) -> tuple[Requirement, ...]:
    count = len(demand)
    homes = _eligible_sites(rng, count, sites)
    hosted = (rng.random(count) < 0.25) & (late == 0)
    rows = zip(
        rng.integers(0, len(agencies), count).tolist(),
        rng.choice(len(CLEARANCES), count, p=[0.6, 0.3, 0.1]).tolist(),
        demand.tolist(),
        (FIRST_YEAR + late).tolist(),
        rng.choice(len(PRIORITIES), count, p=[0.05, 0.2, 0.5, 0.25]).tolist(),
        np.round(rng.uniform(0.5, 2.0, count), 1).tolist(),
        copies.tolist(),
        hosted.tolist(),
        homes,
        strict=True,
    )
    return tuple(
        Requirement(
            f"R{n:07}",
            agencies[agency].code,
            CLEARANCES[clearance],
            dict(zip(_UNITS, map(tuple, amounts), strict=True)),
            start,
            priority=PRIORITIES[priority],
            weight=weight,
            sites=home,
            copies=asked,
            incumbent=home[0] if has_home else None,
        )
        for n, (agency, clearance, amounts, start, priority, weight, asked, has_home, home) in enumerate(rows)
    )


def _eligible_sites(rng: np.random.Generator, count: int, sites: Sequence[str]) -> list[tuple[str, ...]]:
    """The sites of each requirement: a different draw for each, `_ELIGIBLE` of them or all there are."""
    fewest, most = (min(bound, len(sites)) for bound in _ELIGIBLE)
    number = rng.integers(fewest, most + 1, count).tolist()
    order = np.argsort(rng.random((count, len(sites)), dtype=np.float32), axis=1)[:, :most].tolist()
    return [tuple(sites[s] for s in row[:k]) for row, k in zip(order, number, strict=True)]
