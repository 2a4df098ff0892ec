"""The list of requirements, filtered and sorted in the database, and one requirement with its outcome."""

from dataclasses import replace

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.errors import ForbiddenError, NotFoundError
from planner.i18n import to_words
from planner.services.permissions import OPERATOR
from planner.services.planning import load_plan, run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.requirements import (
    COLUMNS,
    SORTABLE,
    RequirementFilter,
    filter_choices,
    get_requirement,
    list_requirements,
)
from planner.text import FiscalYear, LocalText

EVERYTHING = RequirementFilter(page=None)
ALL = ("R-000001", "R-000002", "R-000003", "R-000004", "R-000005", "R-000006")


def codes(sessions, actor=OPERATOR, **wanted) -> tuple[str, ...]:
    with sessions() as session:
        return list_requirements(session, actor, RequirementFilter(**wanted)).table.column("code")


def test_the_list_shows_every_requirement_by_code(world):
    with world() as session:
        listing = list_requirements(session, OPERATOR, EVERYTHING)
    assert (listing.total, listing.page, listing.pages) == (6, 1, 1)
    assert listing.table.columns == COLUMNS
    assert listing.table.column("code") == ALL
    first = dict(zip((column.key for column in COLUMNS), listing.table.rows[1], strict=True))
    assert first["title"] == "กรมธรรม์"
    assert first["agency"] == LocalText("สำนักงานสถิติแห่งชาติ", "National Statistical Office")
    assert (first["start"], first["end"]) == (FiscalYear(2027), FiscalYear(2028))
    assert to_words(first["status"], "en") == "Approved"
    assert first["granted"] is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"ministry": "21000"}, ("R-000001", "R-000006")),
        ({"agency": "11003"}, ("R-000003", "R-000004")),
        ({"priority": "statutory"}, ("R-000001",)),
        ({"clearance": "open", "status": "approved"}, ("R-000003", "R-000006")),
        ({"status": "draft"}, ("R-000005",)),
        ({"status": "no such status"}, ()),
        ({"agency": "no such agency"}, ()),
        ({"text": "r-000004"}, ("R-000004",)),
        ({"text": "พยากรณ์"}, ("R-000003",)),
        ({"text": "STATISTICAL"}, ("R-000002", "R-000005")),
        ({"text": "R-๐๐๐๐๐๔"}, ("R-000004",)),
        ({"text": "อากาศ  R-0"}, ("R-000003",)),
        ({"text": "statistical กรมธรรม์"}, ("R-000002",)),
        ({"text": "statistical พยากรณ์"}, ()),
        ({"text": "กรมธรรม์"}, ("R-000002",)),
        ({"text": "%"}, ()),
        ({"text": "_"}, ()),
    ],
)
def test_filters_narrow_the_list(world, wanted, found):
    assert codes(world, **wanted) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", (4, 2, 5, 3, 6, 1)),
        ("ministry", (2, 3, 4, 5, 1, 6)),
        ("agency", (3, 4, 2, 5, 1, 6)),
        ("priority", (1, 2, 3, 5, 6, 4)),
        ("clearance", (3, 5, 6, 2, 1, 4)),
        ("start", (6, 3, 1, 2, 5, 4)),
        ("end", (6, 2, 1, 3, 4, 5)),
        ("status", (1, 2, 3, 4, 6, 5)),
        ("no such column", (1, 2, 3, 4, 5, 6)),
    ],
)
def test_the_database_sorts_ties_by_code_and_rows_without_a_value_last(world, sort, order):
    assert codes(world, sort=sort) == tuple(f"R-{n:06}" for n in order)


def test_descending_turns_the_order_round_but_not_the_ties(world):
    assert codes(world, sort="end", descending=True) == tuple(f"R-{n:06}" for n in (2, 6, 1, 3, 4, 5))


def test_every_column_sorts(world):
    assert {column.key for column in COLUMNS} == set(SORTABLE)
    for sort in SORTABLE:
        assert sorted(codes(world, sort=sort)) == list(ALL)


def test_pages_follow_one_another_and_a_page_too_far_is_the_last(world):
    with world() as session:
        pages = [
            list_requirements(session, OPERATOR, RequirementFilter(page=page, page_size=4)) for page in (1, 2, 3, -1)
        ]
    assert [(page.page, page.pages, page.total) for page in pages] == [(1, 2, 6), (2, 2, 6), (2, 2, 6), (1, 2, 6)]
    assert pages[0].table.column("code") + pages[1].table.column("code") == ALL
    assert pages[2] == pages[1]


def test_a_list_of_any_length_takes_three_queries(world, count_queries):
    with world() as session, count_queries() as queries:
        list_requirements(session, OPERATOR, EVERYTHING)
    assert len(queries) == 3


