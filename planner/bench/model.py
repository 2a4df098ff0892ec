"""Every option of every requirement as one LP in arrays: what a general solver is given to hold the engine against.

It is the model that `planner.bench.direct` states in PuLP, built in seconds where that takes minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocation.columns import build_entries
from planner.allocation.formulation import state
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import Options, may_start

BLOCK = 20_000
"""Requirements, or options, that are looked at together: it bounds the memory in use, not the result."""


@dataclass(frozen=True, eq=False)
class DirectModel:
    """Least of one level's row subject to `rows <= limits`; c columns, each >= 0, in compressed columns.

    Columns are the options, then the variables that requirements share. Rows are the layout's, in its order and divided
    by its scale, then one choice row a requirement.
    """

    options: int
    upper: Floats  # (c,), inf for none
    limits: Floats  # (rows,), inf for none
    first: NDArray[np.int32]  # (c,), where each column begins in `row` and `value`
    row: NDArray[np.int32]
    value: Floats
    level: dict[str, Floats]  # (c,) each: the level's row, scaled
    fairness: int
    """Column of the lowest service share."""


def build_model(instance: Instance, layout: Layout) -> DirectModel:
    """The whole LP of `instance`, no level held yet."""
    parts = [_option_columns(instance, layout, options) for options in every_option(instance)]
    shared, upper, fairness = _shared_columns(instance, layout)
    column, row = np.nonzero(shared)
    count = np.concatenate([*(part.count for part in parts), (shared != 0).sum(axis=1)])
    level = np.hstack([*(part.level for part in parts), shared[:, list(layout.level.values())].T])
    options = level.shape[1] - len(upper)
    return DirectModel(
        options=options,
        upper=np.concatenate([np.full(options, np.inf), upper]),
        limits=np.concatenate([layout.limits / layout.scale, np.ones(len(instance.requirements))]),
        first=(np.cumsum(count) - count).astype(np.int32),
        row=np.concatenate([*(part.row for part in parts), row.astype(np.int32)]),
        value=np.concatenate([*(part.value for part in parts), shared[column, row]]),
        level=dict(zip(layout.level, level, strict=True)),
        fairness=options + fairness,
    )


def count_options(instance: Instance) -> int:
    """How many options all requirements have together."""
    return sum(len(options) for options in every_option(instance))


def every_option(instance: Instance) -> Iterator[Options]:
    """Every option of every requirement, requirement by requirement, a block at a time."""
    for begin in range(0, len(instance.requirements), BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, len(instance.requirements)))
        possible = may_start(instance, rows)
        paired = instance.paired[rows]
        i, s, t = np.nonzero(possible & ~paired[:, None, None])
        alone = Options(rows[i], s, np.full(len(i), -1), t)
        options = Options.join([alone, _with_standby(instance, rows[paired], possible[paired])])
        yield options.take(np.argsort(options.requirement, kind="stable"))


def _with_standby(instance: Instance, rows: Ints, possible: NDArray[np.bool_]) -> Options:
    """The options of the requirements at `rows`: each possible home with each standby site in another region."""
    i, s, t = np.nonzero(possible)
    n = rows[i]
    open_from_start = (instance.opens <= t[:, None]) & (instance.closes >= instance.end[n, None])
    elsewhere = instance.region != instance.region[s, None]
    k, other = np.nonzero(instance.allowed[n] & open_from_start & elsewhere)
    return Options(n[k], s[k], other, t[k])


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of k options, one after another."""

    count: Ints  # (k,), entries of each
    row: NDArray[np.int32]
    value: Floats
    level: Floats  # (levels, k)


def _option_columns(instance: Instance, layout: Layout, options: Options) -> _Columns:
    entries = build_entries(instance, layout, options)
    scaled = entries.value / layout.scale[entries.row]
    level = np.zeros((len(layout.level), len(options)))
    for position, row_of_level in enumerate(layout.level.values()):
        at = entries.row == row_of_level
        level[position, entries.column[at]] = scaled[at]
    column = np.concatenate([entries.column, np.arange(len(options))])
    row = np.concatenate([entries.row, len(layout) + options.requirement])
    value = np.concatenate([scaled, np.ones(len(options))])
    order = np.lexsort((row, column))
    count = np.bincount(column, minlength=len(options))
    return _Columns(count, row[order].astype(np.int32), value[order], level)


def _shared_columns(instance: Instance, layout: Layout) -> tuple[Floats, Floats, int]:
    """The variables that requirements share, as PuLP states them: columns (shared, rows) scaled, bounds, fairness."""
    statement = state(instance, layout, Options.none())
    variables = statement.model.variables()
    at = {variable.name: column for column, variable in enumerate(variables)}
    columns = np.zeros((len(variables), len(layout)))
    for row, constraint in enumerate(statement.model.constraints()):
        for variable, value in constraint.items():
            columns[at[variable.name], row] = value / layout.scale[row]
    upper = [np.inf if variable.upBound is None else variable.upBound for variable in variables]
    return columns, np.array(upper, dtype=np.float64), at[statement.fairness.name]
