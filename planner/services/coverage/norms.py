"""Norms: what is required of each role, and what a change of one would do before anybody puts it in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.orm.exc import StaleDataError

import models
from planner.errors import ConflictError, Fault, ForbiddenError, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.coverage.opening import Staffing, open_staffing
from planner.services.coverage.tables import CRUMB, FTE, ROLE, fte
from planner.services.desk.pages import Page
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.reference.forms import FormField
from planner.services.reference.texts import NOTHING, Typed, read_text, to_text
from planner.services.reporting.ledger import tidy
from planner.services.rows.recording import subject_of
from planner.text import N_, FiscalYear, Phrase
from planner.workforce.problem import Norm
from reports.cells import CellError
from reports.columns import Value
from reports.sheets.workforce import NORMS
from reports.values import Chart, Column, Fact, Section, Table

AMOUNTS = tuple(field for field in NORMS.fields if field.key not in NORMS.identity)


@dataclass(frozen=True)
class StoredNorm:
    """A norm as it is stored at `version`."""

    norm: Norm
    version: int


@dataclass(frozen=True)
class NormForm:
    """A norm as fields to fill in, made from the one called `made_from` ("" for a new one) as of `version`, else 0."""

    fields: tuple[FormField, ...]
    made_from: str
    version: int
    editable: bool


def norm_table(staffing: Staffing) -> Table:
    """One row a norm, in the order of roles and years."""
    order = {code: r for r, code in enumerate(staffing.roles)}
    rows = tuple(
        (
            Phrase("%(role)s %(year)s", {"role": row.role, "year": FiscalYear(row.start)}),
            staffing.roles[row.role],
            FiscalYear(row.start),
            *(getattr(row, field.key) for field in AMOUNTS),
        )
        for row in sorted(staffing.workforce.norms, key=lambda row: (order[row.role], row.start))
    )
    columns = (
        Column("norm", N_("Code"), "code"),
        ROLE,
        Column("from_year", N_("From fiscal year"), "year"),
        *(Column(field.key, field.header, "number", field.unit) for field in AMOUNTS),
    )
    note = N_("Required = the larger of the floor and the sum of the others times what the agency looks after.")
    return Table("norms", N_("Norms"), columns, rows, note=note)


def load_norms(session: Session, actor: Actor) -> Table:
    """Every norm, those of years to come too."""
    return norm_table(open_staffing(session, actor))


def list_norms(session: Session, actor: Actor) -> tuple[StoredNorm, ...]:
    """The same as plain values, in one query."""
    require(actor, Permission.VIEW_WORKFORCE)
    query = select(models.Norm).join(models.Norm.role).options(contains_eager(models.Norm.role))
    return tuple(map(_stored, session.scalars(query.order_by(models.WorkRole.position, models.Norm.from_year))))


def get_norm(session: Session, actor: Actor, role: str, year: int) -> StoredNorm:
    """The norm of `role` from `year` on; `NotFoundError` if there is none that begins then."""
    require(actor, Permission.VIEW_WORKFORCE)
    row = _find(session, role, year)
    if row is None:
        raise NotFoundError
    return _stored(row)


def _stored(row: models.Norm) -> StoredNorm:
    amounts = {field.key: getattr(row, field.key) for field in AMOUNTS}
    return StoredNorm(Norm(row.role.code, row.from_year, **amounts), row.version)


def load_norm_form(
    session: Session, actor: Actor, role: str | None = None, year: int | None = None, typed: Typed = NOTHING
) -> NormForm:
    """The norm of `role` from `year` on, or an empty one. What was typed stands in place of what is stored."""
    require(actor, Permission.VIEW_WORKFORCE)
    if typed.texts is not None:
        role, year = _identity(typed.texts)
    stored = _find(session, role, year)
    roles = tuple((row.code, name_of(row)) for row in _roles(session))
    kept: dict[str, Value] = {"role": role, "from_year": year or None}
    if stored is not None:
        kept |= {field.key: getattr(stored, field.key) for field in AMOUNTS}
    fields = tuple(
        FormField(
            entry=typed.entry(field.key, to_text(field, kept.get(field.key), actor.language)),
            label=field.header,
            hint=field.rule,
            unit=field.unit,
            kind=field.kind,
            required=field.required,
            longest=field.longest,
            choices=roles if field.refers else None,
            fixed=False,
        )
        for field in NORMS.fields
    )
    code, version = (f"{role}/{year}", stored.version) if stored else ("", 0)
    return NormForm(fields, code, version, _may_edit(actor))


def preview_norm(session: Session, actor: Actor, typed: Mapping[str, str]) -> Page:
    """What coverage becomes by the norm that was typed, before and after; nothing is stored.

    `InvalidInputError` with every fault of what was typed.
    """
    _require_edit(actor)
    norm = read_norm(session, typed)
    before = open_staffing(session, actor)
    others = [row for row in before.workforce.norms if (row.role, row.start) != (norm.role, norm.start)]
    after = Staffing(replace(before.workforce, norms=(*others, norm)), before.ministries, before.on)
    return compare_norms(before, after, norm)


def compare_norms(before: Staffing, after: Staffing, norm: Norm) -> Page:
    """What is required of the role of `norm`, and how well it is covered, by fiscal year and by ministry."""
    year = min(max(norm.start, before.present), before.years[-1])
    years = _by_year(before, after, norm.role)
    chart = Chart("norm_years", N_("Required before and after"), "column", years, "year", ("before", "after"), FTE)
    r, t = before.role_at[norm.role], before.years.index(year)
    then, now = before.coverage.coverage[:, r, t], after.coverage.coverage[:, r, t]
    lead = Phrase(
        N_("%(role)s, from fiscal year %(year)s on. Nothing is in force yet: press the button below for that."),
        {"role": before.roles[norm.role], "year": FiscalYear(norm.start)},
    )
    facts = (
        Fact(N_("Agencies better covered in the role"), int((now > then + CRUMB).sum()), "integer"),
        Fact(N_("Agencies worse covered in the role"), int((now < then - CRUMB).sum()), "integer"),
        Fact(N_("Coverage before"), _national(before, r, t), "share"),
        Fact(N_("Coverage after"), _national(after, r, t), "share"),
    )
    return Page(
        (
            Section("preview", N_("What this norm would change"), lead, facts=facts, charts=(chart,)),
            Section(
                "preview_ministries",
                N_("By ministry"),
                Phrase(N_("In the role, in fiscal year %(year)s."), {"year": FiscalYear(year)}),
                tables=(_by_ministry(before, after, r, t),),
            ),
        )
    )


def save_norm(session: Session, actor: Actor, typed: Mapping[str, str], version: int, made_from: str = "") -> Norm:
    """Put the norm that was typed in force, in place of one of its role and year if there is one.

    `version` is of the norm called `made_from`, "" for the one that was typed: of another role or year, what was typed
    is to be new. `InvalidInputError` with every fault; `ConflictError` if the stored one is not at that version.
    """
    _require_edit(actor)
    norm = read_norm(session, typed)
    row = _find(session, norm.role, norm.start)
    known = version if made_from in {"", f"{norm.role}/{norm.start}"} else 0
    if (row.version if row else 0) != known:
        raise ConflictError
    before = {field.key: getattr(row, field.key) for field in AMOUNTS} if row else {}
    after = {field.key: getattr(norm, field.key) for field in AMOUNTS}
    if before == after:
        return norm
    if row is None:
        row = models.Norm(role_id=_role(session, norm.role).id, from_year=norm.start)
        session.add(row)
    for name, value in after.items():
        setattr(row, name, value)
    _flush(session)
    changes = {name: (before.get(name), value) for name, value in after.items()}
    action = "changed" if before else "created"
    audit.record(session, actor, action, subject_of(NORMS, (norm.role, norm.start)), changes)
    return norm


def remove_norm(session: Session, actor: Actor, role: str, year: int, version: int) -> None:
    """Take away a norm, so that the one before it holds on; `ConflictError` if it is no longer at `version`."""
    _require_edit(actor)
    row = _find(session, role, year)
    if row is None or row.version != version:
        raise ConflictError
    changes = {field.key: (getattr(row, field.key), None) for field in AMOUNTS}
    session.delete(row)
    _flush(session)
    audit.record(session, actor, "removed", subject_of(NORMS, (role, year)), changes)


def read_norm(session: Session, typed: Mapping[str, str]) -> Norm:
    """The norm that was typed; `InvalidInputError` with every fault, at the field's name."""
    values: dict[str, Value] = {}
    faults = []
    for field in NORMS.fields:
        try:
            values[field.key] = read_text(field, typed.get(field.key, ""))
        except CellError as error:
            faults.append(Fault(field.key, error.code, error.message))
    role = str(values.get("role", ""))
    if role and role not in {row.code for row in _roles(session)}:
        faults.append(fault("role", "unknown_code", N_("There is no role with this code."), code=role[:40]))
    if faults:
        raise InvalidInputError(faults)
    amounts = {field.key: float(str(values[field.key])) for field in AMOUNTS}
    return Norm(role, int(str(values["from_year"])), **amounts)


