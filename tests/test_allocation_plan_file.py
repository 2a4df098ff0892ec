"""Plan files: they match their schema, and say the same thing every time."""

import json
from pathlib import Path

import jsonschema
import pytest

from planner.allocation import dump_plan, problem_sha256, solve
from planner.bench.problems import random_problem

SCHEMA = json.loads(
    Path(__file__).resolve().parent.parent.joinpath("docs/allocation-plan-1.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("seed", range(15))
def test_plans_match_the_schema(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem)
    content = json.loads(dump_plan(plan))
    jsonschema.validate(content, SCHEMA)
    assert content["problem_sha256"] == problem_sha256(problem)
    assert [row["name"] for row in content["levels"]] == [level.name for level in plan.levels]
    assert len(content["placements"]) == len(plan.placements)


def test_without_seconds_the_same_problem_gives_the_same_text() -> None:
    texts = {dump_plan(solve(random_problem(4)), with_seconds=False) for _ in range(2)}
    assert len(texts) == 1
    assert '"seconds"' not in texts.pop()


@pytest.mark.parametrize("seed", range(5))
def test_everything_in_a_plan_is_sorted_by_its_codes(seed: int) -> None:
    plan = solve(random_problem(seed))
    for codes in (
        [(row.requirement, row.start, row.site, row.standby or "") for row in plan.placements],
        [(row.expansion, row.fiscal_year) for row in plan.purchases],
        [row.requirement for row in plan.shortfalls],
        [row.pool for row in plan.pools],
        [row.ministry for row in plan.service],
    ):
        assert codes == sorted(set(codes))
