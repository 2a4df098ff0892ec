"""The operator that works on the structure of the options, held against the matrix written out in full."""

import numpy as np
import pytest
from matrices import in_full, random_matrix, requirement_of

from planner.allocation.interior import columns, kernels
from planner.allocation.interior.columns import Columns, in_threads

SHAPES = [
    {},
    {"sites": 1},
    {"years": 1, "types": 1},
    {"sites": 6, "years": 4, "types": 3, "options": 300},
    {"choices": 1},
    {"options": 0},
    {"choices": 0, "options": 0},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_the_operator_is_the_matrix(shape: dict[str, int], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "CHUNK", 7)
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, **shape)
    choices, options, rows = len(matrix.home), len(matrix.site), len(matrix.row) + 1
    a = in_full(matrix, rows)
    member = np.zeros((choices, options))
    for k in range(options):
        member[requirement_of(matrix, k), k] = 1.0
    shares, prices, weight = rng.uniform(0, 1, options), rng.uniform(-1, 1, rows), rng.uniform(0, 1, choices)
    sums = (member * shares) @ a.T
    with in_threads(choices) as each:
        operator = Columns(matrix, rows, np.arange(choices), each=each)
        np.testing.assert_allclose(operator.use(shares), a @ shares, atol=1e-12)
        np.testing.assert_allclose(operator.charge(prices), a.T @ prices, atol=1e-12)
        np.testing.assert_allclose(operator.by_choice(shares), member @ shares, atol=1e-12)
        gram = (a * shares) @ a.T - (sums.T * weight) @ sums
        np.testing.assert_allclose(operator.gram(shares, weight), gram, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_a_direction_solves_the_rows_of_choices_and_shares(
    shape: dict[str, int], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At prices rho, with E the requirements' sums: d = theta (A' rho + E' alpha) - push, and E d = missed."""
    monkeypatch.setattr(columns, "CHUNK", 7)
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, **shape)
    choices, options, rows = len(matrix.home), len(matrix.site), len(matrix.row) + 1
    partial = np.flatnonzero(rng.random(choices) < 0.7)
    count = options + len(partial)
    a, member = np.zeros((rows, count)), np.zeros((choices, count))
    a[:, :options] = in_full(matrix, rows)
    member[[requirement_of(matrix, k) for k in range(options)], np.arange(options)] = 1.0
    member[partial, options + np.arange(len(partial))] = 1.0
    theta, pushes, prices = rng.uniform(0.1, 2, count), rng.uniform(-1, 1, count), rng.uniform(-1, 1, rows)
    missed, has_shares = rng.uniform(-1, 1, choices), member.any(axis=1)
    with in_threads(choices) as each:
        operator = Columns(matrix, rows, partial, each=each)
        weights = operator.weigh(theta[:options], theta[options:])
        used, alpha = operator.push(weights, pushes, missed)
        np.testing.assert_allclose(used, a @ (pushes - theta * (member.T @ alpha)), atol=1e-12)
        np.testing.assert_allclose(member @ (pushes - theta * (member.T @ alpha)), -missed * has_shares, atol=1e-12)
        paid = operator.answer(weights, prices, alpha)
    np.testing.assert_allclose(paid, a.T @ prices + member.T @ alpha, atol=1e-12)
    np.testing.assert_allclose(member @ (theta * paid - pushes), missed * has_shares, atol=1e-12)


def test_an_end_is_heard_while_a_matrix_is_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    class EndError(Exception):
        pass

    def end() -> None:
        raise EndError

    monkeypatch.setattr(columns, "CHUNK", 7)
    matrix = random_matrix(np.random.default_rng(0))
    operator = Columns(matrix, len(matrix.row), np.arange(30), tick=end)
    with pytest.raises(EndError):
        operator.gram(np.ones(100), np.ones(30))


def test_kernels_work_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])

    def twice(amount: float) -> float:
        return 2 * amount

    assert kernels.compiled(twice)(1.5) == 3.0
