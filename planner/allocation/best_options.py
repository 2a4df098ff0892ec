"""The best option of each requirement at given prices, in compiled loops; `planner.allocation.pricing` says the same.

A requirement may live at a few sites of many, and a table of all sites and years is mostly empty.
"""

from typing import NamedTuple

import numpy as np

from planner.allocation.instance import Flags, Floats, Ints
from planner.allocation.interior.kernels import compiled


class Asked(NamedTuple):
    """What requirements ask for, where and when they may have it, and what that costs, in the arrays of an `Instance`.

    `unit` (S, R, T) is what one unit of use costs at a site; `value` (n, T), `moves` (T,) and `pin_price` (n,) are as
    `Prices` has them.
    """

    demand: Floats
    start: Ints
    end: Ints
    home: Ints
    pin: Ints
    paired: Flags
    allowed: Flags
    movable: Flags
    opens: Ints
    closes: Ints
    region: Ints
    ratio: Floats
    unit: Floats
    value: Floats
    moves: Floats
    pin_price: Floats


class Found(NamedTuple):
    """The least cost of each of some requirements, inf for one without any option, and that option."""

    cost: Floats
    site: Ints
    standby: Ints  # -1 for none
    start: Ints


@compiled
def find_best(asked: Asked, rows: Ints, at_once: Flags) -> Found:
    """The first of the cheapest options of each of `rows`, by site and start year.

    Those that are `at_once`, of which there is one flag a requirement, are served from their first year on.
    """
    demand, unit, value, allowed, closes = asked.demand, asked.unit, asked.value, asked.allowed, asked.closes
    opens, region, ratio, movable = asked.opens, asked.region, asked.ratio, asked.movable
    count, (sites, types, years) = len(rows), unit.shape
    cost, at = np.full(count, np.inf), np.zeros((3, count), np.int64)
    hosting, copying, before = np.zeros((sites, years + 1)), np.zeros((sites, years + 1)), np.zeros(years + 1)
    possible = np.zeros(sites, np.int64)
    for i in range(count):
        n = rows[i]
        first, last, home, paired, pin = asked.start[n], asked.end[n], asked.home[n], asked.paired[n], asked.pin[n]
        until = first if at_once[n] and home < 0 else last
        if home >= 0:
            until = min(last, closes[home] + 1)
            before[first] = 0.0
            for t in range(first, last):
                paid = -value[n, t]
                for r in range(types):
                    paid += demand[n, r, t] * unit[home, r, t]
                before[t + 1] = before[t] + paid
        many = 0
        for s in range(sites):
            if allowed[n, s] and closes[s] >= last:
                possible[many] = s
                many += 1
                hosting[s, last + 1] = copying[s, last + 1] = 0.0
                for t in range(last, first - 1, -1):
                    paid = copied = 0.0
                    for r in range(types):
                        use = demand[n, r, t] * unit[s, r, t]
                        paid += use
                        copied += use * ratio[r]
                    hosting[s, t] = hosting[s, t + 1] + paid - value[n, t]
                    copying[s, t] = copying[s, t + 1] + copied
        for s in possible[:many]:
            for t in range(max(first, opens[s]), (first if s == home else until) + 1):
                total, other = hosting[s, t], -1
                if home >= 0 and s != home:
                    moved = 0.0
                    for r in range(types):
                        if movable[r]:
                            moved += demand[n, r, t]
                    total += before[t] + asked.moves[t] * moved
                if s == pin:
                    total -= asked.pin_price[n]
                if paired:
                    least = np.inf
                    for o in possible[:many]:
                        if region[o] != region[s] and opens[o] <= t and copying[o, t] < least:
                            least, other = copying[o, t], o
                    total += least
                if total < cost[i]:
                    cost[i], at[0, i], at[1, i], at[2, i] = total, s, other, t
    return Found(cost, at[0], at[1], at[2])
