"""Scenarios to try the tool out with, over the sample's rows."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Scenario
from planner.services.permissions import OPERATOR
from planner.services.scenarios.keeping import find_scenario, put_adjustment, save_scenario

_SCENARIOS: Final[Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]]] = {
    "ถ้าความต้องการด้านสาธารณสุขเพิ่มขึ้น (more demand for health)": (("demand", {"ministry": "21000", "change": "20"}),),
    "ถ้าศูนย์ข้อมูลกรุงเทพฯ ใช้งานไม่ได้ (Bangkok is lost)": (("site_lost", {"site": "BKK1", "first": "2028"}),),
    "ถ้างบลดและเปิดศูนย์ล่าช้า (less money, a late opening)": (
        ("budget_changed", {"budget": "capex", "change": "-50"}),
        ("site_delayed", {"site": "KKC1", "first": "2029"}),
    ),
}
"""What each is called, in both languages, and its adjustments as one would type them."""


def seed_scenarios(session: Session) -> None:
    """Make the sample's scenarios where there is none at all. Never for a real installation."""
    if session.scalar(select(Scenario.id).limit(1)) is not None:
        return
    for name, adjustments in _SCENARIOS.items():
        code = save_scenario(session, OPERATOR, {"name": name})
        for kind, typed in adjustments:
            version = find_scenario(session, code).version
            put_adjustment(session, OPERATOR, code, typed, kind=kind, version=version)
