"""The numbers of the start page."""

import datetime as dt

import pytest
from sqlalchemy import update

import models
from models import Role
from planner.services.overview import DatasetsOverview, load_overview
from planner.services.permissions import OPERATOR
from planner.services.planning import load_plan, run_plan
from planner.services.publishing.publish import publish_plan
from planner.text import FiscalYear
from reports.catalogue import READINESS_ITEMS


def test_an_empty_database_has_an_overview(session):
    overview = load_overview(session, OPERATOR)
    assert (overview.datasets.datasets, overview.datasets.volume_tb) == (0, 0.0)
    assert (overview.centres.sites, overview.centres.first_year) == (0, None)
    assert (overview.hosting.requirements, overview.hosting.plan) == (0, None)
    assert not overview.synthetic


def test_the_overview_counts_what_there_is(world):
    with world() as session:
        overview = load_overview(session, OPERATOR)
    assert (overview.centres.sites, overview.centres.regions) == (2, 2)
    assert (overview.centres.first_year, overview.centres.last_year) == (FiscalYear(2027), FiscalYear(2029))
    assert (overview.hosting.requirements, overview.hosting.approved, overview.hosting.agencies) == (6, 5, 3)


def test_datasets_are_counted_within_the_own_ministry_and_without_those_retired(world, person):
    ministry = person(Role.MINISTRY_PLANNER, "11000")
    with world.begin() as session:
        for row in session.query(models.Dataset):
            row.retired = row.code == "D-000002"
            row.accountable, row.deputy, row.checked = "ก", "ข", tuple(READINESS_ITEMS)
    with world() as session:
        whole, own = (load_overview(session, who).datasets for who in (OPERATOR, ministry))
    assert whole == DatasetsOverview(datasets=2, agencies=2, volume_tb=52.5, personal=1, ready=2)
    assert own == DatasetsOverview(datasets=1, agencies=1, volume_tb=12.5, personal=0, ready=1)


def test_the_overview_tells_of_the_plan_in_force_and_of_the_own_ministry_alone(world, person):
    code = run_plan(world, OPERATOR, "x")
    ministry = person(Role.MINISTRY_PLANNER, "11000")
    with world.begin() as session:
        assert load_overview(session, OPERATOR).hosting.plan.code == code
        assert load_overview(session, ministry).hosting.plan is None
        publish_plan(session, OPERATOR, code, "มติ", seen=None)
    with world() as session:
        plan = load_plan(session, OPERATOR, code).plan
        whole = load_overview(session, OPERATOR).hosting
        own = load_overview(session, ministry).hosting
    service = {row.ministry: row.share for row in plan.service}
    assert (whole.plan.code, whole.plan.short) == (code, len(plan.shortfalls))
    assert whole.plan.lowest_service == min(service.values())
    assert (own.requirements, own.agencies) == (4, 2)
    assert own.plan.lowest_service == service["11000"]
    assert own.plan.short == sum(row.requirement != "R-000001" for row in plan.shortfalls)


def test_each_sees_the_parts_that_the_role_allows(world, person):
    with world() as session:
        personnel = load_overview(session, person(Role.HR))
        administrator = load_overview(session, person(Role.ADMINISTRATOR))
    assert personnel.datasets is personnel.centres is personnel.hosting is None
    assert administrator.datasets is None
    assert administrator.centres is not None
    assert administrator.hosting is None


def test_made_up_data_are_called_so(session):
    for synthetic in (True, False):
        session.add(
            models.ImportBatch(
                file_name="x.xlsx",
                sha256="0" * 64,
                synthetic=synthetic,
                counts={},
                imported_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        )
    session.flush()
    assert load_overview(session, OPERATOR).synthetic


def test_the_overview_counts_the_staff_who_are_there(staffed, person) -> None:
    with staffed.begin() as session:
        session.execute(update(models.Person).where(models.Person.code == "P2").values(retires_on=None))
    with staffed() as session:
        everywhere = load_overview(session, person(Role.HR)).workforce
        at_home = load_overview(session, person(Role.MINISTRY_PLANNER, "21000")).workforce
        assert load_overview(session, person(Role.ADMINISTRATOR)).workforce is None
    # the contract of one of five has ended
    assert (everywhere.people, everywhere.accountable, everywhere.agencies) == (4, 1, 3)
    assert everywhere.fte == pytest.approx(4.1)
    assert (at_home.people, at_home.fte, at_home.accountable, at_home.agencies) == (2, 2.0, 0, 1)
