"""The policy as a page: what a plan aims for, in which order, and the bounds that it keeps."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

import models
from planner.allocation import Policy
from planner.allocation.problem import LEVELS
from planner.errors import ConflictError, Fault, InvalidInputError, fault
from planner.services import audit
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, may, require
from planner.services.problems import check_policy, load_policy
from planner.services.reference.texts import NOTHING, Entry, Typed, read_text, to_text
from planner.text import N_, FiscalYear, LocalText
from reports.cells import CellError
from reports.columns import YES, Field
from reports.values import Column, Table

POLICY_SUBJECT: Final = "policy:policy"
"""What the audit log calls the policy."""
SPARE_PINS: Final = 3
"""Empty lines below the pins, to add some."""
_SHARE: Final = Field("share", LocalText("สัดส่วน", "Share"), "share", "", high=1.0)
_PATH: Final = re.compile(r"policy\.(?P<part>\w+)(?:\[(?P<at>\d+)\]|\.(?P<code>.+))?")


@dataclass(frozen=True)
class BoundsLine:
    """The least and the most service share of a ministry, in percent."""

    ministry: LocalText
    floor: Entry
    cap: Entry


@dataclass(frozen=True)
class PinLine:
    """A requirement and the site where it is to be; both empty in a spare line."""

    requirement: Entry
    site: Entry


@dataclass(frozen=True)
class PolicyForm:
    """The policy as texts of fields. `version` is 0 while no policy was stored and the engine's own is in force."""

    version: int
    levels: tuple[Entry, ...]
    fairness: Entry
    tolerance: Entry
    protect_incumbents: Entry
    staff_gate: Entry
    bounds: tuple[BoundsLine, ...]
    pins: tuple[PinLine, ...]
    sites: tuple[tuple[str, LocalText], ...]
    weights: Table
    limits: Table
    editable: bool


def get_policy(session: Session, actor: Actor) -> tuple[Policy, int]:
    """The policy in force and its version, 0 while none was stored and the engine's own is in force."""
    require(actor, Permission.VIEW_PLANS)
    row = session.get(models.Policy, 1)
    return load_policy(session), row.version if row else 0


def load_policy_form(session: Session, actor: Actor, typed: Typed = NOTHING) -> PolicyForm:
    """The policy in force. What was typed stands in place of what is stored."""
    require(actor, Permission.VIEW_PLANS)
    policy = load_policy(session)
    row = session.get(models.Policy, 1)

    def share(name: str, value: float | None) -> Entry:
        return typed.entry(name, to_text(_SHARE, value, actor.language))

    ministries = session.scalars(select(models.Ministry).order_by(models.Ministry.code))
    sites = session.scalars(select(models.Site).order_by(models.Site.code))
    pins = [*policy.pins.items(), *[("", "")] * SPARE_PINS]
    pins += [("", "")] * (_pin_lines(typed.texts or {}) - len(pins))
    return PolicyForm(
        version=row.version if row else 0,
        levels=tuple(
            typed.entry(name, policy.levels[n] if n < len(policy.levels) else "") for n, name in enumerate(_SLOTS)
        ),
        fairness=typed.entry("fairness", policy.fairness),
        tolerance=share("tolerance", policy.tolerance),
        protect_incumbents=typed.entry("protect_incumbents", YES.en if policy.protect_incumbents else ""),
        staff_gate=typed.entry("staff_gate", YES.en if policy.staff_gate else ""),
        bounds=tuple(
            BoundsLine(
                name_of(ministry),
                share(f"floors.{ministry.code}", policy.floors.get(ministry.code)),
                share(f"caps.{ministry.code}", policy.caps.get(ministry.code)),
            )
            for ministry in ministries
        ),
        pins=tuple(
            PinLine(typed.entry(f"pins.{n}.requirement", code), typed.entry(f"pins.{n}.site", site))
            for n, (code, site) in enumerate(pins)
        ),
        sites=tuple((site.code, name_of(site)) for site in sites),
        weights=_weights(session),
        limits=_limits(session),
        editable=may(actor, Permission.EDIT_POLICY),
    )


