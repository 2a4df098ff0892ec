"""The rows of the master: which there are, in which order, with which limits and names.

Every row reads `use <= limit`, pools first, then service, floors, caps, pins and levels; `docs/formulation.md` has a
heading for each family. A row that cannot bind (no limit, nothing asked) is left out and has position -1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from planner.allocation.instance import Floats, Instance, Ints

GAP: Final = 1e-6
"""A level is optimal when value and bound are this close."""
SLACK: Final = 1e-8
"""What a held level may lose to rounding, relative to what is at stake."""
POLICY: Final = "policy"
"""The level above all others, present where policy sets floors, caps or pins: relax them least."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Row positions by family (-1: no such row), and for each row its limit, name and scale.

    `scale` divides a row by its typical coefficient before it enters the solver. `names` of the first `pools` rows are
    pool names as in `PoolUse`. `at_stake` is what a level's value is when nothing is granted (0 for fairness and cost).
    """

    capacity: Ints  # (S, R, T)
    capex: Ints  # (T,)
    opex: Ints  # (T,)
    expansion: Ints  # (E,)
    staff: Ints  # (K, T)
    moves: Ints  # (T,)
    service: Ints  # (M,)
    floor: Ints  # (M,)
    cap: Ints  # (M,)
    pin: Ints  # (n,)
    level: Mapping[str, int]
    at_stake: Mapping[str, float]
    limits: Floats
    scale: Floats
    names: tuple[str, ...]
    pools: int

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels in strict order."""
        return tuple(self.level)

    def __len__(self) -> int:
        return len(self.limits)

    def stated_gap(self, level: str, value: float, bound: float) -> float:
        """`gap` of a value and a bound as people read them: with the level's constant, and fairness as a share."""
        constant = self.at_stake[level]
        return (
            self.gap(level, -value, -bound)
            if level == "fairness"
            else self.gap(level, value - constant, bound - constant)
        )

    def gap(self, level: str, value: float, bound: float) -> float:
        """|value - bound|, both without the level's constant, relative to what the level says.

        The divisor is never less than a thousandth of what is at stake.
        """
        constant = self.at_stake[level]
        stake = constant or float(self.scale[self.level[level]])
        return float(abs(value - bound) / max(abs(value + constant), abs(bound + constant), 1e-3 * stake))


@dataclass
class _Rows:
    """Rows as they are laid out, one after another."""

    limits: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, names: Sequence[str], limits: Floats, typical: Floats) -> Ints:
        """One row for each finite limit; positions in the shape of `limits`."""
        wanted = np.isfinite(limits)
        positions = np.full(limits.shape, -1, dtype=np.int64)
        positions[wanted] = len(self.limits) + np.arange(int(wanted.sum()))
        self.limits.extend(limits[wanted].tolist())
        typical = np.broadcast_to(typical, limits.shape)[wanted]
        self.scale.extend(np.where(typical > 0, typical, 1.0).tolist())
        self.names.extend(name for name, keep in zip(names, wanted.ravel().tolist(), strict=True) if keep)
        return positions


def build_layout(instance: Instance) -> Layout:
    """The rows that `instance` needs."""
    years, policy = instance.years, instance.policy
    rows = _Rows()
    national = instance.demand.sum(axis=0)
    askers = np.maximum((instance.demand > 0).sum(axis=0), 1)
    usable = np.where(national > 0, instance.capacity, np.inf)
    capacity = rows.add(
        [f"{site}/{code}/{year}" for site in instance.sites for code in instance.types for year in years],
        usable,
        national / askers,
    )
    price = np.array([instance.module_price.mean() if len(instance.module_price) else 1.0])
    capex = rows.add([f"capex/{year}" for year in years], instance.capex_limit, price)
    opex = rows.add([f"opex/{year}" for year in years], instance.opex_limit, _typical_running_cost(instance))
    expansion = rows.add([f"expansion/{code}" for code in instance.expansions], instance.max_modules, np.ones(1))
    staff = rows.add(
        [f"staff/{agency}/{role}/{year}" for agency, role in instance.staff for year in years], instance.fte, np.ones(1)
    )
    some_home = np.where(instance.incumbent.any(), instance.move_limit, np.inf)
    moved = instance.moved[instance.incumbent]
    moves = rows.add([f"moves/{year}" for year in years], some_home, np.array([moved.mean() if moved.size else 1.0]))
    pools = len(rows.limits)

    asks = instance.ministry_size > 0
    mean_share = 1.0 / np.maximum(np.bincount(instance.ministry, minlength=len(instance.ministries)), 1)
    service = rows.add([f"service/{code}" for code in instance.ministries], np.where(asks, 0.0, np.inf), mean_share)
    floor = rows.add(
        [f"floor/{code}" for code in instance.ministries],
        np.where(asks & (instance.floor > 0), -instance.floor, np.inf),
        mean_share,
    )
    cap = rows.add(
        [f"cap/{code}" for code in instance.ministries],
        np.where(asks & (instance.cap < 1), instance.cap, np.inf),
        mean_share,
    )
    pin = rows.add(
        [f"pin/{code}" for code in instance.requirements], np.where(instance.pin >= 0, -1.0, np.inf), np.ones(1)
    )
    steered = any((positions >= 0).any() for positions in (floor, cap, pin))
    levels = ((POLICY,) if steered else ()) + policy.levels
    at_stake = {level: _at_stake(instance, level) for level in levels}
    first = len(rows.limits)
    typical = np.array([_typical(instance, level, at_stake[level]) for level in levels])
    rows.limits.extend([np.inf] * len(levels))
    rows.scale.extend(typical.tolist())
    rows.names.extend(f"level/{level}" for level in levels)
    return Layout(
        capacity=capacity,
        capex=capex,
        opex=opex,
        expansion=expansion,
        staff=staff,
        moves=moves,
        service=service,
        floor=floor,
        cap=cap,
        pin=pin,
        level={level: first + position for position, level in enumerate(levels)},
        at_stake=at_stake,
        limits=np.array(rows.limits),
        scale=np.array(rows.scale),
        names=tuple(rows.names),
        pools=pools,
    )


def unmet_weight(instance: Instance, level: str) -> Floats:
    """What one unit of size not granted costs in an unmet level, (n,): `statutory` or `priority`, 0 in the others."""
    if level == "statutory":
        return instance.protected.astype(np.float64)
    if level == "priority":
        rest = ~instance.protected if "statutory" in instance.policy.levels else np.ones_like(instance.protected)
        return np.where(rest, instance.weight, 0.0)
    return np.zeros(len(instance.requirements))


def _at_stake(instance: Instance, level: str) -> float:
    return float(unmet_weight(instance, level) @ instance.size.sum(axis=1))


def _typical(instance: Instance, level: str, at_stake: float) -> float:
    """The mean coefficient of a level's row, positive."""
    count = max(len(instance.requirements), 1)
    if at_stake > 0:
        return at_stake / count
    if level == "cost":
        return float(_typical_running_cost(instance)[0]) or 1.0
    if level == "moves":
        moved = instance.moved[instance.incumbent]
        return float(moved.mean()) if moved.any() else 1.0
    return 1.0


def _typical_running_cost(instance: Instance) -> Floats:
    """Running cost of a mean requirement at a mean site in a year, THB, as an array of one."""
    if not instance.demand.size or not instance.running_cost.size:
        return np.ones(1)
    return np.array([(instance.demand.mean(axis=0) * instance.running_cost.mean(axis=0)).sum(axis=0).mean()])
