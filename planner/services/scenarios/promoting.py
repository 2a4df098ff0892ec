"""Taking a scenario into the base: what its adjustments make of sites, expansions, budgets and policy becomes the rows.

The rows are stored by the services that keep reference data and policy, with their rules, versions and history. Demand
is not among them: what ministries ask for is theirs to enter and DE's to approve.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from models import Scenario
from planner.allocation import Policy, Problem
from planner.errors import ConflictError
from planner.services import audit
from planner.services.fields import read_changes
from planner.services.names import Names
from planner.services.permissions import Actor, Permission, require
from planner.services.phrases import dump_phrase
from planner.services.problems import load_policy
from planner.services.reference import POLICY_SUBJECT, TABLES, policy_changes, put_policy, remove_row
from planner.services.reference.forms import find_row
from planner.services.reference.saving import TypedRows, store_rows
from planner.services.rows.cells import CellChanges, cell_changes
from planner.services.rows.recording import record_row
from planner.services.rows.recording import subject_of as subject_of_row
from planner.services.rows.targets import Database, identity_of
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment
from planner.services.scenarios.keeping import (
    adjustments_of,
    archive_scenario,
    find_scenario,
    load_outline_of,
    open_scenario,
    store_adjustments,
    subject_of,
)
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.sentences import sentence
from planner.services.subjects import KINDS as KINDS_OF_SUBJECTS
from planner.services.subjects import split
from planner.text import N_, Phrase, Value
from reports.columns import Sheet, Values
from reports.reader import ColumnKey, Row
from reports.sheets import CAPACITY, EXPANSIONS, FISCAL_YEARS, SITES
from reports.values import Cell, Column, Table

_LIMITS: Final = ("capex_limit", "opex_limit", "move_limit_tb")
_MODULES: Final = ("site", "resource_type", "module_size", "module_price", "lead_years", "max_modules")
_NEEDED: Final = (
    Permission.EDIT_SCENARIOS,
    Permission.EDIT_SITES,
    Permission.EDIT_REFERENCE,
    Permission.EDIT_POLICY,
)
_POLICY: Final = ("levels", "tolerance", "staff_gate", "protect_incumbents", "fairness", "floors", "caps")
"""What the policy's own page keeps of it; pins are beside, for they may name what no plan knows."""


@dataclass(frozen=True)
class Promotion:
    """What taking a scenario into the base comes to: the sentences that enter it, those that stay, and the rows."""

    code: str
    name: str
    version: int
    entering: tuple[Phrase, ...]
    staying: tuple[Phrase, ...]
    changes: Table


def preview_promotion(session: Session, actor: Actor, code: str) -> Promotion:
    """What the base would become, value by value; stores nothing. `InvalidInputError` where it cannot be made."""
    _require(actor)
    row = find_scenario(session, code)
    entering, staying = _parted(row)
    before = load_outline_of(session, entering)
    after = apply_adjustments(before, entering)
    names = Names(after)
    return Promotion(
        code=row.code,
        name=row.name,
        version=row.version,
        entering=tuple(sentence(each, names) for each in entering),
        staying=tuple(sentence(each, names) for each in staying),
        changes=Table(
            "changes",
            N_("What changes in the base"),
            (
                Column("what", N_("What")),
                Column("code", N_("Code"), "code"),
                Column("field", N_("Field")),
                Column("before", N_("Before")),
                Column("after", N_("After")),
            ),
            tuple(_changes(session, before, after)),
        ),
    )