def save_policy(session: Session, actor: Actor, typed: Mapping[str, str], version: int) -> None:
    """Put the policy that was typed in force; `InvalidInputError` with every fault, the engine's own among them.

    `ConflictError` if the policy is no longer at `version`.
    """
    require(actor, Permission.EDIT_POLICY)
    row = session.get(models.Policy, 1)
    if (row.version if row else 0) != version:
        raise ConflictError
    before, reading = load_policy(session), _Reading(typed)
    after = reading.read(list(session.scalars(select(models.Ministry.code))))
    known = {found.address for found in reading.faults}
    others = [replace(found, address=reading.field_of(found.address)) for found in _check(session, after)]
    if faults := [*reading.faults, *(found for found in others if found.address not in known)]:
        raise InvalidInputError(faults)
    _keep(session, actor, row, before, after)


def put_policy(session: Session, actor: Actor, policy: Policy, version: int | None = None) -> None:
    """Put `policy` in force as it is; `InvalidInputError` with everything that is wrong with it, at its paths.

    `ConflictError` if a `version` is given that is no longer the one in force.
    """
    require(actor, Permission.EDIT_POLICY)
    row = session.get(models.Policy, 1)
    if version not in {None, row.version if row else 0}:
        raise ConflictError
    if faults := list(_check(session, policy)):
        raise InvalidInputError(faults)
    _keep(session, actor, row, load_policy(session), policy)


def _check(session: Session, policy: Policy) -> Iterator[Fault]:
    """What is wrong with `policy` beside the rows of today, at the paths of a problem file."""
    yield from check_policy(session, policy)
    for code, floor in policy.floors.items():
        if floor > policy.caps.get(code, 1.0):
            yield fault(f"policy.floors.{code}", "floor_above_cap", N_("The least is more than the most."))


def _keep(session: Session, actor: Actor, row: models.Policy | None, before: Policy, after: Policy) -> None:
    """Store the policy, and note in history what changed of it, if anything did."""
    if changes := policy_changes(before, after):
        _store(session, row, after)
        audit.record(session, actor, "changed", POLICY_SUBJECT, changes)


