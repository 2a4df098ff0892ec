"""Removing what is no longer needed: each run by itself, so that nobody waits long and nothing goes by halves."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session, sessionmaker

from models import PlanRun
from planner.errors import ForbiddenError
from planner.services import audit
from planner.services.attachments import Shelf
from planner.services.locking import lock
from planner.services.permissions import OPERATOR, Actor
from planner.services.retention.leftovers import Leftover, expired, outlived
from planner.services.retention.runs import Run, old_closing_runs, old_plan_runs, remove_run, remove_sweep
from planner.services.sign_ins import Lifetimes
from planner.services.stray_files import stray_files
from planner.text import N_, Phrase
from reports.values import Column, Table

KINDS: Final[tuple[tuple[str, Callable[..., Sequence[Run]]], ...]] = (
    (N_("Plan runs"), old_plan_runs),
    (N_("Workforce plans"), old_closing_runs),
)
"""What each kind of run is called, and what finds those to remove."""


@dataclass(frozen=True)
class Purge:
    """What a purge goes by: what is from before `before` is old, None where all is kept; `now` is aware."""

    lifetimes: Lifetimes
    now: dt.datetime
    before: dt.datetime | None

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        """The rows that go by themselves."""
        return (*expired(self.lifetimes, self.now), *(outlived(self.before) if self.before else ()))


def purge(sessions: sessionmaker[Session], actor: Actor, shelf: Shelf, terms: Purge, *, dry_run: bool = False) -> Table:
    """Remove what nobody needs any more; how much of each kind went. With `dry_run`, how much would."""
    if actor is not OPERATOR:
        raise ForbiddenError
    rows = _purge_leftovers(sessions, actor, terms, dry_run=dry_run)
    for label, find in KINDS if terms.before else ():
        with sessions() as session:
            units = _units(find(session, terms.before))
        if not dry_run:
            units = [unit for unit in units if _remove(sessions, actor, terms, find, unit)]
        rows.append((Phrase(label), sum(map(len, units))))
    with sessions() as session:
        strays = stray_files(session, shelf, terms.now)
    for token in () if dry_run else strays:
        shelf.remove(token)
    rows.append((Phrase(N_("Attached files that nothing names")), len(strays)))
    columns = (
        Column("kind", N_("Kind")),
        Column("count", N_("Would be removed") if dry_run else N_("Removed"), "number"),
    )
    return Table("purge", N_("What nobody needs any more"), columns, tuple(rows))


def _purge_leftovers(
    sessions: sessionmaker[Session], actor: Actor, terms: Purge, *, dry_run: bool
) -> list[tuple[Phrase, int]]:
    with sessions.begin() as session:
        leftovers = terms.leftovers
        counts = {each.key: each.count(session) if dry_run else each.remove(session) for each in leftovers}
        if not dry_run and any(counts.values()):
            gone = {key: (count, 0) for key, count in counts.items() if count}
            audit.record(session, actor, "purged", f"leftovers:{terms.now:%Y-%m-%d}", gone)
    return [(Phrase(each.label), counts[each.key]) for each in leftovers]


def _units(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """The codes of `runs`, those of one sweep together."""
    units: dict[str, tuple[str, ...]] = {}
    for run in runs:
        unit = (run.sweep if isinstance(run, PlanRun) else None) or run.code
        units[unit] = (*units.get(unit, ()), run.code)
    return list(units.values())


def _remove(
    sessions: sessionmaker[Session],
    actor: Actor,
    terms: Purge,
    find: Callable[..., Sequence[Run]],
    codes: Collection[str],
) -> bool:
    """Remove the runs with `codes` in one transaction, unless somebody needs one of them by now."""
    with sessions.begin() as session:
        lock(session, "publishing")
        runs = find(session, terms.before, codes)
        if len(runs) < len(codes):
            return False
        for run in runs:
            remove_run(session, actor, run)
        for sweep in {run.sweep for run in runs if isinstance(run, PlanRun) and run.sweep}:
            remove_sweep(session, actor, sweep)
    return True
