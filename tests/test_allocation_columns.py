"""Options as arrays say exactly what the statement in PuLP says."""

import os

import numpy as np
import pytest

from planner.allocation.columns import build_entries
from planner.allocation.formulation import state
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.options import list_all_options
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
