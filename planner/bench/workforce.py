"""Seeded registers to measure the workforce with: agencies of made-up size, staffed worse than their norms ask.

The same arguments give the same register on every machine. Amounts are made up.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from planner.bench.manpower import GOALS, solve_directly, solve_with_pulp
from planner.bench.run import describe_machine
from planner.workforce.closing import close_gaps
from planner.workforce.coverage import by_ministry, cover, nationwide
from planner.workforce.measures import ClosingProblem, Cohort, Course, Hiring, Lending, Measures
from planner.workforce.plan import ClosingPlan
from planner.workforce.problem import Agency, Duty, Norm, Person, Posts, Role, Share, Workforce, Workload
from planner.workforce.register import build_register

WORKFORCE_FORMAT: Final = "planner-bench-workforce/1"
FIRST_YEAR: Final = 2027
ROLES: Final = (
    "data_head",
    "steward",
    "dpo",
    "engineer",
    "scientist",
    "analyst",
    "governance",
    "cloud",
)
LEVELS: Final = ("awareness", "working", "practitioner", "expert")
MINISTRIES: Final = 20


@dataclass(frozen=True, slots=True)
class MeasuredWorkforce:
    """Seconds of coverage (arrays, roll-ups) and of the plan that closes gaps, whole and by level.

    `plan_cpu` are seconds of the processor, whatever else it did meanwhile.
    """

    agencies: int
    people: int
    coverage_seconds: float
    plan_seconds: float
    plan_cpu: float
    level_seconds: Mapping[str, float]
    columns: int
    rounds: int
    solves: int
    largest_gap: float


def bench_workforce(agencies: int, seed: int = 0, years: int = 5) -> Workforce:
    """A register of `agencies` x 8 roles x `years`; about 15 people an agency, two thirds of what norms ask for."""
    rng = np.random.default_rng(seed)
    codes = tuple(f"A{n:04}" for n in range(agencies))
    size = np.round(rng.lognormal(3.0, 0.8, agencies))
    growth = 1.0 + rng.uniform(0.0, 0.12, agencies)
    loads = [_workload(code, size[n] * growth[n] ** np.arange(years)) for n, code in enumerate(codes)]
    people, posts = _staff(rng, codes, size, years)
    return Workforce(
        fiscal_years=tuple(range(FIRST_YEAR, FIRST_YEAR + years)),
        roles=tuple(Role(code, round(0.03 + 0.01 * n, 2)) for n, code in enumerate(ROLES)),
        agencies=tuple(Agency(code, f"M{n % MINISTRIES:02}") for n, code in enumerate(codes)),
        norms=tuple(_norm(n, code) for n, code in enumerate(ROLES)),
        workloads=loads,
        posts=posts,
        people=people,
        duties=tuple(_duty(rng, people, code) for code in codes),
    )


def bench_measures(agencies: int, years: int = 5) -> Measures:
    """Two courses a role, seats for about a tenth of the gap, hires, secondments, and a budget that binds."""
    courses = tuple(
        Course(f"{role}-{level}", role, level, role, goal, 40_000.0 + 20_000.0 * step, 1, 0.15)
        for role in ROLES
        for step, (level, goal) in enumerate((("awareness", "working"), ("working", "practitioner")))
    )
    seats = float(max(1, agencies // 10))
    span = range(FIRST_YEAR, FIRST_YEAR + years)
    return Measures(
        courses=courses,
        cohorts=tuple(Cohort(course.code, year, seats) for course in courses for year in span),
        hiring=tuple(Hiring(role, 600_000.0 + 60_000.0 * n, "practitioner") for n, role in enumerate(ROLES)),
        lending=Lending(120_000.0, 0.8),
        budget=(250_000.0 * agencies,) * years,
    )


def bench_problem(agencies: int, seed: int = 0, years: int = 5) -> ClosingProblem:
    """`bench_workforce` with `bench_measures`."""
    return ClosingProblem(bench_workforce(agencies, seed, years), bench_measures(agencies, years))


def measure_workforce(problem: ClosingProblem) -> tuple[MeasuredWorkforce, ClosingPlan]:
    """Time coverage and the plan of `problem`, once each."""
    began = time.perf_counter()
    coverage = cover(build_register(problem.workforce))
    nationwide(by_ministry(problem.workforce, coverage))
    covered = time.perf_counter() - began
    began = time.process_time()
    plan = close_gaps(problem)
    cpu = time.process_time() - began
    measured = MeasuredWorkforce(
        agencies=len(problem.workforce.agencies),
        people=len(problem.workforce.people),
        coverage_seconds=covered,
        plan_seconds=plan.seconds,
        plan_cpu=cpu,
        level_seconds={level.name: level.seconds for level in plan.levels},
        columns=plan.columns,
        rounds=plan.rounds,
        solves=plan.solves,
        largest_gap=plan.certificate.largest_gap,
    )
    return measured, plan


def describe_workforce(measured: MeasuredWorkforce, seed: int) -> dict[str, Any]:
    """Everything measured as values for JSON, with the classical model by PuLP and by HiGHS directly beside it."""
    return {
        "format": WORKFORCE_FORMAT,
        "machine": describe_machine(),
        "register": {"agencies": measured.agencies, "people": measured.people, "roles": len(ROLES), "seed": seed},
        "coverage_seconds": measured.coverage_seconds,
        "plan": {
            "seconds": {**measured.level_seconds, "total": measured.plan_seconds, "cpu": measured.plan_cpu},
            "columns": measured.columns,
            "rounds": measured.rounds,
            "solves": measured.solves,
            "largest_gap": measured.largest_gap,
        },
        "classical": {
            goal: {name: asdict(solve(goal)) for name, solve in (("pulp", solve_with_pulp), ("highs", solve_directly))}
            for goal in GOALS
        },
    }


def _workload(agency: str, datasets: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Workload:
    def series(factor: float) -> tuple[float, ...]:
        return tuple(np.round(datasets * factor, 2).tolist())

    return Workload(agency, series(1.0), series(0.3), series(2.5), series(12.0))


def _norm(position: int, role: str) -> Norm:
    floor = 1.0 if position < 3 else 0.0
    return Norm(role, FIRST_YEAR, floor, 0.02 + 0.01 * (position % 3), 0.03, 0.004, 0.0005 * (position % 2))


def _staff(
    rng: np.random.Generator, codes: tuple[str, ...], size: np.ndarray[tuple[int], np.dtype[np.float64]], years: int
) -> tuple[tuple[Person, ...], tuple[Posts, ...]]:
    people: list[Person] = []
    posts = []
    for n, code in enumerate(codes):
        rich = rng.uniform(0.2, 1.3)
        for r, role in enumerate(ROLES):
            wanted = max(1.0, size[n] * 0.05)
            heads = int(rng.poisson(wanted * rich))
            authorised = round(float(heads + rng.poisson(0.6 * wanted)), 1)
            posts.append(Posts(code, role, (authorised,) * years))
            for _ in range(heads):
                level = LEVELS[int(rng.choice(4, p=[0.3, 0.35, 0.25, 0.1]))]
                shares = [Share(role, 0.8, level)]
                if rng.random() < 0.25:
                    shares.append(Share(ROLES[(r + 1) % len(ROLES)], 0.2, "awareness"))
                leaves = FIRST_YEAR + int(rng.integers(1, 5)) if rng.random() < 0.08 else None
                people.append(Person(f"P{len(people):06}", code, tuple(shares), leaves=leaves))
    return tuple(people), tuple(posts)


def _duty(rng: np.random.Generator, people: tuple[Person, ...], agency: str) -> Duty:
    accountable = people[int(rng.integers(len(people)))].code if people and rng.random() < 0.8 else None
    return Duty(agency, f"D-{agency}", accountable)


def random_closing_problem(seed: int, agencies: int = 3, years: int = 3) -> ClosingProblem:
    """A small problem in which each measure is there about as often as not."""
    rng = np.random.default_rng(seed)

    def chance(share: float) -> bool:
        return bool(rng.random() < share)

    def amount(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 2)

    codes, roles = [f"A{n}" for n in range(agencies)], ROLES[:2]
    span = tuple(range(FIRST_YEAR, FIRST_YEAR + years))
    people = tuple(
        Person(
            f"P{n}",
            codes[int(rng.integers(agencies))],
            tuple(Share(role, amount(0.2, 0.6), LEVELS[int(rng.integers(4))]) for role in roles if chance(0.8)),
            leaves=FIRST_YEAR + 1 if chance(0.1) else None,
        )
        for n in range(4 * agencies)
    )
    courses = (
        Course("up", roles[0], "awareness", roles[0], "working", amount(1e4, 9e4), int(chance(0.5)), 0.2),
        Course("on", roles[0], "working", roles[0], "expert", amount(1e4, 9e4), 1, 0.1),
        Course("over", roles[1], "working", roles[0], "practitioner", amount(1e4, 9e4), 1, 0.3),
    )
    return ClosingProblem(
        Workforce(
            fiscal_years=span,
            roles=tuple(Role(role, amount(0, 0.3)) for role in roles),
            agencies=tuple(Agency(code, f"M{n % 2}") for n, code in enumerate(codes)),
            norms=tuple(Norm(role, FIRST_YEAR, amount(0, 3)) for role in roles),
            posts=tuple(Posts(code, role, (amount(0, 3),) * years) for code in codes for role in roles if chance(0.5)),
            people=people,
            duties=tuple(Duty(code, f"D-{code}", people[int(rng.integers(len(people)))].code) for code in codes),
        ),
        Measures(
            courses=courses,
            cohorts=tuple(Cohort(row.code, year, amount(0, 1.5)) for row in courses for year in span if chance(0.6)),
            hiring=tuple(Hiring(role, amount(4e5, 9e5), "practitioner") for role in roles if chance(0.6)),
            lending=Lending(amount(1e5, 3e5), amount(0.5, 1)) if chance(0.6) else None,
            budget=tuple(amount(1e4, 1e6) if chance(0.8) else None for _ in span) if chance(0.7) else None,
        ),
    )
