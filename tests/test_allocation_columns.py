"""Options as arrays say exactly what the statement in PuLP says."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from planner.allocation import Staff, columns, solve
from planner.allocation.columns import build_entries, idle_staff, row_use
from planner.allocation.formulation import state
from planner.allocation.instance import Instance, build_instance
from planner.allocation.layout import Layout, build_layout
from planner.allocation.options import Options, list_all_options
from planner.bench.problems import bench_problem, random_problem

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
def test_entries_of_some_columns_are_those_of_their_options_alone(seed: int) -> None:
    instance = build_instance(random_problem(seed, 15))
    layout, options = build_layout(instance), list_all_options(instance)
    kept = np.random.default_rng(seed).random(len(options)) < 0.4
    found = build_entries(instance, layout, options).among(kept)
    alone = build_entries(instance, layout, options.take(kept))
    matrices = np.zeros((2, len(layout), int(kept.sum())))
    for matrix, entries in zip(matrices, (found, alone), strict=True):
        matrix[entries.row, entries.column] = entries.value
    assert len(found.row) == len(alone.row)
    np.testing.assert_array_equal(*matrices)


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


def staffed(fte: tuple[float, ...], end: int | None = None) -> tuple[Instance, Layout]:
    """Two requirements of one agency, both from the first year and the last of them until `end`, a FTE each."""
    problem = bench_problem(20, 5, seed=1)
    agency, start = problem.requirements[0].agency, problem.fiscal_years[0]
    rows = [
        replace(row, agency=agency, start=start, end=until, staff_load={"steward": 1.0}, demand=flat(row.demand, until))
        for row, until in zip(problem.requirements[:2], (None, end), strict=True)
    ]
    policy = replace(problem.policy, staff_gate=True)
    staff = (Staff(agency, "steward", fte),)
    instance = build_instance(replace(problem, requirements=tuple(rows), staff=staff, policy=policy))
    return instance, build_layout(instance)


def flat(demand: Mapping[str, Sequence[float]], end: int | None) -> dict[str, tuple[float, ...]]:
    """One unit a year of all that is asked for, up to fiscal year `end`."""
    first = bench_problem(20, 5, seed=1).fiscal_years[0]
    return {
        code: tuple(1.0 if end is None or first + t <= end else 0.0 for t in range(len(series)))
        for code, series in demand.items()
    }


@pytest.mark.parametrize(
    ("fte", "end", "binding"),
    [
        ((2.0, 2.0, 2.0, 2.0, 2.0), None, []),
        ((1.0, 1.0, 1.0, 1.0, 1.0), None, [4]),
        ((1.9, 1.5, 1.0, 1.0, 1.0), None, [4]),
        ((1.0, 1.5, 1.0, 1.9, 3.0), None, [0, 2, 3]),
        ((1.0, 1.0, 1.0, 0.5, 0.5), 2, [2, 4]),
    ],
)
def test_staff_rows_that_limit_nothing_are_known(fte: tuple[float, ...], end: int | None, binding: list[int]) -> None:
    first = bench_problem(20, 5, seed=1).fiscal_years[0]
    instance, layout = staffed(fte, None if end is None else first + end)
    assert np.flatnonzero(~idle_staff(instance, layout)[layout.staff[0]]).tolist() == binding


def test_what_keeps_the_other_staff_rows_keeps_those_that_limit_nothing() -> None:
    seen = np.zeros(2, dtype=np.int64)
    for seed in range(PROBLEMS):
        instance = build_instance(random_problem(seed, 15))
        layout, options = build_layout(instance), list_all_options(instance)
        idle = idle_staff(instance, layout)
        assert not np.delete(idle, layout.staff[layout.staff >= 0]).any()
        rng = np.random.default_rng(seed)
        shares = rng.random(len(options)) ** 8
        shares /= np.maximum(np.bincount(options.requirement, shares, len(instance.requirements)), 1.0)[
            options.requirement
        ]
        for agency in {code for code, _ in instance.staff}:
            mine = np.array([code == agency for code, _ in instance.staff])
            rows = layout.staff[mine][layout.staff[mine] >= 0]
            theirs = np.isin(options.requirement, instance.load_requirement[mine[instance.load_staff]])
            use = row_use(instance, layout, options.take(theirs), shares[theirs])[rows]
            others = ~idle[rows] & (use > 0)
            room = (layout.limits[rows][others] / use[others]).min(initial=1.0)
            assert (room * use[idle[rows]] <= layout.limits[rows][idle[rows]] + 1e-9).all()
            seen += [idle[rows].sum(), (~idle[rows]).sum()]
    assert (seen > 20).all(), "rows of both kinds"
