"""The link to the allocation: the data staff who limit what the plan in force hosts."""

from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import PoolUse
from planner.services.desk.opening import open_for_all
from planner.services.names import Names
from planner.services.publishing.standing import plan_for_all
from planner.services.reporting.staff import StaffPool, staff_pools
from planner.text import N_

UNLIMITED: Final = N_(
    "No plan is in force, or the one in force was made without a limit by data staff. "
    "The policy of the plans turns the limit on."
)
"""What pages say where there are no staff pools to show."""


def load_staff_pools(session: Session) -> tuple[tuple[StaffPool, ...], Names] | None:
    """The staff pools of the plan in force, before the first of the newest, and its names; None if it has none."""
    run = plan_for_all(session)
    if run is None or not session.scalar(
        select(exists().where(PoolUse.run_id == run.id, PoolUse.pool.startswith("staff/")))
    ):
        return None
    desk = open_for_all(session)
    return (staff_pools(desk.problem, desk.plan), desk.names) if desk else None
