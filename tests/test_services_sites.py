"""The list of sites, and one site with its capacity."""

import pytest

from models import Role
from planner.errors import ForbiddenError, NotFoundError
from planner.services.permissions import OPERATOR
from planner.services.sites import SORTABLE, SiteFilter, get_site, list_sites
from planner.text import FiscalYear, LocalText


def codes(sessions, **wanted) -> tuple[str, ...]:
    with sessions() as session:
        return list_sites(session, OPERATOR, SiteFilter(**wanted)).table.column("code")


def test_the_list_shows_usable_capacity_of_the_first_year(world):
    with world() as session:
        table = list_sites(session, OPERATOR, SiteFilter(page=None)).table
    assert table.rows[0][:3] == ("BKK1", LocalText("ศูนย์ข้อมูลบางรัก", "Bang Rak"), LocalText("ภาคกลาง", "Central"))
    assert table.column("vcpu") == (pytest.approx(90), pytest.approx(36))
    assert table.column("hot_tb") == (pytest.approx(45), pytest.approx(18))
    assert table.columns[-1].unit == "TB"
    assert table.note.params == {"year": FiscalYear(2027)}


@pytest.mark.parametrize(("text", "found"), [("เชียง", ("CNX1",)), ("central", ("BKK1",)), ("1", ("BKK1", "CNX1"))])
def test_text_is_looked_for_in_codes_names_and_regions(world, text, found):
    assert codes(world, text=text) == found


@pytest.mark.parametrize("sort", SORTABLE)
def test_every_sort_orders_and_turns_round(world, sort):
    expected = {"clearance": ("CNX1", "BKK1")}.get(sort, ("BKK1", "CNX1"))
    assert codes(world, sort=sort) == expected
    tied = sort in {"from", "to"}
    assert codes(world, sort=sort, descending=True) == (expected if tied else expected[::-1])


def test_a_list_takes_a_fixed_number_of_queries(world, count_queries):
    with world() as session, count_queries() as queries:
        list_sites(session, OPERATOR, SiteFilter())
    assert len(queries) == 6


def test_an_empty_database_has_an_empty_list(session):
    listing = list_sites(session, OPERATOR, SiteFilter())
    assert (listing.total, listing.page, listing.pages, listing.table.rows, listing.table.note) == (0, 1, 1, (), None)


def test_a_site_shows_its_capacity_by_type_and_year(world):
    with world() as session:
        detail = get_site(session, OPERATOR, "BKK1")
        with pytest.raises(NotFoundError):
            get_site(session, OPERATOR, "BKK9")
    assert (detail.clearance, detail.start, detail.end) == (LocalText("จำกัด", "Restricted"), FiscalYear(2025), None)
    years = tuple(map(FiscalYear, (2027, 2028, 2029)))
    assert detail.capacity.column("year") == years * 2
    assert detail.capacity.column("unit") == ("vCPU",) * 3 + ("TB",) * 3
    assert detail.capacity.column("nameplate") == (100.0,) * 3 + (50.0,) * 3
    assert detail.capacity.column("usable") == (pytest.approx(90),) * 3 + (pytest.approx(45),) * 3
    assert detail.expansions.column("code") == ("BKK1-vcpu",)
    assert detail.expansions.column("module_price") == (1_000_000.0,)


def test_hr_sees_no_sites(world, person):
    personnel = person(Role.HR)
    with world() as session:
        for read in (
            lambda: list_sites(session, personnel, SiteFilter()),
            lambda: get_site(session, personnel, "BKK1"),
        ):
            with pytest.raises(ForbiddenError):
                read()
