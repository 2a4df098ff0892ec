"""The policy: what is typed is checked by the engine, stored whole, and goes into the next problem."""

from dataclasses import replace

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.allocation import Policy, problem_sha256
from planner.errors import ConflictError, ForbiddenError, InvalidInputError
from planner.services.permissions import OPERATOR
from planner.services.problems import load_policy, load_problem
from planner.services.reference import Typed, get_policy, load_policy_form, put_policy, save_policy

CHANGED = {
    "levels.0": "statutory",
    "levels.1": "priority",
    "levels.2": "fairness",
    "levels.3": "",
    "levels.4": "cost",
    "fairness": "maxmin",
    "tolerance": "๒.๕ %",
    "floors.21000": "40",
    "caps.21000": "90",
    "caps.11000": "75",
    "pins.0.requirement": "R-000001",
    "pins.0.site": "BKK1",
    "pins.1.requirement": "",
    "pins.1.site": "",
}


def save(sessions, typed: dict[str, str], version: int = 0) -> None:
    with sessions.begin() as session:
        save_policy(session, OPERATOR, typed, version)


def faults(sessions, typed: dict[str, str]) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        save(sessions, typed)
    return {fault.address: fault.code for fault in refused.value.faults}


def shown(sessions) -> dict[str, str]:
    """The texts of the page as it would be sent."""
    with sessions() as session:
        form = load_policy_form(session, OPERATOR)
    entries = [*form.levels, form.fairness, form.tolerance, form.protect_incumbents]
    entries += [entry for line in form.bounds for entry in (line.floor, line.cap)]
    entries += [entry for pin in form.pins for entry in (pin.requirement, pin.site)]
    return {entry.name: entry.text for entry in entries}


def test_until_one_is_stored_the_engines_own_policy_is_in_force(world):
    with world() as session:
        assert load_policy(session) == Policy()
        assert load_policy_form(session, OPERATOR).version == 0
    save(world, shown(world))
    with world() as session:
        assert session.scalar(select(models.Policy)) is None


def test_a_policy_goes_into_the_next_problem_and_its_hash(world):
    with world() as session:
        before = load_problem(session)
    save(world, CHANGED)
    with world() as session:
        after = load_problem(session)
    assert problem_sha256(after) != problem_sha256(before)
    policy = after.policy
    assert policy.levels == ("statutory", "priority", "fairness", "cost")
    assert (policy.fairness, policy.tolerance, policy.protect_incumbents) == ("maxmin", 0.025, False)
    assert (policy.floors, policy.caps) == ({"21000": 0.4}, {"11000": 0.75, "21000": 0.9})
    assert policy.pins == {"R-000001": "BKK1"}
    assert (policy.priority_weights, policy.capex_limit) == (before.policy.priority_weights, before.policy.capex_limit)


def test_every_change_counts_as_a_version_and_is_noted_term_by_term(world):
    save(world, CHANGED)
    assert shown(world)["tolerance"] == "2.5"
    save(world, shown(world), 1)
    save(world, shown(world) | {"caps.11000": "", "pins.0.requirement": "", "pins.0.site": ""}, 1)
    with world() as session:
        assert load_policy_form(session, OPERATOR).version == 2
        assert load_policy(session).pins == {}
        noted = session.scalars(select(models.AuditEntry).order_by(models.AuditEntry.position)).all()
    assert [entry.subject for entry in noted] == ["policy:policy"] * 2
    assert noted[1].changes == {"caps.11000": [0.75, None], "pins.R-000001": ["BKK1", None]}


