"""Options as arrays say exactly what the statement in PuLP says."""

import os

import numpy as np
import pytest

from planner.allocation import columns, solve
from planner.allocation.columns import build_entries, row_use
from planner.allocation.formulation import state
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.options import Options, list_all_options
from planner.bench.problems import random_problem

PROBLEMS = int(os.environ.get("RANDOM_PROBLEMS", "60"))


@pytest.mark.parametrize("seed", range(PROBLEMS))
def test_columns_are_the_statements_matrix(seed: int) -> None:
    instance = build_instance(random_problem(seed, 15))
    layout, options = build_layout(instance), list_all_options(instance)
    entries = build_entries(instance, layout, options)
    places = list(zip(entries.row.tolist(), entries.column.tolist(), strict=True))
    assert len(set(places)) == len(places)
    as_arrays = np.zeros((len(layout), len(options)))
    as_arrays[entries.row, entries.column] = entries.value

    statement = state(instance, layout, options)
    at = {variable.name: k for k, variable in enumerate(statement.grant)}
    stated = np.zeros_like(as_arrays)
    for row, constraint in enumerate(statement.model.constraints()[: len(layout)]):
        for variable, amount in constraint.items():
            if variable.name in at:
                stated[row, at[variable.name]] = amount
    np.testing.assert_allclose(as_arrays, stated, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_what_options_use_is_the_same_in_blocks_of_any_size(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(seed, 15)
    instance = build_instance(problem)
    layout, options = build_layout(instance), list_all_options(instance)
    shares = np.random.default_rng(seed).random(len(options))
    use, plan = row_use(instance, layout, options, shares), solve(problem)
    assert not row_use(instance, layout, Options.none(), np.zeros(0)).any()
    for size in (1, 7, len(options)):
        monkeypatch.setattr(columns, "BLOCK", size)
        np.testing.assert_allclose(row_use(instance, layout, options, shares), use, rtol=1e-12, atol=1e-12)
    monkeypatch.setattr(columns, "BLOCK", 2)
    again = solve(problem)
    assert [row.requirement for row in again.shortfalls] == [row.requirement for row in plan.shortfalls]
    for row, same in zip(again.shortfalls, plan.shortfalls, strict=True):
        assert [reason.pool for reason in row.reasons] == [reason.pool for reason in same.reasons]
        assert row.share == pytest.approx(same.share, abs=1e-9)
    for pool, alike in zip(again.pools, plan.pools, strict=True):
        assert pool.use == pytest.approx(alike.use, rel=1e-9, abs=1e-9)
