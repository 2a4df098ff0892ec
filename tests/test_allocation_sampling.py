"""Large problems that begin with a sample: what is drawn, where all then stand, and that the values stay the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from planner.allocation import Plan, Problem, dump_plan, engine, holding, part_master, sampling, solve
from planner.allocation.holding import Held, draw_lots
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.sampling import _central_shares, draw_sample
from planner.bench.problems import bench_problem, random_problem

Change = Callable[[Problem], Problem]


@pytest.fixture(autouse=True)
def nothing_falls_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems with staff are not left to the exact master here."""
    monkeypatch.setattr(engine, "APART", np.inf)


@pytest.fixture
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems take the road of very large ones."""
    monkeypatch.setattr(engine, "DIRECT", 50)
    monkeypatch.setattr(engine, "SAMPLED", 150)
    monkeypatch.setattr(engine, "SPARE", 0.3)
    monkeypatch.setattr(sampling, "LEAST", 100)
    monkeypatch.setattr(part_master, "FEW", 5)
    for module in (holding, part_master):
        monkeypatch.setattr(module, "MOST", 1.0)


def steered(problem: Problem) -> Problem:
    """A floor, a cap, and a pin at a place where it can stand."""
    first, second = (row.code for row in problem.ministries[:2])
    instance = build_instance(problem)
    pinned = problem.requirements[3].code
    site = instance.sites[int(instance.allowed[instance.requirements.index(pinned)].argmax())]
    policy = replace(problem.policy, floors={first: 0.5}, caps={second: 0.99}, pins={pinned: site})
    return replace(problem, policy=policy)


def tight(problem: Problem) -> Problem:
    limits = (5e9,) * len(problem.fiscal_years)
    return replace(problem, policy=replace(problem.policy, opex_limit=limits, move_limit_tb=(40.0,) * len(limits)))


def few_levels(problem: Problem) -> Problem:
    return replace(problem, policy=replace(problem.policy, levels=("priority", "cost")))


def starts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every start of an interior point from now on, whether it begins with something held."""
    begun, of_all = [], engine._starts

    def listened(*given: object, **more: object) -> Iterator[Held | None]:
        for held in of_all(*given, **more):
            begun.append(held is not None)
            yield held

    monkeypatch.setattr(engine, "_starts", listened)
    return begun


def assert_same_anew(monkeypatch: pytest.MonkeyPatch, problem: Problem, plan: Plan) -> None:
    monkeypatch.setattr(engine, "DIRECT", 1_000)
    monkeypatch.setattr(engine, "SAMPLED", 1_000)
    anew = solve(problem)
    assert plan.status == anew.status == "optimal"
    assert plan.certificate.feasible
    for one, other in zip(anew.levels, plan.levels, strict=True):
        assert abs(one.value - other.value) <= 5e-6 * max(abs(one.value), 1e-3), one.name
        assert other.gap <= 1e-6


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", [lambda problem: problem, tight, few_levels, steered])
@pytest.mark.usefixtures("small_samples")
def test_a_sample_leads_to_the_same_values(monkeypatch: pytest.MonkeyPatch, change: Change, seed: int) -> None:
    problem = change(bench_problem(300, 4, seed))
    begun = starts(monkeypatch)
    plan = solve(problem)
    assert begun == [False, True]  # the sample by itself, then all from what it held
    assert_same_anew(monkeypatch, problem, plan)


@pytest.mark.usefixtures("small_samples")
def test_what_a_sample_does_not_lead_to_is_solved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_master, "SOLVES", 1)
    problem = steered(bench_problem(300, 4, 0))
    begun = starts(monkeypatch)
    plan = solve(problem)
    assert begun == [False, True, False]
    assert_same_anew(monkeypatch, problem, plan)


@pytest.mark.usefixtures("small_samples")
def test_a_limit_that_passes_while_the_sample_is_solved_leaves_a_plan() -> None:
    plan = solve(bench_problem(300, 4, 0), time_limit=0.0)
    assert plan.status == "feasible"
    assert plan.placements
    assert plan.certificate.feasible
    assert {level.name: level.bound for level in plan.levels if level.name in ("fairness", "cost")} == {
        "fairness": 1.0,
        "cost": 0.0,
    }


def without_sha_and_seconds(plan: Plan) -> str:
    return dump_plan(
        replace(
            plan, problem_sha256="", seconds=0.0, levels=tuple(replace(level, seconds=0.0) for level in plan.levels)
        )
    )


