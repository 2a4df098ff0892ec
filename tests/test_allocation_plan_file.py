"""Plan files: they match their schema, and say the same thing every time."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from planner.allocation import dump_plan, problem_sha256, read_plan, read_problem, solve
from planner.bench.problems import random_problem
from planner.errors import InvalidInputError

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA = json.loads((DOCS / "allocation-plan-1.schema.json").read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_read_back_is_the_plan_that_was_written(seed: int) -> None:
    plan = solve(random_problem(seed))
    assert read_plan(dump_plan(plan)) == plan


def test_every_fault_of_a_plan_file_is_named_at_once() -> None:
    content = json.loads(dump_plan(solve(random_problem(4))))
    content["status"] = "perfect"
    content["levels"][0]["prices"] = {"S1/vcpu/2027": "dear"}
    content["placements"][0]["colour"] = "red"
    del content["certificate"]["feasible"]
    with pytest.raises(InvalidInputError) as caught:
        read_plan(json.dumps(content))
    found = {(fault.address, fault.code) for fault in caught.value.faults}
    assert found == {
        ("status", "wrong_kind"),
        ("levels[0].prices.S1/vcpu/2027", "wrong_kind"),
        ("placements[0].colour", "unknown_key"),
        ("certificate.feasible", "missing"),
    }
    with pytest.raises(InvalidInputError):
        read_plan("[]")


@pytest.mark.parametrize("seed", range(8))
def test_a_pool_costs_what_the_highest_level_that_it_holds_back_says(seed: int) -> None:
    plan = solve(random_problem(seed))
    prices = {level.name: level.prices for level in plan.levels}
    assert any(prices.values())
    for pool in plan.pools:
        if pool.level is not None:
            assert prices[pool.level][pool.pool] == pool.price
    assert all(price > 0 for level in prices.values() for price in level.values())


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


def examples() -> list[str]:
    page = (DOCS / "problem-format.md").read_text(encoding="utf-8")
    return re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_problem_in_the_docs_can_be_solved() -> None:
    text, _ = examples()
    problem = read_problem(text)
    plan = solve(problem)
    assert plan.status == "optimal"
    assert {row.code for row in problem.requirements} == {row.requirement for row in plan.placements}
    assert {row.requirement for row in plan.placements if row.standby} == {"R-000001"}


def test_the_plan_in_the_docs_matches_the_schema_and_shows_every_field() -> None:
    problem, example = examples()
    shown, solved = json.loads(example), json.loads(dump_plan(solve(read_problem(problem))))
    jsonschema.validate(shown, SCHEMA)
    assert list(shown) == list(solved)
    for name in ("levels", "placements", "pools", "service"):
        assert list(shown[name][0]) == list(solved[name][0])
    assert list(shown["certificate"]) == list(solved["certificate"])


def test_the_docs_explain_every_field_of_a_problem() -> None:
    page = (DOCS / "problem-format.md").read_text(encoding="utf-8")
    schema = json.loads((DOCS / "allocation-problem-1.schema.json").read_text(encoding="utf-8"))["properties"]
    rows = [schema, schema["requirements"]["items"]["properties"], schema["policy"]["properties"]]
    assert not [name for fields in rows for name in fields if f"`{name}" not in page and f'"{name}"' not in page]
