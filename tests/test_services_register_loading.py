"""The register as the engine reads it, on a day."""

import datetime as dt

import pytest

import models
from planner.services.register.loading import fiscal_year_of, load_workforce
from planner.workforce.accountability import find_accountability_gaps, find_overcommitments
from planner.workforce.coverage import cover
from planner.workforce.problem import Duty, Enrolment, Norm, Posts, Secondment, Share, Workload
from planner.workforce.register import build_register

NOVEMBER = dt.date(2026, 11, 22)


@pytest.fixture
def workforce(staffed):
    with staffed() as session:
        return load_workforce(session, NOVEMBER)


@pytest.mark.parametrize(("day", "year"), [((2026, 9, 30), 2026), ((2026, 10, 1), 2027), ((2027, 1, 1), 2027)])
def test_a_fiscal_year_begins_in_october(day, year):
    assert fiscal_year_of(dt.date(*day)) == year


def test_it_looks_five_years_ahead_with_everything_in_its_order(workforce):
    assert workforce.fiscal_years == (2027, 2028, 2029, 2030, 2031)
    assert [row.code for row in workforce.levels] == ["working", "practitioner"]
    assert [row.code for row in workforce.roles] == ["steward", "engineer"]
    assert [(row.code, row.ministry) for row in workforce.agencies] == [
        ("11003", "11000"), ("11004", "11000"), ("21004", "21000"),
    ]  # fmt: skip
    assert Norm("steward", 2029, 2.0, 0.5) in workforce.norms


def test_posts_hold_until_a_later_row_begins_and_frozen_ones_are_not_to_be_filled(staffed):
    with staffed.begin() as session:
        first = session.query(models.Position).order_by(models.Position.id).first()
        session.add(
            models.Position(agency=first.agency, role=first.role, from_year=2029, authorised=5, funded=4, frozen=0)
        )
    with staffed() as session:
        posts = load_workforce(session, NOVEMBER).posts
    assert Posts("11004", "steward", (3, 3, 5, 5, 5), (1.5, 1.5, 4, 4, 4)) in posts


def test_posts_that_begin_later_are_not_there_before(staffed):
    with staffed() as session:
        posts = load_workforce(session, dt.date(2025, 12, 1)).posts
    assert Posts("11004", "steward", (0, 3, 3, 3, 3), (0, 1.5, 1.5, 1.5, 1.5)) in posts


def test_people_come_with_their_shares_and_without_their_names(workforce):
    people = {row.code: row for row in workforce.people}
    assert people["P2"].shares == (Share("steward", 0.5, "working"), Share("engineer", 0.6, "practitioner"))
    assert [row.person for row in find_overcommitments(workforce)] == ["P2"]
    assert "สมหญิง" not in repr(workforce)


def test_whoever_leaves_is_gone_from_the_next_year_on_and_who_has_left_at_once(workforce):
    people = {row.code: row for row in workforce.people}
    assert (people["P1"].leaves, people["P2"].leaves, people["P3"].leaves) == (None, 2029, 2027)
    assert people["P2"].availability == (1, 1, 0, 0, 0)
    available = cover(build_register(workforce))
    assert available.available[0, 1].tolist() == [0] * 5


def test_part_of_a_year_counts_as_such(staffed):
    with staffed.begin() as session:
        starter = session.query(models.Person).filter_by(code="P1").one()
        starter.starts_on, starter.contract_ends_on = dt.date(2027, 4, 1), dt.date(2027, 9, 30)
    with staffed() as session:
        first = next(row for row in load_workforce(session, NOVEMBER).people if row.code == "P1")
        later = next(row for row in load_workforce(session, dt.date(2027, 5, 1)).people if row.code == "P1")
    assert first.availability == (183 / 365, 0, 0, 0, 0)
    assert later.availability == (1, 0, 0, 0, 0)


def test_leave_secondments_and_training_under_way(workforce):
    people = {row.code: row for row in workforce.people}
    assert people["P4"].availability == (1, 1, 0.75, 1, 1)
    assert workforce.secondments == (Secondment("P4", "11003", 2028, 2028),)
    assert workforce.enrolments == (Enrolment("P5", "engineer", "practitioner", 2028),)


@pytest.mark.parametrize(("level", "completed_on"), [("practitioner", None), ("working", NOVEMBER)])
def test_training_that_is_over_or_raises_nobody_is_left_out(staffed, level, completed_on):
    with staffed.begin() as session:
        known = session.query(models.SkillLevel).filter_by(code=level).one()
        session.query(models.PersonRole).update({"level_id": known.id})
        session.query(models.Enrolment).update({"completed_on": completed_on})
    with staffed() as session:
        assert load_workforce(session, NOVEMBER).enrolments == ()


def test_what_agencies_look_after(workforce):
    loads = {row.agency: row for row in workforce.workloads}
    assert loads["11004"] == Workload("11004", (1,) * 5, (0,) * 5, (0,) * 5, (30, 30, 0, 0, 0))
    assert loads["21004"].personal_datasets == (1,) * 5
    assert loads["21004"].terabytes == pytest.approx([40 * 1.25**ahead for ahead in range(5)])
    assert loads["11003"].vcpu == (40, 100, 100, 100, 100)


def test_every_dataset_in_use_has_a_duty_of_nobody_where_none_is_stored(staffed, workforce):
    assert set(workforce.duties) == {
        Duty("11004", None, "P1", None, acting=True),
        Duty("11003", "D-000003", "P3", "P1"),
        Duty("11004", "D-000002"),
        Duty("21004", "D-000001"),
    }
    gaps = {
        (gap.agency, gap.dataset, gap.code)
        for gap in find_accountability_gaps(workforce, NOVEMBER, fiscal_year=workforce.fiscal_years[0])
    }
    assert {("11003", "D-000003", "left"), ("11004", None, "acting"), ("11003", None, "nobody")} <= gaps
    with staffed.begin() as session:
        session.query(models.Dataset).update({"retired": True})
        assert [duty.dataset for duty in load_workforce(session, NOVEMBER).duties] == [None]


def test_an_empty_register_is_valid(world):
    with world() as session:
        workforce = load_workforce(session, NOVEMBER)
    assert cover(build_register(workforce)).required.shape == (3, 0, 5)


def test_the_number_of_queries_does_not_grow(staffed, count_queries):
    with staffed() as session, count_queries() as few:
        load_workforce(session, NOVEMBER)
    with staffed.begin() as session:
        agency = session.query(models.Agency).first()
        session.add_all(models.Person(code=f"N{n}", full_name="ก", agency=agency) for n in range(30))
    with staffed() as session, count_queries() as many:
        assert len(load_workforce(session, NOVEMBER).people) == 35
    assert len(many) == len(few)
