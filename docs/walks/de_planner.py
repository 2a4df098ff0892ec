"""A planner of DE: open a round, decide on what ministries submitted, look at capacity, run plans and compare them."""

import datetime as dt
from typing import Final

from planner.text import N_
from walks.guide import Guide

QUESTION: Final = {
    "th": "ปริมาณปี 2571 เพิ่มจากปี 2570 มากเกินไป โปรดแสดงที่มา",
    "en": "The amount grows much from 2027 to 2028. Please say why.",
}
PLAN: Final = {"th": "แผนปี 2570 รอบแรก", "en": "Plan of 2027, first round"}


def review(guide: Guide) -> None:
    """A round with its deadline; one requirement returned with a comment, the others approved."""
    guide.sign_in("planner")
    guide.menu(N_("Data"), N_("Planning rounds"))
    guide.press(N_("New planning round"))
    first, last = (dt.date.today() + dt.timedelta(days=days) for days in (-1, 60))  # noqa: DTZ011  # as people type it
    guide.fill(N_("Code"), "2570-1")
    guide.fill(N_("Thai name"), "รอบที่ 1 ปีงบประมาณ 2570")
    guide.fill(N_("English name"), "Round 1 of fiscal year 2027")
    guide.fill(N_("Opens on"), f"{first:%d/%m/%Y}")
    guide.fill(N_("Closes on"), f"{last:%d/%m/%Y}")
    guide.press(N_("Save the round"))
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.picture("worklist")
    guide.tick("R-900002")
    guide.fill(N_("Comment"), QUESTION[guide.language])
    guide.press(N_("Return"))
    guide.tick("R-900001", "R-900003")
    guide.press(N_("Approve"))


def plan(guide: Guide) -> None:
    """What was sent back is approved; capacity; a plan and its shortfalls; a scenario beside it."""
    guide.sign_in("planner")
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.open("R-900002")
    guide.press(N_("Approve"))
    guide.menu(N_("Data centres"), N_("Used and free capacity"))
    guide.picture("pools")
    guide.menu(N_("Plans"), N_("Plans"))
    guide.fill(N_("Name of the plan run"), PLAN[guide.language])
    guide.press(N_("Run the plan"))
    guide.wait()
    guide.see(N_("Levels"))
    guide.picture("plan")
    guide.press(N_("See what falls short, one by one"))
    guide.picture("shortfalls", ".table-responsive:has(#table-shortfalls)")
    guide.menu(N_("Plans"), N_("Scenarios"))
    guide.open("S-000001")
    guide.press(N_("Run the scenario"))
    guide.wait()
    guide.see(N_("Levels"))
    guide.menu(N_("Plans"), N_("Scenarios"))
    guide.open("S-000001")
    guide.press(N_("Compare the newest plan with the newest of the base"))
    guide.picture("comparison")
