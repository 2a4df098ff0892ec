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


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_those_who_only_read_change_nothing(role):
    granted = {permission for permission in Permission if may(actor(role), permission)}
    assert granted == {Permission.VIEW_REQUIREMENTS, Permission.VIEW_SITES, Permission.VIEW_PLANS}


def test_what_is_not_granted_is_refused():
    require(actor(Role.DE_PLANNER), Permission.RUN_PLAN)
    with pytest.raises(ForbiddenError):
        require(actor(Role.AUDITOR), Permission.RUN_PLAN)


def test_a_ministry_planner_is_bound_to_the_ministry():
    assert ministry_scope(actor(Role.MINISTRY_PLANNER, 7)) == 7
    assert ministry_scope(actor(Role.DE_PLANNER)) is None
    assert ministry_scope(OPERATOR) is None
