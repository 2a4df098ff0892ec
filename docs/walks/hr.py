"""Human resources: read coverage, keep the register, plan how gaps close."""

from typing import Final

from planner.text import N_
from reports.sheets.workforce import PEOPLE
from walks.guide import Guide

HEADERS: Final = {field.key: field.header for field in PEOPLE.fields}
PERSON: Final = {"th": "นางสาวดวงใจ ตัวอย่าง", "en": "Duangjai Tuayang"}
PLAN: Final = {"th": "แผนอบรมปี 2570", "en": "Training plan of 2027"}


def cover(guide: Guide) -> None:
    """From the map of coverage to a person in the register and a plan of training."""
    guide.sign_in("hr")
    guide.menu(N_("Workforce"), N_("Coverage"))
    guide.picture("coverage")
    guide.open("21000")
    guide.see(N_("Five years ahead"))
    guide.menu(N_("Workforce"), N_("Register of data staff"))
    guide.press(N_("People"))
    guide.press(N_("Add a person"))
    guide.fill(HEADERS["code"], "H-900001")
    guide.fill(HEADERS["full_name"], PERSON[guide.language])
    guide.fill(HEADERS["agency"], "21000004")
    guide.press(N_("Add"))
    guide.see(N_("Rights of the person"))
    guide.picture("person")
    guide.menu(N_("Workforce"), N_("Workforce plans"))
    guide.fill(N_("Name of the plan"), PLAN[guide.language])
    guide.press(N_("Make the plan"))
    guide.wait()
    guide.see(N_("What if"))
    guide.picture("workforce-plan")
