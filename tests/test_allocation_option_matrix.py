"""The matrix of the options at hand, held against their entries one by one."""

import numpy as np
import pytest
from matrices import in_full

from planner.allocation.columns import build_entries, build_whole
from planner.allocation.instance import Floats, Instance, build_instance
from planner.allocation.layout import POLICY, Layout, build_layout
from planner.allocation.option_matrix import OptionMatrix, build_matrix
from planner.allocation.options import Options, list_all_options, option_key
from planner.bench.problems import random_problem


def coefficients(instance: Instance, layout: Layout, options: Options) -> Floats:
    """Every coefficient, (rows, k), unscaled, less what the whole of its requirement adds to rows that count it.

    What pins would have stands in their level.
    """
    full, whole = (np.zeros((len(layout), count)) for count in (len(options), len(instance.requirements)))
    entries = build_entries(instance, layout, options)
    full[entries.row, entries.column] = entries.value
    entries = build_whole(instance, layout)
    whole[entries.row, entries.column] = entries.value
    wanting = full - whole[:, options.requirement]
    if len(pins := layout.pin[layout.pin >= 0]):
        wanting[layout.level[POLICY]] += wanting[pins].sum(axis=0)
        wanting[pins] = 0.0
    return wanting


def assert_right(instance: Instance, layout: Layout, at_hand: OptionMatrix) -> None:
    full = coefficients(instance, layout, at_hand.options)
    np.testing.assert_allclose(in_full(at_hand.matrix, len(layout)) * layout.scale[:, None], full, atol=1e-12)
    of = np.repeat(np.arange(len(at_hand.place)), np.diff(at_hand.matrix.first))
    assert (at_hand.place[at_hand.options.requirement] == of).all()
    nowhere = at_hand.options.site < 0
    asked = [*layout.service, *layout.floor, layout.level.get("statutory", -1)]
    limited = [*layout.cap, *layout.staff.ravel()]
    asked, limited = ([row for row in rows if row >= 0] for rows in (asked, limited))
    assert (full[asked] >= -1e-12).all(), "what is left wanting is never less than nothing"
    assert (full[limited] <= 1e-12).all(), "what is left wanting is never more than nothing"
    at_once = at_hand.options.start <= instance.start[at_hand.options.requirement]
    written_out = in_full(at_hand.matrix, len(layout))[asked + limited]
    assert not written_out[:, at_once & ~nowhere].any(), "nothing is left wanting by who is served at once, to the bit"
    for row in layout.level.values():
        np.testing.assert_allclose(at_hand.values(row), full[row], atol=1e-12)


@pytest.mark.parametrize("seed", range(25))
def test_the_matrix_is_what_the_options_use_however_they_came(seed: int) -> None:
    rng = np.random.default_rng(seed)
    instance = build_instance(random_problem(seed))
    layout = build_layout(instance)
    options = list_all_options(instance)
    options = options.take(rng.permutation(len(options)))
    none = build_matrix(instance, layout)
    cut = len(options) // 3
    parts = [options.take(slice_) for slice_ in (np.arange(cut), np.arange(cut, len(options)))]
    at_once = none.join(instance, layout, options)
    by_parts = none.join(instance, layout, parts[0]).join(instance, layout, parts[1])
    assert_right(instance, layout, none)
    assert_right(instance, layout, at_once)
    for one, other in zip(at_once.matrix, by_parts.matrix, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (option_key(instance, at_once.options) == option_key(instance, by_parts.options)).all()
    assert_right(instance, layout, by_parts.take(rng.random(len(by_parts.options)) < 0.5))


@pytest.mark.parametrize("seed", range(5))
def test_rows_can_be_left_out(seed: int) -> None:
    instance = build_instance(random_problem(seed))
    layout = build_layout(instance)
    at_hand = build_matrix(instance, layout).join(instance, layout, list_all_options(instance))
    rows = np.random.default_rng(seed).random(len(layout)) < 0.5
    kept = in_full(at_hand.over(rows), int(rows.sum()))
    np.testing.assert_allclose(kept, in_full(at_hand.matrix, len(layout))[rows], atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_requirements_may_join_later(seed: int) -> None:
    rng = np.random.default_rng(seed)
    instance = build_instance(random_problem(seed))
    layout = build_layout(instance)
    options = list_all_options(instance)
    among = rng.random(len(instance.requirements)) < 0.6
    first, later = options.take(among[options.requirement]), options.take(~among[options.requirement])
    some = build_matrix(instance, layout, among).join(instance, layout, first)
    joining = np.flatnonzero(~among)
    everybody = some.welcome(instance, layout, joining)
    at_hand = everybody.join(instance, layout, later)
    assert (some.place[joining] == -1).all()
    assert (everybody.place[among] == some.place[among]).all(), "who was there keeps its place"
    assert sorted(at_hand.place) == list(range(len(among)))
    assert_right(instance, layout, everybody)
    assert_right(instance, layout, at_hand)
    nowhere = Options.nowhere(np.arange(len(among)))
    assert set(option_key(instance, at_hand.options)) == set(option_key(instance, Options.join([nowhere, options])))
    assert len(at_hand.options) == len(options) + len(among)