def _identity(typed: Mapping[str, str]) -> tuple[str, int | None]:
    """The role and the first year that were typed, as far as they can be read."""
    try:
        year = read_text(NORMS.field("from_year"), typed.get("from_year", ""))
    except CellError:
        year = None
    return typed.get("role", "").strip(), year if isinstance(year, int) else None


def _by_year(before: Staffing, after: Staffing, role: str) -> Table:
    """One row a fiscal year: required of the role and coverage in it, before and after."""
    r = before.role_at[role]
    rows = tuple(
        (
            FiscalYear(year),
            fte(before.coverage.required[:, r, t].sum()),
            fte(after.coverage.required[:, r, t].sum()),
            _national(before, r, t),
            _national(after, r, t),
        )
        for t, year in enumerate(before.years)
    )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("before", N_("Required before"), "number", FTE),
        Column("after", N_("Required after"), "number", FTE),
        Column("coverage_before", N_("Coverage before"), "share", shade="low"),
        Column("coverage_after", N_("Coverage after"), "share", shade="low"),
    )
    return Table("norm_years", N_("Required and coverage by fiscal year"), columns, rows)


def _by_ministry(before: Staffing, after: Staffing, r: int, t: int) -> Table:
    """One row a ministry: required of role r and coverage in it in year t, before and after."""
    then, now = before.by_ministry, after.by_ministry
    rows = tuple(
        (
            code,
            before.ministries[code],
            fte(then.required[m, r, t]),
            fte(now.required[m, r, t]),
            tidy(then.coverage[m, r, t]),
            tidy(now.coverage[m, r, t]),
        )
        for m, code in enumerate(then.codes)
    )
    columns = (
        Column("ministry", N_("Code"), "code"),
        Column("name", N_("Ministry")),
        Column("before", N_("Required before"), "number", FTE),
        Column("after", N_("Required after"), "number", FTE),
        Column("coverage_before", N_("Coverage before"), "share", shade="low"),
        Column("coverage_after", N_("Coverage after"), "share", shade="low"),
    )
    return Table("norm_ministries", N_("Required and coverage by ministry"), columns, rows)


