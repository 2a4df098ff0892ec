"""An administrator: let people in, shut them out, keep reference data."""

from typing import Final

from planner.text import N_
from walks.guide import Guide

PERSON: Final = {"th": "นายสมคิด ตัวอย่าง", "en": "Somkid Tuayang"}


def invite(guide: Guide) -> None:
    """An account from its invitation to its end, and a new agency."""
    guide.sign_in("admin")
    guide.menu(N_("Administration"), N_("Accounts"))
    guide.press(N_("Invite a person"))
    guide.fill(N_("User name"), "somkid")
    guide.fill(N_("Full name"), PERSON[guide.language])
    guide.fill(N_("Role"), "ministry_planner")
    guide.fill(N_("Ministry"), "21000")
    guide.picture("invite", "main form")
    guide.press(N_("Invite"))
    guide.picture("invitation")
    guide.press(N_("To the account"))
    guide.picture("account")
    guide.press(N_("Deactivate"))
    guide.press(N_("Activate again"))
    guide.menu(N_("Administration"), N_("Reference data"))
    guide.press(N_("Agencies"))
    guide.press(N_("Add an agency"))
