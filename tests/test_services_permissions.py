"""The table of permissions is complete, and asking for one is enforced."""

import pytest

from models import Role
from planner.errors import ForbiddenError
from planner.services.permissions import OPERATOR, PERMISSIONS, Actor, Permission, may, ministry_scope, require


def actor(role: Role, ministry_id: int | None = None) -> Actor:
    return Actor(1, "x", "x", role, ministry_id)


def test_every_permission_stands_in_the_table_and_somebody_has_it():
    assert set(PERMISSIONS) == set(Permission)
    assert all(PERMISSIONS.values())


def test_the_operator_may_do_everything():
    assert all(may(OPERATOR, permission) for permission in Permission)


def granted(role: Role) -> set[Permission]:
    return {permission for permission in Permission if may(actor(role), permission)}


READING = {
    Permission.VIEW_REQUIREMENTS,
    Permission.VIEW_DATASETS,
    Permission.VIEW_SITES,
    Permission.VIEW_PLANS,
    Permission.VIEW_OUTCOME,
    Permission.VIEW_WORKFORCE,
    Permission.VIEW_AUDIT_LOG,
}


def test_an_auditor_reads_everything_and_changes_nothing():
    assert granted(Role.AUDITOR) == READING


def test_a_manager_reads_comments_and_publishes_but_sees_no_audit_log():
    assert granted(Role.MANAGER) == READING - {Permission.VIEW_AUDIT_LOG} | {
        Permission.COMMENT,
        Permission.PUBLISH_PLAN,
    }


def test_hr_keeps_the_register_and_nobody_else_sees_people():
    assert {role for role in Role if may(actor(role), Permission.VIEW_PEOPLE)} == {Role.HR}
    assert granted(Role.HR) == {
        Permission.VIEW_WORKFORCE,
        Permission.VIEW_PEOPLE,
        Permission.EDIT_WORKFORCE,
        Permission.EDIT_NORMS,
        Permission.PLAN_WORKFORCE,
        Permission.IMPORT_DATA,
    }


def test_an_administrator_has_no_access_to_requirements_and_their_approval():
    assert not granted(Role.ADMINISTRATOR) & {
        Permission.VIEW_REQUIREMENTS,
        Permission.EDIT_REQUIREMENTS,
        Permission.REVIEW_REQUIREMENTS,
        Permission.MANAGE_ROUNDS,
        Permission.RUN_PLAN,
    }


def test_what_is_not_granted_is_refused():
    require(actor(Role.DE_PLANNER), Permission.RUN_PLAN)
    with pytest.raises(ForbiddenError):
        require(actor(Role.AUDITOR), Permission.RUN_PLAN)


def test_a_ministry_planner_is_bound_to_the_ministry():
    assert ministry_scope(actor(Role.MINISTRY_PLANNER, 7)) == 7
    assert ministry_scope(actor(Role.DE_PLANNER)) is None
    assert ministry_scope(OPERATOR) is None
