"""Who may do what, in one table, and whose rows each person sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models import Role
from planner.errors import ForbiddenError
from planner.i18n import DEFAULT_LANGUAGE


class Permission(StrEnum):
    """Something that not everybody may do."""

    VIEW_REQUIREMENTS = "view_requirements"
    VIEW_SITES = "view_sites"
    VIEW_PLANS = "view_plans"
    RUN_PLAN = "run_plan"
    IMPORT_DATA = "import_data"


PERMISSIONS: Final[Mapping[Permission, frozenset[Role]]] = MappingProxyType(
    {
        Permission.VIEW_REQUIREMENTS: frozenset({Role.MINISTRY_PLANNER, Role.DE_PLANNER, Role.MANAGER, Role.AUDITOR}),
        Permission.VIEW_SITES: frozenset(
            {Role.MINISTRY_PLANNER, Role.DE_PLANNER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR}
        ),
        Permission.VIEW_PLANS: frozenset({Role.DE_PLANNER, Role.MANAGER, Role.AUDITOR}),
        Permission.RUN_PLAN: frozenset({Role.DE_PLANNER}),
        Permission.IMPORT_DATA: frozenset({Role.MINISTRY_PLANNER, Role.DE_PLANNER, Role.ADMINISTRATOR}),
    }
)
"""The roles that have each permission.

A ministry planner sees a plan through the requirements of the own ministry. Which sheets of a workbook each role may
import is the importing service's to say: a ministry its own requirements, an administrator the reference data.
"""


@dataclass(frozen=True)
class Actor:
    """Who acts. `user_id` is absent only for `OPERATOR`; `ministry_id` is there for those who belong to a ministry."""

    user_id: int | None
    username: str
    full_name: str
    role: Role
    ministry_id: int | None = None
    ministry_code: str | None = None
    language: str = DEFAULT_LANGUAGE


OPERATOR: Final = Actor(user_id=None, username="operator", full_name="operator", role=Role.ADMINISTRATOR)
"""Whoever works at the command line: holds the database itself, and so may do everything."""


def may(actor: Actor, permission: Permission) -> bool:
    """Whether `actor` has `permission`."""
    return actor.user_id is None or actor.role in PERMISSIONS[permission]


def require(actor: Actor, permission: Permission) -> None:
    """`ForbiddenError` unless `actor` has `permission`."""
    if not may(actor, permission):
        raise ForbiddenError


def ministry_scope(actor: Actor) -> int | None:
    """The key of the one ministry whose rows `actor` sees, or None for all."""
    return actor.ministry_id
