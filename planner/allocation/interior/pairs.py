"""Loops over pairs of a value and its dual slack, and over how both change, compiled when they are first called."""

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.kernels import compiled
from planner.allocation.interior.points import Pairs


@compiled
def remainder(aim: float, pairs: Pairs) -> Floats:
    """What the products leave to `aim`."""
    left = np.empty(len(pairs.value))
    for i in range(len(left)):
        left[i] = aim - pairs.value[i] * pairs.slack[i]
    return left


@compiled
def bends(aim: float, change: Pairs, most: float) -> Floats:
    """What is left to `aim` when the products of how both change are cut off at `most`."""
    left = np.empty(len(change.value))
    for i in range(len(left)):
        left[i] = aim - min(max(change.value[i] * change.slack[i], -most), most)
    return left


@compiled
def gap(pairs: Pairs, change: Pairs, primal: float, dual: float) -> float:
    """The sum of the products after a step along `change` of these lengths."""
    total = 0.0
    for i in range(len(pairs.value)):
        total += (pairs.value[i] + primal * change.value[i]) * (pairs.slack[i] + dual * change.slack[i])
    return total


@compiled
def centre(pairs: Pairs, change: Pairs, primal: float, dual: float, aim: float) -> Floats:
    """By how much each product should change to lie between a tenth and ten times `aim` after such a step."""
    goals = np.empty(len(pairs.value))
    for i in range(len(goals)):
        product = (pairs.value[i] + primal * change.value[i]) * (pairs.slack[i] + dual * change.slack[i])
        goals[i] = max(min(max(product, 0.1 * aim), 10.0 * aim) - product, -10.0 * aim)
    return goals


@compiled
def move(pairs: Pairs, change: Pairs, primal: float, dual: float) -> Pairs:
    """Where such a step leads."""
    value, slack = np.empty(len(pairs.value)), np.empty(len(pairs.value))
    for i in range(len(value)):
        value[i] = pairs.value[i] + primal * change.value[i]
        slack[i] = pairs.slack[i] + dual * change.slack[i]
    return Pairs(value, slack)


@compiled
def gain(missed: Floats, part: float, value: Floats, goals: Floats) -> Floats:
    """What shares would gain, by the unit, by meeting `goals` and making up for a `part` of what their costs miss."""
    gains = np.empty(len(missed))
    for i in range(len(gains)):
        gains[i] = goals[i] / value[i] - part * missed[i]
    return gains


@compiled
def follow(pairs: Pairs, change: Pairs) -> None:
    """Turn the goals, which the `change` of slacks holds, into how slacks follow the change of values."""
    for i in range(len(change.value)):
        change.slack[i] = (change.slack[i] - pairs.slack[i] * change.value[i]) / pairs.value[i]


@compiled
def fastest(values: Floats, changes: Floats) -> float:
    """The largest relative loss of a value, at least 1."""
    most = 1.0
    for i in range(len(values)):
        if -changes[i] > most * values[i]:
            most = -changes[i] / values[i]
    return most


@compiled
def blend(values: Floats, changes: Floats, more: Floats, weights: Floats) -> Floats:
    """`fastest` with each of the `weights` of `more` added to the changes; the first and the last are the extremes."""
    most, first, last = np.ones(len(weights)), weights[0], weights[-1]
    for i in range(len(values)):
        if min(changes[i] + first * more[i], changes[i] + last * more[i]) < -values[i]:
            for j in range(len(weights)):
                most[j] = max(most[j], -(changes[i] + weights[j] * more[i]) / values[i])
    return most


@compiled
def substitute(factor: Floats, right: Floats) -> Floats:
    """The solution of L L' x = right."""
    x = right.copy()
    for i in range(len(x)):
        known = 0.0
        for j in range(i):
            known += factor[i, j] * x[j]
        x[i] = (x[i] - known) / factor[i, i]
    for i in range(len(x) - 1, -1, -1):
        x[i] /= factor[i, i]
        for j in range(i):
            x[j] -= factor[i, j] * x[i]
    return x
