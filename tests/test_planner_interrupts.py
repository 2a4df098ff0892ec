"""Whoever listens may end a solve within a second, also inside one long run of the solver."""

import time

import highspy
import numpy as np
import pytest

from planner.allocation import Progress, solve
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.master import Master, new_highs
from planner.allocation.options import list_all_options
from planner.allocation.statement import read_statement
from planner.bench.problems import bench_problem
from planner.interrupts import run_highs


class StoppedError(Exception):
    """What a listener raises."""


class Stopwatch:
    """A listener that has enough after some seconds of work; the clock on the wall also counts what others do here."""

    def __init__(self, seconds: float) -> None:
        self.until = time.process_time() + seconds

    def __call__(self, _: Progress | None = None) -> None:
        if time.process_time() > self.until:
            raise StoppedError

    @property
    def overrun(self) -> float:
        return time.process_time() - self.until


def test_one_long_simplex_run_ends_within_a_second() -> None:
    instance = build_instance(bench_problem(2000, 10))
    layout = build_layout(instance)
    master = Master(instance, layout, read_statement(instance, layout))
    master.add(list_all_options(instance))
    listener = Stopwatch(1.0)
    with pytest.raises(StoppedError):
        master.solve("fairness", 0.0, None, listener)
    assert 0 <= listener.overrun < 1
    with pytest.raises(StoppedError):
        master.solve("fairness", 0.0, None, listener)


def test_one_long_search_for_whole_numbers_ends_within_a_second() -> None:
    rows, columns = 5, 40
    weights = np.random.default_rng(0).integers(1, 100, (rows, columns)).astype(np.float64)
    highs = new_highs()
    highs.addVars(columns, np.zeros(columns), np.ones(columns))
    highs.addVars(2 * rows, np.zeros(2 * rows), np.full(2 * rows, highspy.kHighsInf))
    bits = np.arange(columns, dtype=np.int32)
    highs.changeColsIntegrality(columns, bits, np.full(columns, 1, dtype=np.uint8))
    for row, weight in enumerate(weights):
        over_and_under = [columns + 2 * row, columns + 2 * row + 1]
        half = float(weight.sum() // 2)
        columns_used = np.array([*bits, *over_and_under], dtype=np.int32)
        highs.addRow(half, half, len(columns_used), columns_used, np.array([*weight, 1.0, -1.0]))
        highs.changeColsCost(2, np.array(over_and_under, dtype=np.int32), np.ones(2))
    listener = Stopwatch(0.5)
    with pytest.raises(StoppedError):
        run_highs(highs, listener)
    assert 0 <= listener.overrun < 1


@pytest.mark.parametrize("after", [0.0, 0.3, 1.5])
def test_a_solve_ends_within_a_second_wherever_it_stands(after: float) -> None:
    problem = bench_problem(5000, 10)
    listener = Stopwatch(after)
    with pytest.raises(StoppedError):
        solve(problem, progress=listener)
    assert listener.overrun < 1


def test_a_run_that_nobody_ends_is_left_alone_and_looked_at_more_than_once() -> None:
    instance = build_instance(bench_problem(300, 5))
    layout = build_layout(instance)
    results = []
    for tick in (lambda: None, Stopwatch(1e9)):
        master = Master(instance, layout, read_statement(instance, layout))
        master.add(list_all_options(instance))
        results.append(master.solve("fairness", 0.0, None, tick))
    assert results[0].finished
    assert results[0].value == results[1].value
