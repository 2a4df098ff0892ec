"""Problem files: what is written can be read, and whatever cannot be read is refused with its path and in words."""

import hashlib
import json
import math
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.allocation import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    Staff,
    dump_problem,
    problem_file,
    problem_sha256,
    read_problem,
)
from planner.allocation.problem import LEVELS
from planner.bench.problems import random_problem
from planner.errors import InvalidInputError
from planner.i18n import to_words
from planner.text import LocalText

SCHEMA = json.loads(
    Path(__file__).resolve().parent.parent.joinpath("docs/allocation-problem-1.schema.json").read_text(encoding="utf-8")
)
TEXT: dict[str, Any] = json.loads(dump_problem(random_problem(3, 2)))

codes = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=8)
names = st.none() | st.builds(LocalText, st.text(min_size=1, max_size=5), st.text(max_size=5))
amounts = st.floats(0, 1e15, allow_nan=False) | st.integers(0, 10**15).map(float)
shares = st.floats(0, 1)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Any valid problem, small."""
    first, horizon = draw(st.integers(1900, 2200)), draw(st.integers(1, 3))
    years = tuple(range(first, first + horizon))
    year = st.sampled_from(years)
    series = st.tuples(*[amounts] * horizon)
    limits = st.none() | st.tuples(*[st.none() | amounts] * horizon)

    def some(least: int = 0) -> list[str]:
        return draw(st.lists(codes, min_size=least, max_size=3, unique=True))

    def among(keys: list[str], values: st.SearchStrategy[Any]) -> dict[str, Any]:
        return draw(st.dictionaries(st.sampled_from(keys), values)) if keys else {}

    types, ministries, agencies = some(), some(1), some(1)
    regions, clearances, sites, requirements = some(1), some(1), some(), some()
    weights = {"normal": 2.0, **draw(st.dictionaries(codes, st.floats(0.1, 9), max_size=2))}
    return Problem(
        fiscal_years=years,
        resource_types=tuple(ResourceType(code, draw(st.text()), draw(st.booleans()), draw(names)) for code in types),
        ministries=tuple(Ministry(code, draw(names) or LocalText(code, code)) for code in ministries),
        agencies=tuple(Agency(code, draw(st.sampled_from(ministries)), draw(names)) for code in agencies),
        regions=tuple(Region(code, draw(names)) for code in regions),
        clearances=tuple(clearances),
        sites=tuple(
            Site(
                code,
                draw(st.sampled_from(regions)),
                draw(st.sampled_from(clearances)),
                among(types, series),
                among(types, st.floats(0.1, 9)),
                among(types, shares),
                among(types, series),
                draw(st.none() | st.just(first)),
                draw(st.none() | year),
                draw(names),
            )
            for code in sites
        ),
        requirements=tuple(
            Requirement(
                code,
                draw(st.sampled_from(agencies)),
                draw(st.sampled_from(clearances)),
                among(types, series),
                first,
                draw(st.none() | year),
                draw(st.sampled_from(["statutory", *weights])),
                draw(st.floats(0.1, 9)),
                draw(st.none() | st.just(tuple(sorted(regions)))),
                draw(st.none() | st.just(tuple(sorted(sites)))),
                draw(st.sampled_from([1, 2])),
                draw(st.booleans()),
                draw(st.sampled_from([None, *sites])),
                draw(st.dictionaries(codes, amounts, max_size=2)),
                draw(st.text(max_size=9)),
            )
            for code in requirements
        ),
        expansions=tuple(
            Expansion(code, draw(st.sampled_from(sites)), draw(st.sampled_from(types)), 1.5, draw(amounts), 1, 2.5)
            for code in (some() if sites and types else [])
        ),
        staff=tuple(Staff(code, draw(codes), draw(series)) for code in agencies),
        policy=Policy(
            levels=tuple(draw(st.lists(st.sampled_from(LEVELS), min_size=1, unique=True))),
            tolerance=draw(shares),
            priority_weights=weights,
            standby_ratio=among(types, shares),
            capex_limit=draw(limits),
            opex_limit=draw(limits),
            move_limit_tb=draw(limits),
            staff_gate=draw(st.booleans()),
            protect_incumbents=draw(st.booleans()),
            fairness=draw(st.sampled_from(["leximin", "maxmin"])),
            floors=among(ministries, shares),
            caps=among(ministries, shares),
            pins=among(requirements, st.sampled_from(sites)) if sites else {},
        ),
    )


def by_code(problem: Problem) -> Problem:
    """`problem` with its rows in the order of the canonical text."""
    sorted_rows = {
        name: tuple(sorted(getattr(problem, name), key=lambda row: row.code))
        for name in ("resource_types", "ministries", "agencies", "regions", "sites", "requirements", "expansions")
    }
    return replace(problem, **sorted_rows, staff=tuple(sorted(problem.staff, key=lambda row: (row.agency, row.role))))


@settings(max_examples=20, deadline=None)
@given(problems())
def test_what_is_written_is_read_back_and_matches_the_schema(problem: Problem) -> None:
    text = dump_problem(problem)
    again = read_problem(text)
    assert again == by_code(problem)
    assert dump_problem(again) == text
    assert problem_sha256(again) == problem_sha256(problem)
    jsonschema.validate(json.loads(text), SCHEMA)


def test_the_order_of_rows_and_whole_floats_do_not_change_the_text() -> None:
    problem = random_problem(5)
    backwards = replace(problem, requirements=problem.requirements[::-1], sites=problem.sites[::-1])
    assert dump_problem(backwards) == dump_problem(problem)
    sites = tuple(replace(site, overcommit={"vcpu": 2}) for site in problem.sites)
    same = tuple(replace(site, overcommit={"vcpu": 2.0}) for site in problem.sites)
    assert dump_problem(replace(problem, sites=sites)) == dump_problem(replace(problem, sites=same))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_the_text_is_one_however_many_requirements_are_written_together(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = random_problem(3, count)
    text = dump_problem(problem)
    assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) + "\n" == text
    monkeypatch.setattr(problem_file, "BLOCK", 2)
    assert dump_problem(problem) == text
    assert problem_sha256(problem) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("amount", [0.0, 3.0, 1e15])
def test_a_whole_float_of_a_requirement_is_written_as_an_integer(amount: float) -> None:
    problem = random_problem(3, 1)
    row = problem.requirements[0]
    fields = {"demand": {"tb": (amount,) * 3}, "staff_load": {"steward": amount}, "weight": amount or 1.0}
    stated = {"demand": {"tb": (int(amount),) * 3}, "staff_load": {"steward": int(amount)}, "weight": int(amount) or 1}
    texts = {dump_problem(replace(problem, requirements=(replace(row, **some),))) for some in (fields, stated)}
    assert len(texts) == 1


def test_what_may_be_left_out_has_its_default() -> None:
    text = json.loads(dump_problem(random_problem(3, 1)))
    for key in ("expansions", "staff", "policy"):
        del text[key]
    kept = ("code", "agency", "clearance", "demand", "start")
    text["requirements"] = [{key: row[key] for key in kept} for row in text["requirements"]]
    jsonschema.validate(text, SCHEMA)
    problem = read_problem(json.dumps(text))
    assert problem.policy == Policy()
    row = problem.requirements[0]
    assert row == Requirement(row.code, row.agency, row.clearance, row.demand, row.start)


def faults_of(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        read_problem(text)
    assert caught.value.faults
    for fault in caught.value.faults:
        assert to_words(fault.message, "th") != to_words(fault.message, "en"), fault.message.msgid
    return [(fault.address, fault.code) for fault in caught.value.faults]


def with_value(path: str, value: Any) -> str:
    """The text with the value at `path` (keys and positions between dots) replaced, or taken out if it is ...."""
    content = json.loads(json.dumps(TEXT))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at = content
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value", "address", "code"),
    [
        ("format", "allocation-problem/2", "format", "wrong_format"),
        ("format", ..., "format", "missing"),
        ("extra", 1, "extra", "unknown_key"),
        ("policy.speed", 1, "policy.speed", "unknown_key"),
        ("sites.0.colour", "red", "sites[0].colour", "unknown_key"),
        ("requirements.1.demnd", {}, "requirements[1].demnd", "unknown_key"),
        ("requirements.0.demand", ..., "requirements[0].demand", "missing"),
        ("requirements.0.start", "2027", "requirements[0].start", "wrong_kind"),
        ("requirements.0.start", 2027.5, "requirements[0].start", "wrong_kind"),
        ("requirements.0.start", True, "requirements[0].start", "wrong_kind"),
        ("requirements.0.start", None, "requirements[0].start", "wrong_kind"),
        ("requirements.0.weight", "1", "requirements[0].weight", "wrong_kind"),
        ("requirements.0.divisible", 1, "requirements[0].divisible", "wrong_kind"),
        ("requirements.0.sites", "S0", "requirements[0].sites", "wrong_kind"),
        ("requirements.0.sites", [1], "requirements[0].sites[0]", "wrong_kind"),
        ("requirements.0.demand", [], "requirements[0].demand", "wrong_kind"),
        ("requirements.0.demand.vcpu", 4, "requirements[0].demand.vcpu", "wrong_kind"),
        ("requirements.0.demand.vcpu", [1, "2", 3], "requirements[0].demand.vcpu[1]", "wrong_kind"),
        ("requirements.0.demand.vcpu", [1, 2], "requirements[0].demand.vcpu", "wrong_length"),
        ("requirements.0.demand.vcpu", [1, math.nan, 3], "requirements[0].demand.vcpu[1]", "not_finite"),
        ("requirements.0.demand.vcpu", [1, 2, -math.inf], "requirements[0].demand.vcpu[2]", "not_finite"),
        ("requirements.0.demand.vcpu", [10**400, 2, 3], "requirements[0].demand.vcpu[0]", "out_of_range"),
        ("requirements.0.weight", 1e300, "requirements[0].weight", "out_of_range"),
        ("requirements.0.weight", -1e300, "requirements[0].weight", "negative"),
        ("requirements.0.weight", 10**400, "requirements[0].weight", "out_of_range"),
        ("requirements.0.start", 10**400, "requirements[0].start", "outside_horizon"),
        ("fiscal_years.1", 10**400, "fiscal_years[1]", "not_ce_year"),
        ("requirements.1", [], "requirements[1]", "wrong_kind"),
        ("requirements", {}, "requirements", "wrong_kind"),
        ("clearances", None, "clearances", "wrong_kind"),
        ("policy", [], "policy", "wrong_kind"),
        ("policy.fairness", "lottery", "policy.fairness", "wrong_kind"),
        ("policy.fairness", ["leximin"], "policy.fairness", "wrong_kind"),
        ("policy.capex_limit", [None, "x", 1], "policy.capex_limit[1]", "wrong_kind"),
        ("policy.pins", {"R0000": 1}, "policy.pins.R0000", "wrong_kind"),
        ("ministries.0.code", "", "ministries[0].code", "bad_code"),
        ("sites.0.from", 10**30, "sites[0].from", "not_ce_year"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_cannot_be_read_is_refused_at_its_path(path: str, value: Any, address: str, code: str) -> None:
    assert (address, code) in faults_of(with_value(path, value))


def test_faults_of_reading_are_told_all_at_once() -> None:
    content = json.loads(with_value("requirements.0.weight", "heavy"))
    content["sites"][0]["from"] = 1.5
    content["hello"] = content["policy"]["bye"] = 0
    assert set(faults_of(json.dumps(content))) == {
        ("requirements[0].weight", "wrong_kind"),
        ("sites[0].from", "wrong_kind"),
        ("hello", "unknown_key"),
        ("policy.bye", "unknown_key"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("fiscal_years: [2027]", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"\x80abc", "not_json"),
        ('{"a": "\ud800"', "not_json"),
        ('{"format": "\\ud800"}', "not_json"),
        ('{"\\udfff": 1, "\\udfff": 2}', "not_json"),
        ("[" * 100_000, "not_json"),
        ('{"a":' * 100_000, "not_json"),
        ("1" * 10_000, "not_json"),
        ("[]", "wrong_kind"),
        ("null", "wrong_kind"),
        ("{}", "missing"),
        ('{"format": 1, "format": 2}', "duplicate_key"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_problem_file_is_refused(text: str | bytes, code: str) -> None:
    assert code in {found for _, found in faults_of(text)}


def test_a_key_that_stands_twice_is_named() -> None:
    text = dump_problem(random_problem(3)).replace('"tolerance":', '"tolerance":0.5,"tolerance":', 1)
    assert ("tolerance", "duplicate_key") in faults_of(text)


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TEXT, "x"]), inner, max_size=4),
    ),
    st.sampled_from(sorted(TEXT)),
)
def test_no_content_does_anything_but_read_or_be_refused(value: Any, key: str) -> None:
    text = json.dumps({**TEXT, key: value})
    try:
        problem = read_problem(text)
    except InvalidInputError:
        assert faults_of(text)
    else:
        assert dump_problem(problem) == dump_problem(read_problem(dump_problem(problem)))
