"""The tutorials as walks through the screens: a test takes every step, `make screenshots` takes pictures on the way.

The pages docs/th/… and docs/en/… tell what the walks do, in the same order: each word of the screen that a walk presses
or looks for stands bold in the page, in the page's language, and nothing else does.
"""

from collections.abc import Callable, Mapping
from typing import Final

from walks import administrator, auditor, de_planner, hr, manager, ministry_planner
from walks.guide import Guide

PAGES: Final[Mapping[str, tuple[Callable[[Guide], None], ...]]] = {
    "ministry-planner": (ministry_planner.bring_in, ministry_planner.take_up),
    "de-planner": (de_planner.review, de_planner.plan),
    "manager": (manager.publish,),
    "hr": (hr.cover,),
    "auditor": (auditor.trace,),
    "administrator": (administrator.invite,),
}
"""The parts of each page's walk, by the page's name in docs/th and docs/en."""
DAY: Final = (
    ministry_planner.bring_in,
    de_planner.review,
    ministry_planner.take_up,
    de_planner.plan,
    manager.publish,
    hr.cover,
    auditor.trace,
    administrator.invite,
)
"""All parts in the order of the day, on one database: each finds what those before it left."""