def test_of_two_who_change_the_policy_the_second_is_told(world):
    save(world, CHANGED)
    with pytest.raises(ConflictError):
        save(world, CHANGED | {"tolerance": "1"})
    save(world, shown(world) | {"floors.21000": "50"}, 1)
    with pytest.raises(ConflictError):
        save(world, CHANGED, 1)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"levels.4": "statutory"}, {"levels.4": "bad_level"}),
        ({"levels.1": "glory"}, {"levels.1": "bad_level"}),
        ({f"levels.{n}": "" for n in range(5)}, {"levels.0": "empty"}),
        ({"fairness": "none"}, {"fairness": "unknown_choice"}),
        ({"tolerance": ""}, {"tolerance": "missing"}),
        ({"tolerance": "101"}, {"tolerance": "out_of_range"}),
        ({"floors.21000": "ครึ่ง"}, {"floors.21000": "not_a_number"}),
        ({"floors.21000": "91"}, {"floors.21000": "floor_above_cap"}),
        ({"pins.1.requirement": "R-000001", "pins.1.site": "CNX1"}, {"pins.1.requirement": "duplicate_code"}),
        ({"pins.1.requirement": "R-000009", "pins.1.site": "CNX1"}, {"pins.1.requirement": "unknown_code"}),
        ({"pins.1.requirement": "R-000005", "pins.1.site": "CNX1"}, {"pins.1.requirement": "unknown_code"}),
        ({"pins.1.requirement": "R-000002"}, {"pins.1.site": "missing"}),
        ({"pins.1.site": "CNX1"}, {"pins.1.requirement": "missing"}),
        ({"tolerance": "-1", "caps.11000": "200"}, {"tolerance": "negative", "caps.11000": "out_of_range"}),
    ],
)
def test_every_fault_is_told_at_its_field_and_nothing_is_stored(world, typed, found):
    assert faults(world, CHANGED | typed) == found
    with world() as session:
        assert load_policy(session) == Policy()


def test_a_refused_policy_is_shown_as_it_was_typed(world):
    more = {f"pins.{n}.{part}": "" for n in range(2, 6) for part in ("requirement", "site")}
    typed = CHANGED | more | {"tolerance": "much", "pins.5.requirement": "R-000002", "pins.5.site": "CNX1"}
    with world() as session, pytest.raises(InvalidInputError) as refused:
        save_policy(session, OPERATOR, typed, 0)
    with world() as session:
        form = load_policy_form(session, OPERATOR, Typed(typed, refused.value.faults))
    assert (form.tolerance.text, len(form.tolerance.faults), form.levels[1].text) == ("much", 1, "priority")
    assert [pin.requirement.text for pin in form.pins] == ["R-000001", "", "", "", "", "R-000002"]


def test_a_policy_is_put_in_force_by_who_has_read_it(world, person):
    wanted = Policy(levels=("statutory", "priority"), floors={"21000": 0.5}, caps={"21000": 0.9})
    with world.begin() as session:
        before, version = get_policy(session, person(Role.AUDITOR))
        assert (before, version) == (Policy(), 0)
        put_policy(session, OPERATOR, wanted, version)
    with world() as session:
        assert get_policy(session, OPERATOR) == (wanted, 1)
        with pytest.raises(ConflictError):
            put_policy(session, OPERATOR, Policy(), 0)
        with pytest.raises(InvalidInputError) as refused:
            put_policy(session, OPERATOR, replace(wanted, floors={"21000": 0.95, "nowhere": 0.1}), 1)
        assert [fault.address for fault in refused.value.faults] == ["policy.floors.nowhere", "policy.floors.21000"]
        with pytest.raises(ForbiddenError):
            get_policy(session, person(Role.HR))


def test_a_pinned_requirement_that_leaves_the_plan_takes_its_pin_along(world):
    save(world, CHANGED)
    with world.begin() as session:
        requirement = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000001")).one()
        requirement.status = models.RequirementStatus.WITHDRAWN
    with world() as session:
        assert load_problem(session).policy.pins == {}
        assert load_policy(session).pins == {"R-000001": "BKK1"}


def test_limits_of_fiscal_years_go_into_the_problem(world):
    with world.begin() as session:
        session.get_one(models.FiscalYear, 2028).move_limit_tb = 20.0
    with world() as session:
        assert load_problem(session).policy.move_limit_tb == (None, 20.0, None)
        assert load_policy_form(session, OPERATOR).limits.column("move_limit_tb") == (None, 20.0, None)


def test_readers_of_plans_read_the_policy_and_de_planners_set_it(world, person):
    manager = person(Role.MANAGER)
    with world() as session:
        assert not load_policy_form(session, manager).editable
        with pytest.raises(ForbiddenError):
            save_policy(session, manager, CHANGED, 0)
        with pytest.raises(ForbiddenError):
            load_policy_form(session, person(Role.MINISTRY_PLANNER, "21000"))