def policy_changes(before: Policy, after: Policy) -> dict[str, tuple[Any, Any]]:
    """The terms in which two policies differ, each with both values, as history keeps them."""
    old, new = _terms(before), _terms(after)
    return {name: (old.get(name), new.get(name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)}


_SLOTS: Final = tuple(f"levels.{n}" for n in range(len(LEVELS)))
"""The names of the fields that put the levels in order."""


def _pin_lines(typed: Mapping[str, str]) -> int:
    """How many lines of pins were sent."""
    return sum(name.startswith("pins.") and name.endswith(".site") for name in typed)


class _Reading:
    """A policy out of what was typed, with what could not be read."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.faults: list[Fault] = []
        self.slots = [name for name in _SLOTS if self.text(name)]
        self.pinned: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def share(self, name: str) -> float | None:
        """A percentage as a share; None where there is none, or none that can be read."""
        try:
            value = read_text(_SHARE, self.text(name))
        except CellError as error:
            self.faults.append(Fault(name, error.code, error.message))
            return None
        return value if isinstance(value, float) else None

    def shares(self, part: str, ministries: list[str]) -> dict[str, float]:
        found = {code: self.share(f"{part}.{code}") for code in ministries}
        return {code: share for code, share in found.items() if share is not None}

    def pins(self) -> Iterator[tuple[str, str]]:
        for n in range(_pin_lines(self.typed)):
            names = f"pins.{n}.requirement", f"pins.{n}.site"
            code, site = map(self.text, names)
            if code in self.pinned:
                message = N_("The requirement %(code)s stands here twice.")
                self.faults.append(fault(names[0], "duplicate_code", message, code=code))
            elif code and site:
                self.pinned[code] = names[0]
                yield code, site
            elif code or site:
                self.faults.append(fault(names[bool(code)], "missing", N_("A value is missing here.")))

    def read(self, ministries: list[str]) -> Policy:
        fairness = self.text("fairness")
        if fairness not in models.Fairness.__members__.values():
            message = N_("%(value)s is not one of the choices.")
            self.faults.append(fault("fairness", "unknown_choice", message, value=fairness[:60]))
        if not self.text("tolerance"):
            self.faults.append(fault("tolerance", "missing", N_("A value is missing here.")))
        return Policy(
            levels=tuple(map(self.text, self.slots)),
            tolerance=self.share("tolerance") or 0.0,
            protect_incumbents=bool(self.text("protect_incumbents")),
            staff_gate=bool(self.text("staff_gate")),
            fairness="maxmin" if fairness == "maxmin" else "leximin",
            floors=self.shares("floors", ministries),
            caps=self.shares("caps", ministries),
            pins=dict(self.pins()),
        )

    def field_of(self, path: str) -> str:
        """The field that a path of the engine means."""
        found = _PATH.fullmatch(path)
        match found and (found["part"], found["at"], found["code"]):
            case "levels", None, None:
                return _SLOTS[0]
            case "levels", at, None:
                return self.slots[int(at)]
            case "pins", None, code:
                return self.pinned[code]
            case part, None, None:
                return part
            case part, None, code:
                return f"{part}.{code}"
        return ""


def _terms(policy: Policy) -> dict[str, Any]:
    """What the policy says, term by term, as plain JSON."""
    return {
        "levels": list(policy.levels),
        "fairness": policy.fairness,
        "tolerance": policy.tolerance,
        "protect_incumbents": policy.protect_incumbents,
        "staff_gate": policy.staff_gate,
        **{f"floors.{code}": share for code, share in policy.floors.items()},
        **{f"caps.{code}": share for code, share in policy.caps.items()},
        **{f"pins.{code}": site for code, site in policy.pins.items()},
    }


def _store(session: Session, row: models.Policy | None, policy: Policy) -> None:
    bounded = sorted({*policy.floors, *policy.caps})
    ministries = _keys(session, models.Ministry, bounded)
    requirements = _keys(session, models.Requirement, policy.pins)
    sites = _keys(session, models.Site, policy.pins.values())
    bounds = [
        {"ministry_id": ministries[code], "floor": policy.floors.get(code), "cap": policy.caps.get(code)}
        for code in bounded
    ]
    pins = [{"requirement_id": requirements[code], "site_id": sites[site]} for code, site in policy.pins.items()]
    if row is None:
        row = models.Policy(id=1)
        session.add(row)
    row.levels = list(policy.levels)
    row.fairness = models.Fairness(policy.fairness)
    row.tolerance = policy.tolerance
    row.protect_incumbents = policy.protect_incumbents
    row.staff_gate = policy.staff_gate
    flag_modified(row, "levels")  # its version counts for the bounds and the pins too
    try:
        session.flush()  # not before: a query would do it, and nobody be told that somebody else was quicker
        for table, rows in ((models.MinistryBounds, bounds), (models.Pin, pins)):
            session.execute(delete(table))
            if rows:
                session.execute(insert(table), rows)
    except (IntegrityError, StaleDataError) as error:  # somebody else was at it in the same moment
        raise ConflictError from error


def _keys(
    session: Session, table: type[models.Ministry | models.Requirement | models.Site], codes: Iterable[str]
) -> dict[str, int]:
    """The keys of the rows with these codes."""
    return dict(session.execute(select(table.code, table.id).where(table.code.in_(codes))).all())


def _weights(session: Session) -> Table:
    rows = session.scalars(select(models.Priority).order_by(models.Priority.rank))
    return Table(
        "weights",
        N_("Weights of the priorities"),
        (Column("name", N_("Priority")), Column("weight", N_("Weight"), "number")),
        tuple((name_of(row), row.weight) for row in rows),
    )


def _limits(session: Session) -> Table:
    rows = session.scalars(select(models.FiscalYear).order_by(models.FiscalYear.year))
    return Table(
        "limits",
        N_("Limits by fiscal year"),
        (
            Column("year", N_("Fiscal year"), "year"),
            Column("capex_limit", N_("Capex limit"), "money", N_("THB")),
            Column("opex_limit", N_("Running cost limit"), "money", N_("THB")),
            Column("move_limit_tb", N_("Data moved at most"), "number", N_("TB")),
        ),
        tuple((FiscalYear(row.year), row.capex_limit, row.opex_limit, row.move_limit_tb) for row in rows),
        note=N_("An empty limit means that the policy sets none."),
    )