def _changes(session: Session, before: Problem, after: Problem) -> Iterator[tuple[Cell, ...]]:
    """A row for each value that changes, as people read it."""
    database = Database(session)
    noted: list[tuple[str, audit.Changes]] = []
    for sheet, rows in _changed_rows(before, after):
        for values in rows:
            identity = identity_of(sheet, values)
            stored = database.rows(sheet.key).get(identity)
            old = stored.values if stored else {}
            noted.append((subject_of_row(sheet, identity), _cells(sheet, old, {**old, **values})))
    for code in _removed_expansions(before, after):
        values = find_row(database, EXPANSIONS, code).values
        noted.append((subject_of_row(EXPANSIONS, (code,)), cell_changes(EXPANSIONS, values, {})))
    stored_policy = load_policy(session)
    changed = policy_changes(stored_policy, _policy(stored_policy, before.policy, after.policy))
    noted.append((POLICY_SUBJECT, changed))
    names = Names(after)
    for subject, changes in noted:
        kind, code = split(subject)
        for change in read_changes(KINDS_OF_SUBJECTS[kind].sheet, changes, lambda key: _called(key, names)):
            was, becomes = (Phrase("%(value)s", {"value": value}) for value in (change.old, change.new))
            yield Phrase(KINDS_OF_SUBJECTS[kind].label), code, change.label, was, becomes


def _called(key: str, names: Names) -> Value:
    """What the object `kind:code` is called."""
    match split(key):
        case "ministry", code if code in names.ministries:
            return names.ministry(code)
        case "site", code if code in names.sites:
            return names.site(code)
        case "resource_type", code if code in names.resource_types:
            return names.resource_type(code)
        case _, code:
            return code


def promote_scenario(session: Session, actor: Actor, code: str, version: int) -> None:
    """Make the base what the scenario's adjustments say, except of demand; they leave it, and an empty one is archived.

    All or nothing: `InvalidInputError` with every fault, `ConflictError` if the scenario is no longer at `version` or
    has nothing to take over.
    """
    _require(actor)
    row = open_scenario(session, code, version)
    entering, staying = _parted(row)
    if not entering:
        raise ConflictError(Phrase(N_("Nothing of this scenario can be taken into the base.")))
    before = load_outline_of(session, entering)
    after = apply_adjustments(before, entering)
    for sheet, rows in _changed_rows(before, after):
        _store(session, actor, sheet, rows)
    for expansion in _removed_expansions(before, after):
        stored = find_row(Database(session), EXPANSIONS, expansion)
        remove_row(session, actor, TABLES[EXPANSIONS.key], expansion, stored.version)
    if before.policy != after.policy:
        put_policy(session, actor, _policy(load_policy(session), before.policy, after.policy))
    names = Names(after)
    said = [dump_phrase(sentence(each, names)) for each in entering]
    store_adjustments(session, row, staying)
    audit.record(session, actor, "promoted", subject_of(code), {"adjustments": (said, None)})
    if not staying:
        archive_scenario(session, actor, code, row.version)


def _require(actor: Actor) -> None:
    for permission in _NEEDED:
        require(actor, permission)


def _parted(row: Scenario) -> tuple[list[Adjustment], list[Adjustment]]:
    """The adjustments that can enter the base, and the others."""
    adjustments = adjustments_of(row)
    entering = [each for each in adjustments if KINDS[each.kind].promoted]
    return entering, [each for each in adjustments if not KINDS[each.kind].promoted]


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
            cells=_cells(sheet, old, change.values),
        )


def _cells(sheet: Sheet, before: Values, after: Values) -> CellChanges:
    """The cells of a row that change; a capacity's each with its resource type, as the history of its site has them."""
    cells = cell_changes(sheet, before, after)
    if sheet is not CAPACITY:
        return cells
    return {f"{after['resource_type']}.{name}": values for name, values in cells.items() if name not in sheet.identity}


def _removed_expansions(before: Problem, after: Problem) -> list[str]:
    return sorted({row.code for row in before.expansions} - {row.code for row in after.expansions})


def _policy(stored: Policy, before: Policy, after: Policy) -> Policy:
    """What is stored, with what differs from `before` to `after`."""
    gone = before.pins.keys() - after.pins.keys()
    pins = {code: site for code, site in stored.pins.items() if code not in gone} | dict(after.pins)
    return replace(stored, pins=pins, **{name: getattr(after, name) for name in _POLICY})
