"""Ending access: all with which a person, or a program in the person's name, comes in without being asked again.

Whoever got hold of one such thing may have made others, so they end together: sign-ins, tokens and open links.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import PasswordLink
from planner.services import audit
from planner.services.permissions import Actor
from planner.services.sign_ins import end_all
from planner.services.tokens import revoke_all


def withdraw_link(session: Session, user_id: int | None) -> None:
    """Let the account's open link, if there is one, work no longer. The caller has checked who may."""
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == user_id))


def end_access(
    session: Session,
    by: Actor | None,
    user_id: int | None,
    username: str,
    *,
    but: int | None = None,
    keep_tokens: bool = False,
) -> None:
    """End every sign-in of an account but that of number `but`, its open link and, unless they are kept, its tokens.

    The caller has checked who may, and notes why; that there were tokens is noted here.
    """
    end_all(session, user_id, but=but)
    withdraw_link(session, user_id)
    if not keep_tokens and revoke_all(session, user_id):
        audit.record(session, by, "tokens_revoked", f"account:{username}")


def sign_out_everywhere(session: Session, actor: Actor, *, keep_tokens: bool = False) -> None:
    """Sign `actor` out of every browser, this one too, and end the tokens of programs unless they are kept."""
    audit.record(session, actor, "signed_out_everywhere", f"account:{actor.username}")
    end_access(session, actor, actor.user_id, actor.username, keep_tokens=keep_tokens)
