"""Telling people by e-mail that something changed in how they sign in, so that it is noticed if it was not they."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from models import User
from planner.i18n import format_moment, to_words
from planner.mail import Mail
from planner.services.mailing import post_mail_after_commit
from planner.text import N_, Phrase

SENTENCES: Final[Mapping[str, str]] = {
    "password_changed": N_("The password of your account %(username)s was changed."),
    "second_factor_set": N_("A second factor was set up for your account %(username)s."),
    "second_factor_removed": N_("The second factor of your account %(username)s was removed."),
    "second_factor_reset": N_("An administrator reset the second factor of your account %(username)s."),
    "recovery_codes_made": N_("New recovery codes were made for your account %(username)s."),
    "recovery_code_used": N_("A recovery code of your account %(username)s was used to sign in or to change it."),
    "code_repeated": N_("A code of your app was given a second time for your account %(username)s, and refused."),
    "identity_linked": N_("Your account %(username)s was linked to the account of your organisation."),
    "emergency_link_used": N_("Somebody signed in to your account %(username)s with an emergency link."),
    "token_issued": N_("A token with which programs act for you was made with your account %(username)s."),
    "email_changed": N_("The e-mail address of your account %(username)s was changed."),
}
"""What is told, by what was done."""


def tell(session: Session, user: User | None, done: str, *, address: str | None = None) -> None:
    """Tell the account's person, once the transaction commits, at `address` or the account's own; nobody without one.

    The sentence tells no secret, and no address of the application that a forger would imitate.
    """
    to = address or (user.email if user else None)
    if user is None or not to:
        return
    moment = format_moment(dt.datetime.now(dt.UTC), user.language)
    lines = (
        Phrase(SENTENCES[done], {"username": user.username}),
        Phrase(N_("It happened on %(moment)s. If it was not you, tell an administrator at once."), {"moment": moment}),
    )
    title = to_words(Phrase(N_("Your account of the DE Capacity Planner")), user.language)
    post_mail_after_commit(session, Mail(to, title, "\n\n".join(to_words(line, user.language) for line in lines)))
