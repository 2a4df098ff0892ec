"""Taking a scenario into the base: what its adjustments make of sites, expansions, budgets and policy becomes the rows.

The rows are stored by the services that keep reference data and policy, with their rules, versions and history. Demand
is not among them: what ministries ask for is theirs to enter and DE's to approve.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from planner.allocation import Policy, Problem
from planner.errors import ConflictError
from planner.services import audit
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, require
from planner.services.phrases import dump_phrase
from planner.services.problems import load_policy
from planner.services.reference import TABLES, put_policy, remove_row
from planner.services.reference.forms import find_row
from planner.services.reference.saving import TypedRows, store_rows
from planner.services.rows.cells import cell_changes
from planner.services.rows.recording import record_row
from planner.services.rows.targets import Database, identity_of
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.keeping import (
    adjustments_of,
    archive_scenario,
    load_outline_of,
    open_scenario,
    store_adjustments,
    subject_of,
)
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.sentences import sentence
from planner.text import N_, Phrase
from reports.columns import Sheet, Values
from reports.reader import ColumnKey, Row
from reports.sheets import CAPACITY, EXPANSIONS, FISCAL_YEARS, SITES

_LIMITS: Final = ("capex_limit", "opex_limit", "move_limit_tb")
_MODULES: Final = ("site", "resource_type", "module_size", "module_price", "lead_years", "max_modules")
_POLICY: Final = ("levels", "tolerance", "staff_gate", "protect_incumbents", "fairness", "floors", "caps")
"""What the policy's own page keeps of it; pins are beside, for they may name what no plan knows."""


def promote_scenario(session: Session, actor: Actor, code: str, version: int) -> None:
    """Make the base what the scenario's adjustments say, except of demand; they leave it, and an empty one is archived.

    All or nothing: `InvalidInputError` with every fault, `ConflictError` if the scenario is no longer at `version` or
    has nothing to take over.
    """
    for permission in (
        Permission.EDIT_SCENARIOS,
        Permission.EDIT_SITES,
        Permission.EDIT_REFERENCE,
        Permission.EDIT_POLICY,
    ):
        require(actor, permission)
    row = open_scenario(session, code, version)
    adjustments = adjustments_of(row)
    entering = [each for each in adjustments if KINDS[each.kind].promoted]
    staying = [each for each in adjustments if not KINDS[each.kind].promoted]
    if not entering:
        raise ConflictError(Phrase(N_("Nothing of this scenario can be taken into the base.")))
    before = load_outline_of(session, entering)
    after = apply_adjustments(before, entering)
    for sheet, rows in _changed_rows(before, after):
        _store(session, actor, sheet, rows)
    _remove_expansions(session, actor, before, after)
    if before.policy != after.policy:
        put_policy(session, actor, _policy(load_policy(session), before.policy, after.policy))
    names = Names(after)
    said = [dump_phrase(sentence(each, names)) for each in entering]
    store_adjustments(session, row, staying)
    audit.record(session, actor, "promoted", subject_of(code), {"adjustments": (said, None)})
    if not staying:
        archive_scenario(session, actor, code, row.version)


def _changed_rows(before: Problem, after: Problem) -> Iterator[tuple[Sheet, list[Values]]]:
    """The rows that differ, by their sheets: what tells each apart, and the columns that an adjustment may change."""
    sites = list(zip(before.sites, after.sites, strict=True))
    yield (
        SITES,
        [
            {"code": new.code, "to_year": new.end, **({"from_year": new.start} if new.start else {})}
            for old, new in sites
            if (old.start, old.end) != (new.start, new.end)
        ],
    )
    yield (
        CAPACITY,
        [
            {
                "site": new.code,
                "resource_type": code,
                "nameplate": {("", year): amount for year, amount in zip(after.fiscal_years, series, strict=True)},
            }
            for old, new in sites
            for code, series in new.capacity.items()
            if old.capacity[code] != series
        ],
    )
    known = {row.code: row for row in before.expansions}
    yield (
        EXPANSIONS,
        [
            {"code": new.code, **{key: getattr(new, key) for key in _MODULES}}
            | ({} if new.code in known else {"name_th": new.code, "name_en": new.code})
            for new in after.expansions
            if known.get(new.code) != new
        ],
    )
    old, new = (_limits(problem) for problem in (before, after))
    yield FISCAL_YEARS, [{"year": year, **new[year]} for year in new if old[year] != new[year]]


def _limits(problem: Problem) -> Mapping[int, Values]:
    """The limits of every fiscal year."""
    series = {name: getattr(problem.policy, name) for name in _LIMITS}
    return {
        year: {name: limits[n] if limits else None for name, limits in series.items()}
        for n, year in enumerate(problem.fiscal_years)
    }


def _store(session: Session, actor: Actor, sheet: Sheet, rows: Sequence[Values]) -> None:
    """Store rows, each with the columns that it has, and note in history what changed of each."""
    if not rows:
        return
    database = Database(session)
    columns: dict[ColumnKey, str] = {}
    for values in rows:
        for key, value in values.items():
            columns |= {(key, part): key for part in value} if isinstance(value, Mapping) else {key: key}
    names = {n: ".".join(map(str, identity_of(sheet, values))) for n, values in enumerate(rows)}
    typed = TypedRows(sheet, "", tuple(Row(n, values) for n, values in enumerate(rows)), columns, names)
    for change in store_rows(session, actor, database, typed, ()):
        old = change.stored.values if change.stored else {}
        record_row(
            session,
            actor,
            "changed" if change.stored else "created",
            sheet,
            identity=identity_of(sheet, change.values),
            cells=cell_changes(sheet, old, change.values),
        )


def _remove_expansions(session: Session, actor: Actor, before: Problem, after: Problem) -> None:
    for code in sorted({row.code for row in before.expansions} - {row.code for row in after.expansions}):
        stored = find_row(Database(session), EXPANSIONS, code)
        remove_row(session, actor, TABLES[EXPANSIONS.key], code, stored.version)


def _policy(stored: Policy, before: Policy, after: Policy) -> Policy:
    """What is stored, with what differs from `before` to `after`."""
    gone = before.pins.keys() - after.pins.keys()
    pins = {code: site for code, site in stored.pins.items() if code not in gone} | dict(after.pins)
    return replace(stored, pins=pins, **{name: getattr(after, name) for name in _POLICY})
