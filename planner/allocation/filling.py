"""A plan when the time is up: what there is, filled up one requirement after another.

Protected requirements come first, incumbents before others, then always one of the ministry that is served least, its
weightiest. Each goes where most of it is served, if it can stay at home there, else where there is most room; it is
granted in part if it may be divided.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.columns import build_entries, build_hosting, row_use
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import Options
from planner.allocation.statement import Stated

LEAST: Final = 0.01
"""A smaller share is not worth a placement."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where to begin: what is granted already, the modules bought, and the options `wanted` if they have room."""

    options: Options
    shares: Floats
    shared: Floats
    wanted: Options


def fill(instance: Instance, layout: Layout, stated: Stated, start: Start, could: Options) -> tuple[Options, Floats]:
    """The shares of `start`, and what else can be granted of its wanted options and of `could` to those with none."""
    options, shares = start.options, start.shares
    idle = np.setdiff1d(np.arange(len(instance.requirements)), options.requirement[shares > 0])
    filling = _Filling(instance, layout, stated, start, could)
    first = instance.protected[idle]
    for those in (idle[first & instance.incumbent[idle]], idle[first & ~instance.incumbent[idle]]):
        for n in _ordered(instance, those):
            filling.place(n)
    queues = defaultdict(list)
    for n in reversed(_ordered(instance, idle[~instance.protected[idle]])):
        queues[int(instance.ministry[n])].append(n)
    turns = [(filling.service(m), m) for m in queues]
    heapq.heapify(turns)
    while turns:
        _, m = heapq.heappop(turns)
        filling.place(queues[m].pop())
        if queues[m]:
            heapq.heappush(turns, (filling.service(m), m))
    return filling.result()


def _ordered(instance: Instance, those: Ints) -> list[int]:
    """`those`, the weightiest first."""
    ordered: list[int] = those[np.argsort(-instance.weight[those], kind="stable")].tolist()
    return ordered


class _Filling:
    """What is granted so far, and what room it leaves."""

    def __init__(self, instance: Instance, layout: Layout, stated: Stated, start: Start, could: Options) -> None:
        options, shares = start.options, start.shares
        could = Options.join([start.wanted, could])
        order = np.argsort(could.requirement, kind="stable")
        self._wanted, could = (order < len(start.wanted)).tolist(), could.take(order)
        self._instance, self._could, self._options, self._shares = instance, could, options, shares
        self._room = layout.limits - row_use(instance, layout, options, shares) - stated.coefficients @ start.shared
        self._served = np.bincount(
            instance.ministry[options.requirement], _size_served(instance, options) * shares, len(instance.ministries)
        )
        self._size = _size_served(instance, could)
        entries = build_entries(instance, layout, could)
        taken = entries.value > 0
        order = np.argsort(entries.column[taken], kind="stable")
        self._row, self._value = entries.row[taken][order], entries.value[taken][order]
        self._cuts = np.searchsorted(entries.column[taken][order], np.arange(len(could) + 1)).tolist()
        self._first = np.searchsorted(could.requirement, np.arange(len(instance.requirements) + 1)).tolist()
        self._granted: dict[int, float] = {}

    def service(self, ministry: int) -> float:
        """The service share of a ministry so far."""
        return float(self._served[ministry] / max(self._instance.ministry_size[ministry], 1e-300))

    def place(self, n: int) -> None:
        """Grant requirement `n` what can be granted of it."""
        best, granted, merit = -1, 0.0, (0.0, False, 0.0)
        for k in range(self._first[n], self._first[n + 1]):
            mine = slice(self._cuts[k], self._cuts[k + 1])
            room = float((self._room[self._row[mine]] / self._value[mine]).min(initial=np.inf))
            share = min(room, 1.0)
            if self._wanted[k] and room >= 1.0:
                best, granted = k, 1.0
                break
            if share < (1.0 if self._instance.indivisible[n] else LEAST):
                continue
            at_home = bool(self._could.site[k] == self._instance.home[n])
            if (share * self._size[k], at_home, room) > merit:
                best, granted, merit = k, share, (share * self._size[k], at_home, room)
        if best >= 0:
            mine = slice(self._cuts[best], self._cuts[best + 1])
            self._room[self._row[mine]] -= granted * self._value[mine]
            self._served[self._instance.ministry[n]] += granted * self._size[best]
            self._granted[best] = granted

    def result(self) -> tuple[Options, Floats]:
        """All options that are granted a share, and the shares."""
        taken = np.array(list(self._granted), dtype=np.int64)
        shares = np.concatenate([self._shares, np.array(list(self._granted.values()))])
        return Options.join([self._options, self._could.take(taken)]), shares


def _size_served(instance: Instance, options: Options) -> Floats:
    """The size that each of `options` serves."""
    served: Floats = (instance.size[options.requirement] * build_hosting(instance, options).granted).sum(axis=1)
    return served
