"""A manager: read a plan, put it in force, see what each ministry is told, take the workbooks."""

from typing import Final

from planner.text import N_
from walks.guide import Guide

NOTE: Final = {
    "th": "มติคณะกรรมการขับเคลื่อน ครั้งที่ 1/2570",
    "en": "Resolution 1/2027 of the steering committee",
}


def publish(guide: Guide) -> None:
    """The newest plan of the base is published."""
    guide.sign_in("manager")
    guide.see(N_("Plan in force"))
    guide.menu(N_("Plans"), N_("Plans"))
    guide.open("P-000002")
    guide.see(N_("Levels"))
    guide.press(N_("Fairness"))
    guide.press(N_("Overview"))
    guide.press(N_("Publish this plan"))
    guide.see(N_("Does it still fit the data?"))
    guide.fill(N_("Note, which every ministry reads"), NOTE[guide.language])
    guide.picture("publish")
    guide.press(N_("Publish"))
    guide.menu(N_("Plans"), N_("Published plans"))
    guide.picture("published")
    guide.press(N_("Outcome of each ministry"))
    guide.open("21000")
    guide.menu(N_("Plans"), N_("Plans"))
    guide.open("P-000002")
    guide.press(N_("Reports (Excel)"))
    guide.wait()
    guide.picture("reports")