def _national(staffing: Staffing, r: int, t: int) -> float:
    """Coverage of role r in year t over all agencies."""
    required, covered = staffing.coverage.required[:, r, t].sum(), staffing.coverage.covered[:, r, t].sum()
    return tidy(covered / required) if required > CRUMB else 1.0


def _may_edit(actor: Actor) -> bool:
    return may(actor, Permission.EDIT_NORMS) and ministry_scope(actor) is None


def _require_edit(actor: Actor) -> None:
    """Norms hold for the whole country: human resources of a ministry may read them alone."""
    if not _may_edit(actor):
        raise ForbiddenError


def _roles(session: Session) -> list[models.WorkRole]:
    return list(session.scalars(select(models.WorkRole).order_by(models.WorkRole.position)))


def _role(session: Session, code: str) -> models.WorkRole:
    return session.scalars(select(models.WorkRole).where(models.WorkRole.code == code)).one()


def _find(session: Session, role: str | None, year: int | None) -> models.Norm | None:
    query = (
        select(models.Norm).join(models.Norm.role).where(models.WorkRole.code == role, models.Norm.from_year == year)
    )
    return session.scalars(query).one_or_none()


def _flush(session: Session) -> None:
    try:
        session.flush()
    except (IntegrityError, StaleDataError) as error:  # somebody else was at it in the same moment
        raise ConflictError from error
