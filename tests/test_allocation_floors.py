"""Settled floors as variables with prices."""

import numpy as np

from planner.allocation.floors import STEEPER, STEEPEST, Floors
from planner.allocation.layout import SLACK


def settled() -> Floors:
    floors = Floors()
    floors.settle(7, 0.4)
    floors.settle(3, 0.4)
    assert floors.steepen()
    floors.settle(5, 0.6)
    return floors


def test_those_settled_together_have_one_floor_and_those_settled_first_the_higher_price() -> None:
    floors = settled()
    assert dict(floors.floor_of) == {7: 0, 3: 0, 5: 1}
    assert floors.shares.tolist() == [0.4, 0.6]
    assert floors.prices.tolist() == [STEEPER, 1.0]
    assert floors.steepen()
    assert floors.prices.tolist() == [STEEPER**2, STEEPER]


def test_a_floor_holds_if_it_is_not_short_by_more_than_the_point_is_wrong() -> None:
    floors = settled()
    assert floors.hold(np.array([0.4, 0.7]), 0.0)
    assert floors.hold(np.array([0.4 - SLACK / 2, 0.6]), 0.0)
    short = np.array([0.4, 0.6 - 1e-4])
    assert floors.short(short).round(12).tolist() == [0.0, 1e-4]
    assert not floors.hold(short, 1e-6)
    assert floors.hold(short, 1e-3)


def test_a_floor_that_settles_lower_than_one_before_keeps_its_place() -> None:
    floors = settled()
    floors.settle(1, 0.6 - 1e-10)
    assert floors.floor_of[1] == 2
    assert floors.prices.tolist() == [STEEPER, 1.0, 1.0]


def test_prices_do_not_rise_without_end() -> None:
    floors = settled()
    times = 0
    while floors.steepen():
        times += 1
    assert STEEPEST / STEEPER**2 < STEEPER**times <= STEEPEST


def test_without_anything_settled_everything_holds() -> None:
    floors = Floors()
    assert floors.hold(np.zeros(0), 0.0)
    assert floors.prices.shape == floors.shares.shape == (0,)
