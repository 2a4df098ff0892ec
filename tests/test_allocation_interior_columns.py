"""The operator that works on the structure of the options, held against the matrix written out in full."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from matrices import in_full, random_matrix, requirement_of

from planner.allocation.instance import Floats
from planner.allocation.interior import Matrix, columns, kernels
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
    a, member = in_full(matrix, rows), members(matrix)
    shares, prices, theta = rng.uniform(0, 1, options), rng.uniform(-1, 1, rows), rng.uniform(0.1, 2, options)
    sums = (member * theta) @ a.T
    with in_threads(choices) as each:
        operator = Columns(matrix, rows, each=each)
        np.testing.assert_allclose(operator.use(shares), a @ shares, atol=1e-12)
        np.testing.assert_allclose(operator.charge(prices), a.T @ prices, atol=1e-12)
        np.testing.assert_allclose(operator.by_choice(shares), member @ shares, atol=1e-12)
        gram = (a * theta) @ a.T - (sums.T / (member @ theta)) @ sums
        np.testing.assert_allclose(operator.gram(operator.weigh(theta)), gram, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_changes_come_to_what_each_requirement_misses(
    shape: dict[str, int], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With E the requirements' sums: d = theta (gains + E' alpha), and E d = missed."""
    monkeypatch.setattr(columns, "CHUNK", 7)
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, **shape)
    choices, options = len(matrix.home), len(matrix.site)
    member, theta = members(matrix), rng.uniform(0.1, 2, options)
    gains, missed = rng.uniform(-1, 1, options), rng.uniform(-1, 1, choices)
    with in_threads(choices) as each:
        operator = Columns(matrix, len(matrix.row) + 1, each=each)
        changes, alpha = operator.share_out(operator.weigh(theta), gains, missed)
    np.testing.assert_allclose(changes, theta * (gains + member.T @ alpha), atol=1e-12)
    np.testing.assert_allclose(member @ changes, missed, atol=1e-12)


def test_what_is_as_good_as_taken_hides_nothing() -> None:
    """Theta of one option 1e16 times that of others: sums with it lose these, differences from it do not.

    With the key's shares all but fixed, what is left is theta of each other times how it differs from the key.
    """
    rng = np.random.default_rng(0)
    matrix = random_matrix(rng, choices=40, options=200)
    rows, options = int(matrix.row.max()) + 1, len(matrix.site)
    a, key = in_full(matrix, rows), matrix.first[:-1] + 1
    key = np.minimum(key, matrix.first[1:] - 1)
    theta = rng.uniform(0.1, 2, options)
    theta[key] = 1e16
    apart = a - a[:, np.repeat(key, np.diff(matrix.first))]
    operator = Columns(matrix, rows)
    weights = operator.weigh(theta)
    np.testing.assert_array_equal(weights.key, key)
    np.testing.assert_allclose(operator.gram(weights), (apart * np.where(theta > 2, 0, theta)) @ apart.T, rtol=1e-9)
    gains = rng.uniform(-1, 1, options)
    changes, _ = operator.share_out(weights, gains, np.zeros(len(key)))
    others = np.where(theta > 2, 0.0, theta * (gains - gains[np.repeat(key, np.diff(matrix.first))]))
    np.testing.assert_allclose(operator.use(changes), apart @ others, atol=1e-9)


def members(matrix: Matrix) -> Floats:
    """Whose each option is, (choices, k)."""
    member = np.zeros((len(matrix.home), len(matrix.site)))
    for k in range(len(matrix.site)):
        member[requirement_of(matrix, k), k] = 1.0
    return member


def test_an_end_is_heard_while_a_matrix_is_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    class EndError(Exception):
        pass

    def end() -> None:
        raise EndError

    monkeypatch.setattr(columns, "CHUNK", 7)
    matrix = random_matrix(np.random.default_rng(0))
    operator = Columns(matrix, len(matrix.row), tick=end)
    weights = operator.weigh(np.ones(len(matrix.site)))
    with pytest.raises(EndError):
        operator.gram(weights)


def test_kernels_work_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])

    def twice(amount: float) -> float:
        return 2 * amount

    assert kernels.compiled(twice)(1.5) == 3.0


def test_kernels_of_a_folder_that_can_only_be_read_are_not_compiled_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is new is kept in a copy, which the process takes away when it ends."""

    def twice(amount: float) -> float:
        return 2 * amount

    endings: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", endings.append)
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    kernels.copy_cache()
    assert kernels.compiled(twice)(1.5) == 3.0
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr("os.access", lambda *_asked: False)
    kernels.copy_cache()
    again: Any = kernels.compiled(twice)
    assert (again(2.5), again(2)) == (5.0, 4)
    assert (sum(again.stats.cache_hits.values()), sum(again.stats.cache_misses.values())) == (1, 1)
    assert sorted(tmp_path.rglob("*")) == before
    copy = Path(numba.config.CACHE_DIR)
    assert copy.is_dir()
    (end,) = endings
    end()
    assert not copy.exists()