@pytest.mark.usefixtures("small_samples")
def test_the_order_of_the_rows_does_not_matter() -> None:
    problem = bench_problem(300, 4, 1)
    turned = replace(problem, requirements=problem.requirements[::-1], sites=problem.sites[::-1])
    assert without_sha_and_seconds(solve(problem)) == without_sha_and_seconds(solve(turned))


@pytest.mark.parametrize("seed", range(30))
def test_a_sample_has_its_part_of_everything(seed: int) -> None:
    problem = random_problem(seed)
    instance = build_instance(problem)
    sample = draw_sample(instance)
    drawn = set(sample.instance.requirements)
    assert drawn == set(instance.requirements)  # fewer than are drawn at least
    for name in ("demand", "capacity", "fte", "load", "capex_limit", "move_limit", "module_price", "ministry_size"):
        np.testing.assert_allclose(getattr(sample.instance, name), getattr(instance, name))
    assert sample.part == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_asks_for_the_part_that_it_may_use(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(sampling, "LEAST", 200)
    problem = steered(bench_problem(1_000, 5, seed))
    instance = build_instance(problem)
    sample = draw_sample(instance)
    smaller, count = sample.instance, len(sample.instance.requirements)
    assert 150 < count < 250
    assert problem.requirements[3].code in smaller.requirements
    copies = 1 + smaller.paired[:, None, None] * smaller.standby_ratio[:, None]
    everyone = 1 + instance.paired[:, None, None] * instance.standby_ratio[:, None]
    part = (smaller.demand * copies).sum(axis=0) / (instance.demand * everyone).sum(axis=0)
    np.testing.assert_allclose(smaller.capacity, instance.capacity * part)
    assert sample.part == pytest.approx(part.mean())
    of_ministry = np.bincount(smaller.ministry, smaller.size.sum(axis=1), len(instance.ministries))
    np.testing.assert_allclose(smaller.ministry_size, of_ministry)
    assert len(build_layout(smaller).names) == len(build_layout(instance).names)


@pytest.mark.parametrize("seed", range(20))
def test_central_shares_lie_at_the_centre(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.normal(size=(50, 7)) * 10.0 ** rng.integers(-3, 4, (50, 1))
    costs[rng.random(costs.shape) < 0.3] = np.inf
    whole, mu = rng.random(50) < 0.3, 10.0 ** rng.integers(-6, 1)
    shares = _central_shares(costs, whole, mu)
    some = np.isfinite(costs).any(axis=1)
    assert (shares[~np.isfinite(costs)] == 0).all()
    assert (shares.sum(axis=1) <= 1 + 1e-5).all()
    np.testing.assert_allclose(shares[whole & some].sum(axis=1), 1.0, rtol=1e-4)
    for row, x, must in zip(costs[some], shares[some], whole[some], strict=True):
        lead = x.argmax()
        below = row[lead] - mu / x[lead]  # what all of them are measured from
        np.testing.assert_allclose(x[x > 1e-9], (mu / (row - below))[x > 1e-9], rtol=1e-3)
        if not must:
            assert x.sum() + mu / -below == pytest.approx(1.0, rel=1e-3)


def test_a_sample_of_a_sample_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "LEAST", 1)
    sizes, instance = [], build_instance(bench_problem(8000, 5))
    for _ in range(3):
        sizes.append(len(instance.requirements))
        instance = draw_sample(instance).instance
    assert sizes == pytest.approx([8000, 800, 80], rel=0.3)


@pytest.mark.usefixtures("small_samples")
def test_where_policy_pins_everything_there_is_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bench_problem(300, 4)
    instance = build_instance(problem)
    sites = [instance.sites[at] for at in instance.allowed.argmax(axis=1).tolist()]
    pins = dict(zip(instance.requirements, sites, strict=True))
    begun = starts(monkeypatch)
    plan = solve(replace(problem, policy=replace(problem.policy, pins=pins)))
    assert begun[:1] == [False]
    assert plan.certificate.feasible


def test_who_is_drawn_for_one_purpose_says_nothing_of_another() -> None:
    instance = build_instance(bench_problem(8000, 5))
    some, others = (draw_lots(instance, purpose) < 0.1 for purpose in ("one", "another"))
    assert (some & others).mean() == pytest.approx(0.01, rel=0.3)
