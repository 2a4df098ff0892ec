"""Used, planned, reserved and free, by data centre, resource type and fiscal year."""

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.errors import ForbiddenError
from planner.services.permissions import OPERATOR
from planner.services.planning import load_plan, run_plan
from planner.services.pools import PARTS, PoolFilter, list_pools, view_pools
from planner.services.reporting import Ledger
from planner.text import FiscalYear


@pytest.fixture
def hosted(world):
    """The small world, in which one system is hosted at each site today."""
    with world.begin() as session:
        sites = {site.code: site for site in session.scalars(select(models.Site))}
        for code, site in (("R-000001", "BKK1"), ("R-000003", "CNX1")):
            row = session.scalars(select(models.Requirement).where(models.Requirement.code == code)).one()
            row.incumbent = sites[site]
    return world


def pools(sessions) -> dict[tuple, dict[str, float]]:
    """The amounts of every pool, by site, unit and year."""
    with sessions() as session:
        table = list_pools(session, OPERATOR)
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    return {(row["code"], row["unit"], row["year"].year): row for row in rows}


def require_balance(rows: dict[tuple, dict[str, float]]) -> None:
    for row in rows.values():
        assert sum(row[part] for part in PARTS) == pytest.approx(row["capacity"] + row["added"])


def test_without_a_plan_used_is_what_todays_systems_ask_for(hosted):
    found = pools(hosted)
    assert len(found) == 12
    row = found["BKK1", "vCPU", 2027]
    assert (row["capacity"], row["reserved"], row["used"], row["planned"]) == (100, pytest.approx(10), 60, 0)
    assert row["free"] == pytest.approx(30)
    assert row["utilisation"] == pytest.approx(60 / 90)
    assert found["CNX1", "TB", 2029]["used"] == 10
    require_balance(found)


def test_a_plan_divides_what_it_places_into_used_and_planned(hosted):
    code = run_plan(hosted, OPERATOR, "แผน")
    with hosted() as session:
        stored = load_plan(session, OPERATOR, code)
    ledger = Ledger(stored.problem, stored.plan)
    found = pools(hosted)
    require_balance(found)
    for (site, unit, year), row in found.items():
        at = (
            ledger.site_at[site],
            ledger.type_at["vcpu" if unit == "vCPU" else "hot_tb"],
            stored.problem.fiscal_years.index(year),
        )
        assert row["used"] + row["planned"] == pytest.approx(ledger.use[at])
        assert row["added"] == pytest.approx(ledger.added[at])
    assert found["BKK1", "vCPU", 2027]["used"] == pytest.approx(60)
    assert sum(row["planned"] for row in found.values()) > 0


def test_a_system_approved_after_the_plan_is_used_where_it_is_hosted(hosted):
    run_plan(hosted, OPERATOR, "แผน")
    before = pools(hosted)["CNX1", "vCPU", 2027]["used"]
    with hosted.begin() as session:
        row = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000005")).one()
        row.incumbent = session.scalars(select(models.Site).where(models.Site.code == "CNX1")).one()
        row.status = models.RequirementStatus.APPROVED
    assert pools(hosted)["CNX1", "vCPU", 2027]["used"] == pytest.approx(before + 5)


def test_capacity_is_todays_and_ends_with_the_site(hosted):
    run_plan(hosted, OPERATOR, "แผน")
    with hosted.begin() as session:
        site = session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one()
        site.to_year = 2028
        capacity = session.scalars(select(models.Capacity).where(models.Capacity.year == 2027)).all()
        for row in capacity:
            row.nameplate = 1
    found = pools(hosted)
    assert found["BKK1", "vCPU", 2027]["free"] < 0
    closed = found["BKK1", "vCPU", 2029]
    assert (closed["capacity"], closed["utilisation"]) == (0, closed["utilisation"])
    require_balance(found)


def test_a_view_is_every_site_in_a_year_or_every_year_of_a_site(hosted):
    with hosted() as session:
        first = view_pools(session, OPERATOR, PoolFilter("nothing", "nowhere", 1999))
        assert first.chosen == PoolFilter("vcpu", None, 2027)
        assert first.table.column("code") == ("BKK1", "CNX1")
        assert (first.chart.categories, first.chart.axis, first.plan) == ("code", "vCPU", None)
        capacity = [column.key for column in first.table.columns].index("capacity")
        assert first.table.total[capacity] == 140
        years = view_pools(session, OPERATOR, PoolFilter("hot_tb", "CNX1", 2028))
        assert years.chosen == PoolFilter("hot_tb", "CNX1", None)
        assert years.table.column("year") == tuple(map(FiscalYear, (2027, 2028, 2029)))
        assert (years.table.total, years.chart.categories) == (None, "year")


def test_an_empty_database_has_no_pools(session):
    assert list_pools(session, OPERATOR).rows == ()
    assert view_pools(session, OPERATOR, PoolFilter()).table.rows == ()


def test_the_queries_do_not_grow_with_the_rows(hosted, count_queries):
    run_plan(hosted, OPERATOR, "แผน")
    with hosted() as session, count_queries() as queries:
        list_pools(session, OPERATOR)
    assert len(queries) <= 16


@pytest.mark.parametrize("role", [Role.MINISTRY_PLANNER, Role.HR, Role.ADMINISTRATOR])
def test_who_may_not_read_plans_does_not_see_pools(hosted, person, role):
    stranger = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with hosted() as session, pytest.raises(ForbiddenError):
        list_pools(session, stranger)
