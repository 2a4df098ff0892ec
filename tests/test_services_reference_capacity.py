"""The capacity grid of a data centre: what is typed or pasted is stored whole or not at all."""

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services.permissions import OPERATOR
from planner.services.problems import load_problem
from planner.services.reference import Typed, load_grid, save_grid
from planner.services.reference.capacity import list_capacity


def typed_of(sessions, site: str = "BKK1") -> dict[str, str]:
    """What the page of a site would send if nobody changed anything."""
    with sessions() as session:
        grid = load_grid(session, OPERATOR, site)
    typed = {f"{group.code}.version": str(group.version) for group in grid.groups}
    for group in grid.groups:
        for line in group.lines:
            typed |= {cell.entry.name: cell.entry.text for cell in (*line.cells, *line.factors)}
    return typed


def emptied(typed: dict[str, str], code: str) -> dict[str, str]:
    """The same page with every cell of a resource type empty."""
    return typed | {name: "" for name in typed if name.startswith(f"{code}.") and name != f"{code}.version"}


def save(sessions, typed: dict[str, str], site: str = "BKK1") -> None:
    with sessions.begin() as session:
        save_grid(session, OPERATOR, site, typed)


def nameplate(sessions, site: str, resource_type: str) -> dict[int, float]:
    with sessions() as session:
        rows = session.execute(
            select(models.Capacity.year, models.Capacity.nameplate)
            .join(models.Capacity.site_resource)
            .join(models.SiteResource.site)
            .join(models.SiteResource.resource_type)
            .where(models.Site.code == site, models.ResourceType.code == resource_type)
        )
        return dict(rows.all())


def audited(sessions) -> list[models.AuditEntry]:
    with sessions() as session:
        return list(session.scalars(select(models.AuditEntry)))


def test_what_a_site_offers_is_read_as_plain_values(world, person):
    with world() as session:
        vcpu, hot_tb = list_capacity(session, person(Role.AUDITOR), "BKK1")
        assert (vcpu.resource_type, vcpu.version, hot_tb.resource_type) == ("vcpu", 1, "hot_tb")
        assert (vcpu.cells["reserve_margin"], vcpu.cells["nameplate.2028"]) == (0.1, 100.0)
        with pytest.raises(NotFoundError):
            list_capacity(session, OPERATOR, "MOON")
        with pytest.raises(ForbiddenError):
            list_capacity(session, person(Role.HR), "BKK1")


def test_the_grid_has_two_lines_for_each_resource_type_and_a_column_for_each_year(world):
    with world() as session:
        grid = load_grid(session, OPERATOR, "BKK1")
    assert [year.year for year in grid.years] == [2027, 2028, 2029]
    assert [group.code for group in grid.groups] == ["vcpu", "hot_tb"]
    vcpu = grid.groups[0]
    assert [[cell.entry.text for cell in line.cells] for line in vcpu.lines] == [["100"] * 3, ["100"] * 3]
    assert [line.unit for line in vcpu.lines] == ["vCPU", "THB"]
    assert [cell.entry.text for cell in vcpu.lines[0].factors] == ["1", "10"]
    assert vcpu.lines[1].factors == ()


def test_saving_what_is_shown_changes_nothing(world):
    before = typed_of(world)
    save(world, before)
    assert typed_of(world) == before
    assert audited(world) == []


def test_changed_cells_are_stored_and_noted_one_by_one(world):
    save(
        world,
        typed_of(world) | {"vcpu.nameplate.2028": "๑,๒๐๐.๕", "vcpu.overcommit": "2", "vcpu.reserve_margin": "12.5 %"},
    )
    assert nameplate(world, "BKK1", "vcpu") == {2027: 100, 2028: 1200.5, 2029: 100}
    with world() as session:
        site = next(site for site in load_problem(session).sites if site.code == "BKK1")
    assert (site.overcommit["vcpu"], site.reserve_margin["vcpu"]) == (2, 0.125)
    assert typed_of(world)["vcpu.version"] == "2"
    assert typed_of(world)["hot_tb.version"] == "1"
    [entry] = audited(world)
    assert (entry.action, entry.subject) == ("changed", "site:BKK1")
    assert entry.changes == {
        "vcpu.nameplate.2028": [100, 1200.5],
        "vcpu.overcommit": [1, 2],
        "vcpu.reserve_margin": [0.1, 0.125],
    }


def test_an_emptied_resource_type_is_not_offered_and_a_filled_one_is(world):
    typed = typed_of(world)
    save(
        world,
        {name: "" if name.startswith("vcpu.") and "version" not in name else text for name, text in typed.items()},
    )
    assert nameplate(world, "BKK1", "vcpu") == {}
    assert audited(world)[0].changes["vcpu.nameplate.2027"] == [100, None]
    empty = typed_of(world)
    assert (empty["vcpu.version"], empty["vcpu.overcommit"]) == ("0", "")
    save(world, empty | {"vcpu.nameplate.2029": "7"})
    assert nameplate(world, "BKK1", "vcpu") == {2029: 7}


def test_every_fault_is_told_at_its_cell_and_nothing_is_stored(world):
    typed = typed_of(world) | {
        "vcpu.nameplate.2027": "-1",
        "vcpu.running_cost.2028": "many",
        "hot_tb.overcommit": "0",
        "hot_tb.reserve_margin": "100",
        "hot_tb.nameplate.2029": "60",
    }
    with world() as session, pytest.raises(InvalidInputError) as refused:
        save_grid(session, OPERATOR, "BKK1", typed)
    assert {fault.address: fault.code for fault in refused.value.faults} == {
        "vcpu.nameplate.2027": "negative",
        "vcpu.running_cost.2028": "not_a_number",
        "hot_tb.overcommit": "not_positive",
        "hot_tb.reserve_margin": "out_of_range",
    }
    assert nameplate(world, "BKK1", "hot_tb") == dict.fromkeys((2027, 2028, 2029), 50)
    with world() as session:
        grid = load_grid(session, OPERATOR, "BKK1", Typed(typed, refused.value.faults))
    assert [cell.entry.name for cell in grid.faulty] == [
        "vcpu.nameplate.2027",
        "vcpu.running_cost.2028",
        "hot_tb.overcommit",
        "hot_tb.reserve_margin",
    ]
    assert (grid.faulty[0].entry.text, grid.faulty[0].entry.stored) == ("-1", "100")


def test_two_may_change_different_types_but_not_the_same(world):
    first, second = typed_of(world), typed_of(world)
    save(world, first | {"vcpu.nameplate.2027": "120"})
    with pytest.raises(ConflictError):
        save(world, second | {"vcpu.nameplate.2027": "130"})
    with pytest.raises(ConflictError):
        save(
            world,
            {name: "" if name.startswith("vcpu.") and "version" not in name else text for name, text in second.items()},
        )
    same = second | {name: text for name, text in typed_of(world).items() if name.startswith("vcpu.")}
    save(world, same | {"hot_tb.nameplate.2027": "55"})
    assert nameplate(world, "BKK1", "vcpu")[2027] == 120
    assert nameplate(world, "BKK1", "hot_tb")[2027] == 55


def test_only_those_who_keep_sites_change_capacity(world, person):
    auditor = person(Role.AUDITOR)
    with world() as session:
        assert not load_grid(session, auditor, "BKK1").editable
        with pytest.raises(ForbiddenError):
            save_grid(session, auditor, "BKK1", {})
        with pytest.raises(NotFoundError):
            save_grid(session, OPERATOR, "BKK9", {})
        with pytest.raises(ForbiddenError):
            load_grid(session, person(Role.HR), "BKK1")
