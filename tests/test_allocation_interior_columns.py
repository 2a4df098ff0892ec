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
