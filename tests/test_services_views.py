"""Saved views: each person's own, under names, for each list."""

import pytest

from models import Role
from planner.errors import InvalidInputError
from planner.services.views import MOST, View, delete_view, load_views, save_view


@pytest.fixture
def me(person):
    return person(Role.DE_PLANNER)


def test_a_view_is_kept_replaced_and_forgotten(session, me):
    save_view(session, me, "requirements.index", View("  งาน \t ค้าง ", "status=returned"))
    save_view(session, me, "requirements.index", View("ร่าง", "status=draft"))
    save_view(session, me, "datasets.index", View("งาน ค้าง", "personal=yes"))
    save_view(session, me, "requirements.index", View("งาน ค้าง", "status=submitted"))
    assert load_views(session, me, "requirements.index") == (
        View("งาน ค้าง", "status=submitted"),
        View("ร่าง", "status=draft"),
    )
    delete_view(session, me, "requirements.index", "งาน ค้าง")
    delete_view(session, me, "requirements.index", "no such view")
    assert load_views(session, me, "requirements.index") == (View("ร่าง", "status=draft"),)
    assert load_views(session, me, "datasets.index") == (View("งาน ค้าง", "personal=yes"),)


def test_views_are_ones_own(session, me, person):
    other = person(Role.MANAGER)
    save_view(session, me, "requirements.index", View("mine", "q=a"))
    assert load_views(session, other, "requirements.index") == ()
    delete_view(session, other, "requirements.index", "mine")
    assert load_views(session, me, "requirements.index") == (View("mine", "q=a"),)


@pytest.mark.parametrize(
    ("view", "faults"),
    [
        (View(" ", "q=a"), {("name", "required")}),
        (View("n" * 101, "q" * 2001), {("name", "too_long"), ("query", "too_long")}),
    ],
)
def test_every_fault_is_named_and_nothing_kept(session, me, view, faults):
    with pytest.raises(InvalidInputError) as error:
        save_view(session, me, "requirements.index", view)
    assert {(fault.address, fault.code) for fault in error.value.faults} == faults
    assert load_views(session, me, "requirements.index") == ()


def test_there_is_an_end_to_new_views_but_not_to_changing_one(session, me):
    for number in range(MOST):
        save_view(session, me, "requirements.index", View(f"view {number}", "q=a"))
    with pytest.raises(InvalidInputError):
        save_view(session, me, "requirements.index", View("one more", "q=a"))
    save_view(session, me, "requirements.index", View("view 3", "q=b"))
    assert View("view 3", "q=b") in load_views(session, me, "requirements.index")
