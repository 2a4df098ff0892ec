"""A stored plan opened for reading: added up once, and kept by the process while people turn its pages."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from planner.allocation import Plan, Problem
from planner.allocation.explain import QuoteBook, View, open_quote_book
from planner.allocation.options import ruled_out
from planner.errors import NotFoundError
from planner.services.names import Names
from planner.services.permissions import OPERATOR, Actor, Permission, may, require
from planner.services.planning import RunInfo, get_run, load_plan
from planner.services.publishing.standing import plan_for_all, plan_in_force
from planner.services.reporting import Ledger

KEPT: Final = 3
"""How many plans a process keeps open; one of 100,000 requirements takes some hundred megabytes."""


class OpenPlan:
    """A problem and its plan, with everything that is worked out of them when first asked for. A plan never changes."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan = plan

    @cached_property
    def ledger(self) -> Ledger:
        """Its sums."""
        return Ledger(self.problem, self.plan)

    @cached_property
    def quotes(self) -> QuoteBook:
        """What quotes need."""
        return open_quote_book(self.ledger.view)

    @cached_property
    def ruled_out(self) -> Mapping[str, Mapping[str, str]]:
        """For every requirement the sites that can never host it, each with the first rule that says so."""
        return {row.code: ruled_out(self.problem, row) for row in self.problem.requirements}


@dataclass(frozen=True, eq=False)
class Desk:
    """A run with its plan, open."""

    info: RunInfo
    open: OpenPlan

    @property
    def problem(self) -> Problem:
        """What went in."""
        return self.open.problem

    @property
    def plan(self) -> Plan:
        """What came out."""
        return self.open.plan

    @property
    def ledger(self) -> Ledger:
        """Its sums."""
        return self.open.ledger

    @property
    def view(self) -> View:
        """What explanations are read from."""
        return self.open.ledger.view

    @property
    def names(self) -> Names:
        """What its codes are called."""
        return self.open.ledger.names


def open_desk(session: Session, actor: Actor, code: str) -> Desk:
    """The solved run called `code`; `NotFoundError`, or `ConflictError` where it has no plan."""
    require(actor, Permission.VIEW_PLANS)
    return _open(session, code)


def open_for_all(session: Session) -> Desk | None:
    """The plan in force, before the first the newest of the base, for those who see of it what concerns them alone."""
    run = plan_for_all(session)
    return _open(session, run.code) if run else None


def open_for_requirement(session: Session, actor: Actor, code: str, requirement: str) -> Desk:
    """The solved run called `code`, to read of `requirement` alone; `NotFoundError` if it is not in that plan.

    Whoever may not view plans sees the one in force, and in it the requirements of the own ministry.
    """
    require(actor, Permission.VIEW_REQUIREMENTS)
    if not may(actor, Permission.VIEW_PLANS):
        published = plan_in_force(session)
        if published is None or published.code != code:
            raise NotFoundError
    desk = _open(session, code)
    found = desk.ledger.requirements.get(requirement)
    if found is None or actor.ministry_code not in {None, desk.names.agencies[found.agency].ministry}:
        raise NotFoundError
    return desk


def names_in(session: Session, code: str) -> Names:
    """What the solved run called `code` calls its rows; of the plan itself nothing is told."""
    return _open(session, code).names


_lock: Final = Lock()
_opening: Final = Lock()
"""One thread at a time opens a plan: ten who ask for the same one at once would each wait ten times as long."""
_kept: Final["WeakKeyDictionary[Engine, OrderedDict[tuple[str, str], OpenPlan]]"] = WeakKeyDictionary()


def _open(session: Session, code: str) -> Desk:
    """The run with its plan, whoever asks: the callers above have seen to that."""
    info = get_run(session, OPERATOR, code)
    engine, key = session.get_bind().engine, (code, info.sha256)
    found = _look_up(engine, key)
    if found is None:
        with _opening:
            found = _look_up(engine, key)
            if found is None:
                stored = load_plan(session, OPERATOR, code)
                found = _keep(engine, key, OpenPlan(stored.problem, stored.plan))
    return Desk(info, found)


def _look_up(engine: Engine, key: tuple[str, str]) -> OpenPlan | None:
    with _lock:
        shelf = _kept.get(engine, OrderedDict())
        if key in shelf:
            shelf.move_to_end(key)
        return shelf.get(key)


def _keep(engine: Engine, key: tuple[str, str], plan: OpenPlan) -> OpenPlan:
    with _lock:
        shelf = _kept.setdefault(engine, OrderedDict())
        shelf[key] = plan
        while len(shelf) > KEPT:
            shelf.popitem(last=False)
    return plan