def test_a_ministry_planner_sees_the_own_ministry_alone(world, person):
    ministry = person(Role.MINISTRY_PLANNER, "21000")
    assert codes(world, ministry) == ("R-000001", "R-000006")
    assert codes(world, ministry, ministry="11000") == ()
    with world() as session:
        choices = filter_choices(session, ministry)
        assert [code for code, _ in choices.ministries] == ["21000"]
        assert [code for code, _ in choices.agencies] == ["21004"]
        assert get_requirement(session, ministry, "R-000001").code == "R-000001"
        with pytest.raises(NotFoundError):
            get_requirement(session, ministry, "R-000002")


def test_choices_stand_in_their_own_order(world):
    with world() as session:
        choices = filter_choices(session, OPERATOR)
    assert [code for code, _ in choices.priorities] == ["statutory", "high", "normal", "low"]
    assert [code for code, _ in choices.clearances] == ["open", "protected", "restricted"]
    assert [code for code, _ in choices.ministries] == ["11000", "21000"]
    assert [code for code, _ in choices.statuses] == [status.value for status in models.RequirementStatus]


def test_those_without_the_permission_see_nothing(world, person):
    personnel = person(Role.HR)
    with world() as session:
        for read in (
            lambda: list_requirements(session, personnel, EVERYTHING),
            lambda: filter_choices(session, personnel),
            lambda: get_requirement(session, personnel, "R-000001"),
        ):
            with pytest.raises(ForbiddenError):
                read()


def test_a_requirement_shows_its_demand_by_year(world):
    with world() as session:
        detail = get_requirement(session, OPERATOR, "R-000002")
        with pytest.raises(NotFoundError):
            get_requirement(session, OPERATOR, "R-999999")
    assert [column.header for column in detail.demand.columns[2:]] == [FiscalYear(y) for y in (2027, 2028, 2029)]
    assert detail.demand.rows == (
        (LocalText("หน่วยประมวลผล", "vCPU"), "vCPU", 30.0, 30.0, None),
        (LocalText("พื้นที่จัดเก็บ", "Hot storage"), "TB", 7.5, 7.5, None),
    )
    assert detail.regions == detail.sites == ()
    assert detail.outcome is None


def test_a_requirement_shows_where_it_may_live_and_lives(world):
    with world.begin() as session:
        row = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000002")).one()
        row.incumbent = session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one()
        row.sites, row.regions = [row.incumbent], [row.incumbent.region]
    with world() as session:
        detail = get_requirement(session, OPERATOR, "R-000002")
    assert detail.home is None
    assert detail.sites == (detail.incumbent,) == (LocalText("ศูนย์ข้อมูลบางรัก", "Bang Rak"),)
    assert detail.regions == (LocalText("ภาคกลาง", "Central"),)


def test_the_outcome_is_that_of_the_plan_in_force(world, person):
    run_plan(world, OPERATOR, "รอบแรก")
    code = run_plan(world, OPERATOR, "รอบสอง")
    with world.begin() as session:
        publish_plan(session, OPERATOR, code, "มติ", seen=None)
    run_plan(world, OPERATOR, "รอบสาม")
    ministry = person(Role.MINISTRY_PLANNER, "21000")
    with world() as session:
        plan = load_plan(session, OPERATOR, code).plan
        details = {code: get_requirement(session, OPERATOR, code) for code in ALL}
        listed = list_requirements(session, OPERATOR, EVERYTHING).table
        assert get_requirement(session, ministry, "R-000001").outcome == details["R-000001"].outcome
    sites = {row.requirement: row.site for row in sorted(plan.placements, key=lambda row: row.share)}
    names = {"BKK1": "ศูนย์ข้อมูลบางรัก", "CNX1": "ศูนย์ข้อมูลเชียงใหม่"}
    homes = {code: detail.home.th for code, detail in details.items() if detail.home}
    assert homes == {code: names[site] for code, site in sites.items()}
    short = {row.requirement: row for row in plan.shortfalls}
    assert short
    outcomes = {code: detail.outcome for code, detail in details.items() if detail.outcome}
    assert set(outcomes) == {"R-000001", "R-000002", "R-000003", "R-000004"}
    for code, outcome in outcomes.items():
        assert outcome.plan_name == "รอบสอง"
        placed = [row for row in plan.placements if row.requirement == code]
        assert outcome.placements.column("share") == tuple(row.share for row in placed)
        assert outcome.placements.column("start") == tuple(FiscalYear(row.start) for row in placed)
        assert outcome.granted == 1.0 - (short[code].share if code in short else 0.0)
        assert len(outcome.reasons) == len(short[code].reasons if code in short else ())
        assert all(to_words(reason, "en") for reason in outcome.reasons)
    assert listed.column("granted") == tuple(outcomes[code].granted if code in outcomes else None for code in ALL)


def test_the_share_granted_sorts_with_the_unplanned_last(world):
    run_plan(world, OPERATOR, "x")
    wanted = replace(EVERYTHING, sort="granted", descending=True)
    with world() as session:
        granted = list_requirements(session, OPERATOR, wanted).table.column("granted")
    assert granted[-2:] == (None, None)
    assert list(granted[:4]) == sorted(granted[:4], reverse=True)
    assert granted[0] > granted[3]
