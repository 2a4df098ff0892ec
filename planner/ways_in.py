"""By which ways people may come in, as an installation sets it: passwords here, or the organisation's provider."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from models import Role
from planner.environment import Environment
from planner.text import N_

SHORTEST_KEY: Final = 32
SCOPE: Final = "openid profile email"
GROUPS_CLAIM: Final = "groups"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WITH_MINISTRY: Final = frozenset({Role.MINISTRY_PLANNER, Role.HR})


@dataclass(frozen=True)
class Grant:
    """What a group of the provider gives its members: a role and, where the role has one, a ministry's code or ""."""

    role: Role
    ministry: str = ""


@dataclass(frozen=True)
class ProviderSettings:
    """The organisation's provider (OpenID Connect) and what its groups mean here.

    `address` is where the provider sends people back to. Of several groups that a person is in, the first of `groups`
    counts. Without a secret the planner is a public client: PKCE alone protects the code.
    """

    issuer: str
    client_id: str
    address: str
    client_secret: str = field(default="", repr=False)
    scope: str = SCOPE
    groups_claim: str = GROUPS_CLAIM
    groups: Mapping[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True)
class WaysIn:
    """Whether there is a provider, whether passwords are taken, and of which roles a second factor is asked with them.

    `keys` seal secrets in the database, the first of them newly.
    """

    provider: ProviderSettings | None = None
    passwords: bool = True
    second_factor: frozenset[Role] = frozenset()
    keys: tuple[str, ...] = field(default=(), repr=False)


def read_ways_in(read: Environment, address: str) -> WaysIn:
    """What is set; `address` is where people reach the application."""
    provider = _provider(read, address)
    passwords = read.flag("PLANNER_LOCAL_SIGN_IN", default=True)
    if not passwords and provider is None:
        closed = N_("Without PLANNER_OIDC_ISSUER nobody could sign in any more.")
        read.refuse("PLANNER_LOCAL_SIGN_IN", "nobody_gets_in", closed)
    return WaysIn(provider, passwords, _roles(read), _keys(read))


def _provider(read: Environment, address: str) -> ProviderSettings | None:
    issuer = read.text("PLANNER_OIDC_ISSUER")
    client_id = read.text("PLANNER_OIDC_CLIENT_ID")
    found = ProviderSettings(
        issuer=issuer,
        client_id=client_id,
        address=address,
        client_secret=read.text("PLANNER_OIDC_CLIENT_SECRET"),
        scope=read.text("PLANNER_OIDC_SCOPE", SCOPE),
        groups_claim=read.text("PLANNER_OIDC_GROUPS_CLAIM", GROUPS_CLAIM),
        groups=_groups(read, asked=bool(issuer)),
    )
    if not issuer:
        return None
    if not is_safe(issuer):
        unsafe = N_("“%(text)s” is no address that starts with https://.")
        read.refuse("PLANNER_OIDC_ISSUER", "no_address", unsafe, text=issuer)
    if not client_id:
        read.refuse("PLANNER_OIDC_CLIENT_ID", "missing", N_("The provider needs it."))
    if not address:
        missing = N_("The provider needs it: it sends people back there.")
        read.refuse("PLANNER_ADDRESS", "missing", missing)
    if "openid" not in found.scope.split():
        read.refuse("PLANNER_OIDC_SCOPE", "not_openid", N_("“openid” must be in it."))
    return found


def is_safe(address: str) -> bool:
    """Whether nobody on the way can pose as who answers at `address`: HTTPS, or this very machine."""
    try:
        parts = urlsplit(address)
        local = parts.hostname in _LOOPBACK
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _groups(read: Environment, *, asked: bool) -> Mapping[str, Grant]:
    """What each group gives: `{"planners-of-health": "ministry_planner/21000", "planner-admins": "administrator"}`."""
    name = "PLANNER_OIDC_GROUPS"
    text = read.text(name)
    try:
        given = json.loads(text or "{}", object_pairs_hook=_each_once)
        if not isinstance(given, dict):
            raise TypeError
    except (ValueError, TypeError, RecursionError):
        wrong = N_('It is no JSON object such as {"group": "administrator"} that names each group once.')
        read.refuse(name, "no_mapping", wrong)
        return {}
    grants = {}
    for group, meaning in given.items():
        if grant := _grant(meaning):
            grants[group] = grant
        else:
            wrong = N_("“%(group)s” has neither a role nor a role and a ministry, such as ministry_planner/21000.")
            read.refuse(name, "no_role", wrong, group=group)
    if asked and not given:
        read.refuse(name, "missing", N_("Without a group that has a role, nobody gets in by the provider."))
    return MappingProxyType(grants)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _grant(meaning: object) -> Grant | None:
    if not isinstance(meaning, str):
        return None
    role, _, ministry = meaning.partition("/")
    if role not in Role.__members__.values():
        return None
    grant = Grant(Role(role), ministry)
    if (ministry and grant.role not in _WITH_MINISTRY) or (not ministry and grant.role == Role.MINISTRY_PLANNER):
        return None
    return grant


def _roles(read: Environment) -> frozenset[Role]:
    name = "PLANNER_SECOND_FACTOR_ROLES"
    given = {word.strip() for word in read.text(name).split(",")} - {""}
    known = given & set(Role.__members__.values())
    if unknown := given - known:
        wrong = N_("There is no such role: %(roles)s. The roles are %(known)s.")
        read.refuse(name, "unknown_role", wrong, roles=tuple(sorted(unknown)), known=tuple(role.value for role in Role))
    return frozenset(map(Role, known))


def _keys(read: Environment) -> tuple[str, ...]:
    """The keys, which are never repeated."""
    name = "PLANNER_ENCRYPTION_KEYS"
    keys = tuple(key for word in read.text(name).split(",") if (key := word.strip()))
    if any(len(key) < SHORTEST_KEY for key in keys):
        read.refuse(name, "weak", N_("A key is shorter than %(signs)s signs."), signs=SHORTEST_KEY)
    return keys
