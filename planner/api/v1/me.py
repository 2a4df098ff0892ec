"""Whom the token stands for, and what it may be used for."""

import datetime as dt

from planner.api.resources import Call, Resource
from planner.api.values import Model
from planner.services.permissions import Permission, may

me = Resource("me", None, "Whom the token stands for, and what it may be used for.")


class Me(Model):
    """The token's owner. A request needs the permission and the scope: the token never does more than its owner."""

    username: str
    full_name: str
    role: str
    ministry: str | None
    permissions: list[str]
    scopes: list[str]
    token_expires_at: dt.datetime


@me.get()
def show(call: Call) -> Me:
    """Who the token's owner is, and what the token may do."""
    actor, bearer = call.actor, call.bearer
    return Me(
        username=actor.username,
        full_name=actor.full_name,
        role=actor.role.value,
        ministry=actor.ministry_code,
        permissions=[permission.value for permission in Permission if may(actor, permission)],
        scopes=list(bearer.scopes),
        token_expires_at=bearer.expires_at,
    )
