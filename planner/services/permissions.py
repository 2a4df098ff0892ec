"""Who may do what, in one table, and whose rows each person sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models import Role, User
from planner.errors import ForbiddenError
from planner.i18n import DEFAULT_LANGUAGE

THEMES: Final = ("auto", "light", "dark")
"""How pages may look; "auto" is as the person's system says."""
DEFAULT_THEME: Final = "auto"


class Permission(StrEnum):
    """Something that not everybody may do."""

    VIEW_REQUIREMENTS = "view_requirements"
    EDIT_REQUIREMENTS = "edit_requirements"
    REVIEW_REQUIREMENTS = "review_requirements"
    MANAGE_ROUNDS = "manage_rounds"
    VIEW_DATASETS = "view_datasets"
    EDIT_DATASETS = "edit_datasets"
    COMMENT = "comment"
    VIEW_SITES = "view_sites"
    EDIT_SITES = "edit_sites"
    EDIT_REFERENCE = "edit_reference"
    EDIT_POLICY = "edit_policy"
    VIEW_PLANS = "view_plans"
    RUN_PLAN = "run_plan"
    EDIT_SCENARIOS = "edit_scenarios"
    PUBLISH_PLAN = "publish_plan"
    VIEW_OUTCOME = "view_outcome"
    VIEW_WORKFORCE = "view_workforce"
    VIEW_PEOPLE = "view_people"
    EDIT_WORKFORCE = "edit_workforce"
    EDIT_NORMS = "edit_norms"
    PLAN_WORKFORCE = "plan_workforce"
    IMPORT_DATA = "import_data"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_WEBHOOKS = "manage_webhooks"
    VIEW_AUDIT_LOG = "view_audit_log"


_READERS: Final = frozenset({Role.MINISTRY_PLANNER, Role.DE_PLANNER, Role.MANAGER, Role.AUDITOR})
_ENTERING: Final = frozenset({Role.MINISTRY_PLANNER, Role.DE_PLANNER})
_DE: Final = frozenset({Role.DE_PLANNER})
_STAFF: Final = frozenset({Role.HR})

PERMISSIONS: Final[Mapping[Permission, frozenset[Role]]] = MappingProxyType(
    {
        Permission.VIEW_REQUIREMENTS: _READERS,
        Permission.EDIT_REQUIREMENTS: _ENTERING,
        Permission.REVIEW_REQUIREMENTS: _DE,
        Permission.MANAGE_ROUNDS: _DE,
        Permission.VIEW_DATASETS: _READERS,
        Permission.EDIT_DATASETS: _ENTERING,
        Permission.COMMENT: _ENTERING | {Role.MANAGER},
        Permission.VIEW_SITES: _READERS | {Role.ADMINISTRATOR},
        Permission.EDIT_SITES: _DE,
        Permission.EDIT_REFERENCE: _DE | {Role.ADMINISTRATOR},
        Permission.EDIT_POLICY: _DE,
        Permission.VIEW_PLANS: frozenset({Role.DE_PLANNER, Role.MANAGER, Role.AUDITOR}),
        Permission.RUN_PLAN: _DE,
        Permission.EDIT_SCENARIOS: _DE,
        Permission.PUBLISH_PLAN: frozenset({Role.MANAGER}),
        Permission.VIEW_OUTCOME: _READERS,
        Permission.VIEW_WORKFORCE: _READERS | {Role.HR},
        Permission.VIEW_PEOPLE: _STAFF,
        Permission.EDIT_WORKFORCE: _STAFF,
        Permission.EDIT_NORMS: _STAFF,
        Permission.PLAN_WORKFORCE: _STAFF,
        Permission.IMPORT_DATA: _ENTERING | _STAFF | {Role.ADMINISTRATOR},
        Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
        Permission.MANAGE_WEBHOOKS: frozenset({Role.ADMINISTRATOR}),
        Permission.VIEW_AUDIT_LOG: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    }
)
"""The roles that have each permission.

A ministry planner sees a plan through the requirements of the own ministry. Which sheets of a workbook each role may
import is the importing service's to say: a ministry its own requirements, HR the register, an administrator the
reference data.
"""


@dataclass(frozen=True)
class Actor:
    """Who acts. `user_id` is absent only for `OPERATOR`; `ministry_id` is there for those who belong to a ministry.

    `withheld` are the roles whose accounts are none of the actor's to hand out or to take over, whatever the own role
    allows: a program, which gives no second factor, makes nobody who must have one.
    """

    user_id: int | None
    username: str
    full_name: str
    role: Role
    ministry_id: int | None = None
    ministry_code: str | None = None
    language: str = DEFAULT_LANGUAGE
    theme: str = DEFAULT_THEME
    withheld: frozenset[Role] = frozenset()


def actor_of(user: User) -> Actor:
    """The person of an account."""
    return Actor(
        user_id=user.id,
        username=user.username,
        full_name=user.full_name,
        role=user.role,
        ministry_id=user.ministry_id,
        ministry_code=user.ministry.code if user.ministry else None,
        language=user.language,
        theme=user.theme,
    )


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
