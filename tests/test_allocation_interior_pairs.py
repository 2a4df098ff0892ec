"""Loops over pairs of values and slacks, held against the formulas written out over whole vectors."""

import numpy as np
import pytest

from planner.allocation.instance import Floats
from planner.allocation.interior import pairs
from planner.allocation.interior.points import Pairs


def random_pairs(seed: int, count: int = 200) -> tuple[Pairs, Pairs, Pairs]:
    """Pairs over many powers of ten, and two changes of which some lead to zero."""
    rng = np.random.default_rng(seed)
    value, slack = 10.0 ** rng.uniform(-9, 3, (2, count))
    changes = rng.normal(0, 1, (2, 2, count)) * np.stack([value, slack])
    return Pairs(value, slack), Pairs(*changes[0]), Pairs(*changes[1])


def after(by: Pairs, change: Pairs, primal: float, dual: float) -> tuple[Floats, Floats]:
    return by.value + primal * change.value, by.slack + dual * change.slack


@pytest.mark.parametrize("seed", range(5))
def test_steps_along_pairs(seed: int) -> None:
    point, change, _ = random_pairs(seed)
    value, slack = after(point, change, 0.3, 0.7)
    moved = pairs.move(point, change, 0.3, 0.7)
    np.testing.assert_allclose(moved.value, value, rtol=1e-12)
    np.testing.assert_allclose(moved.slack, slack, rtol=1e-12)
    assert pairs.gap(point, change, 0.3, 0.7) == pytest.approx(value @ slack, rel=1e-12)
    np.testing.assert_allclose(pairs.remainder(2.0, point), 2.0 - point.value * point.slack, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_products_are_aimed_between_a_tenth_and_ten_times_the_aim_but_lowered_no_further(seed: int) -> None:
    point, change, _ = random_pairs(seed)
    value, slack = after(point, change, 0.3, 0.7)
    goals = pairs.centre(point, change, 0.3, 0.7, 2.0)
    np.testing.assert_allclose(goals, np.maximum(np.clip(value * slack, 0.2, 20.0) - value * slack, -20.0), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_longest_step_ends_where_the_first_value_is_zero(seed: int) -> None:
    (value, slack), change, more = random_pairs(seed)
    assert pairs.fastest(value, change.value) == pytest.approx((-change.value / value).max(), rel=1e-12)
    assert pairs.fastest(value, value) == 1.0, "nothing is lost"
    weights = np.linspace(1.0, 0.2, 5)
    lost = [(-(change.slack + weight * more.slack) / slack).max() for weight in weights]
    np.testing.assert_allclose(pairs.blend(slack, change.slack, more.slack, weights), lost, rtol=1e-12)
    np.testing.assert_array_equal(pairs.blend(slack, slack, slack, weights), 1.0)


def test_slacks_follow_values_so_that_products_change_as_wanted() -> None:
    point, _, _ = random_pairs(0)
    rng = np.random.default_rng(1)
    theta, goals = point.value / point.slack, rng.normal(0, 1, 200)
    missed, paid = rng.normal(0, 1, (2, 200))
    for part in (0.0, 1.0):
        gains = pairs.gain(missed, part, point.value, goals)
        change = Pairs(theta * (paid + gains), goals.copy())
        pairs.follow(point, change)
        by, slack = change.value, change.slack
        np.testing.assert_allclose(slack, part * missed - paid, rtol=1e-6, atol=1e-9 * np.abs(by / theta).max())
        products = point.slack * by + point.value * slack
        np.testing.assert_allclose(products, goals, atol=1e-9 * np.abs(point.slack * by).max())


def test_a_system_is_solved_by_its_factor() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(0, 1, (40, 60)) @ rng.normal(0, 1, (60, 40))
    matrix, right = matrix @ matrix.T + np.eye(40), rng.normal(0, 1, 40)
    np.testing.assert_allclose(matrix @ pairs.substitute(np.linalg.cholesky(matrix), right), right, atol=1e-9)
