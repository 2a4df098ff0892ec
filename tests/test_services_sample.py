"""The sample is big and varied enough, and says that it is made up."""

import io
from collections import Counter
from typing import Any

import pytest

from planner.services.sample import YEARS, build_sample, sample_workbook
from reports.catalogue import CATEGORIES, READINESS_ITEMS
from reports.reader import read_workbook


def test_another_seed_makes_other_rows() -> None:
    assert build_sample().rows == build_sample().rows
    assert build_sample(1).rows["requirements"] != build_sample().rows["requirements"]


def test_the_sample_reads_without_a_fault_and_is_marked() -> None:
    found = read_workbook(io.BytesIO(sample_workbook()))
    assert not found.faults
    assert found.synthetic


def test_the_sample_has_the_size_and_the_variety_that_a_demonstration_needs() -> None:
    rows: dict[str, Any] = dict(build_sample().rows)
    requirements = rows["requirements"]
    assert {key: len(rows[key]) for key in ("ministries", "sites", "regions", "clearances", "fiscal_years")} == {
        "ministries": 20,
        "sites": 7,
        "regions": 4,
        "clearances": 3,
        "fiscal_years": 5,
    }
    assert len(requirements) == len({(row["agency"], row["title"]) for row in requirements}) == 3000
    assert len(rows["datasets"]) == 160
    assert min(Counter(row["agency"][:5] for row in requirements).values()) >= 6
    assert {row["status"] for row in requirements} == {"approved"}
    for key, values in {
        "priority": {"statutory", "high", "normal", "low"},
        "clearance": {"open", "protected", "restricted"},
        "copies": {1, 2},
        "divisible": {True, False},
    }.items():
        assert {row[key] for row in requirements} == values
    for key in ("regions", "sites", "incumbent", "end_year"):
        assert 75 < sum(bool(row[key]) for row in requirements) < 1500


def test_the_datasets_are_of_every_ministry_and_at_every_stage() -> None:
    rows: dict[str, Any] = dict(build_sample().rows)
    datasets = rows["datasets"]
    assert {row["agency"][:5] for row in datasets} == {row["code"] for row in rows["ministries"]}
    assert {row["category"] for row in datasets} == set(CATEGORIES)
    assert {len(row["checked"]) for row in datasets} == set(range(len(READINESS_ITEMS) + 1))
    assert {row["volume_tb"] is None for row in datasets} == {row["retired"] for row in datasets} == {True, False}
    assert len({(row["agency"], row["title"]) for row in datasets}) == len(datasets)


@pytest.mark.parametrize("code", ["vcpu", "memory", "hot", "archive", "gpu"])
def test_demand_outgrows_capacity_within_the_plan(code: str) -> None:
    rows: dict[str, Any] = dict(build_sample().rows)

    def demand(year: int) -> float:
        return sum(row["demand"].get((code, year), 0.0) for row in rows["requirements"])

    def usable(year: int) -> float:
        return sum(
            row["nameplate"].get(("", year), 0.0) * row["overcommit"] * (1 - row["reserve_margin"])
            for row in rows["capacity"]
            if row["resource_type"] == code
        )

    assert demand(YEARS[0]) < usable(YEARS[0])
    assert demand(YEARS[-1]) > 1.1 * usable(YEARS[-1])


def test_codes_of_agencies_begin_with_their_ministrys() -> None:
    rows: dict[str, Any] = dict(build_sample().rows)
    assert all(row["code"].startswith(row["ministry"]) and len(row["code"]) == 8 for row in rows["agencies"])
    assert len({row["code"] for row in rows["agencies"]}) == len(rows["agencies"]) == 247


def test_most_agencies_have_somebody_for_each_role_that_hosting_takes_and_not_all() -> None:
    rows: dict[str, Any] = dict(build_sample().rows)
    employer = {row["code"]: row["agency"] for row in rows["people"]}
    held = {(employer[row["person"]], row["role"]) for row in rows["person_roles"]}
    asking = {row["agency"] for row in rows["requirements"]}
    roles = [row["role"] for row in rows["norms"] if row["per_tb"] or row["per_vcpu"]]
    assert len(roles) == 3
    for role in roles:
        assert 0.5 < sum((agency, role) in held for agency in asking) / len(asking) < 1.0
    assert 0.3 < sum(all((agency, role) in held for role in roles) for agency in asking) / len(asking) < 0.9
