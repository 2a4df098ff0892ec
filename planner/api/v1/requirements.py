"""What agencies ask to have hosted, in the row model that the form, the grid and the workbook share."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from planner.api.errors import FaultAnswer, StaleItemsError
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, Words, words
from planner.errors import Fault, InvalidInputError, fault
from planner.services.editing import (
    Cell,
    EditableRow,
    EditColumn,
    RowEdit,
    StaleRowsError,
    check_rows,
    load_columns,
    load_rows,
    save_rows,
)
from planner.services.permissions import Actor
from planner.services.requirements import RequirementFilter, list_requirements
from planner.services.rows.cells import Cells
from planner.services.tokens import Area
from planner.text import N_

requirements = Resource("requirements", Area.REQUIREMENTS, "What agencies ask to have hosted.")

MOST_AT_ONCE: Final = 500
"""How many requirements one request may make or change."""

Status = Literal["draft", "submitted", "returned", "approved", "withdrawn"]
Year = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="A fiscal year of the common era.")]
Amount = Annotated[float, Field(ge=0, le=1e15)]


class RequirementFields(Model):
    """What people enter. A field that is not sent stays as it is, or as a new requirement gets it; null empties it."""

    title: str | None = Field(None, max_length=300)
    agency: Code | None = Field(None, description="Code of the agency that asks.")
    priority: Code | None = Field(None, description="Code of the priority.")
    clearance: Code | None = Field(None, description="Class of the data; only sites of it or higher may host.")
    weight: float | None = Field(None, gt=0, le=1e6, description="Score of the review, set by DE alone.")
    copies: int | None = Field(None, ge=1, le=2, description="2 for a standby copy in another region.")
    divisible: bool | None = Field(None, description="Whether a part of it may be granted.")
    start_year: int | None = Field(None, ge=1900, le=2400, description="First fiscal year of need.")
    end_year: int | None = Field(None, ge=1900, le=2400, description="Last fiscal year; null to the end of the plan.")
    regions: list[Code] | None = Field(None, max_length=100, description="Where it may stand; empty for anywhere.")
    sites: list[Code] | None = Field(None, max_length=100, description="Where it may stand; empty for anywhere.")
    incumbent: Code | None = Field(None, description="The site that hosts it today.")
    note: str | None = Field(None, max_length=2000)
    demand: dict[Code, dict[Year, Amount | None]] | None = Field(
        None, description="By resource type and fiscal year, in the unit of the type; only what is named is set."
    )

    def cells(self) -> dict[str, Cell]:
        """The cells of the row model that are named."""
        named = self.model_dump(exclude_unset=True, exclude={"demand", "code", "version"})
        for resource_type, years in (self.demand or {}).items():
            named |= {f"demand.{resource_type}.{year}": amount for year, amount in years.items()}
        return named


class BulkItem(RequirementFields):
    """A requirement to change, with `code` and the `version` that the change is based on; or, without, a new one."""

    code: Code | None = None
    version: int | None = Field(None, ge=1)


class Bulk(Model):
    """Requirements to make and to change: all of them, or none."""

    items: list[BulkItem] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Requirement(RequirementFields):
    """A requirement as whoever edits sees it: where a change of an approved one waits for approval, as proposed.

    `status` is of that revision, where there is one. `refusal` says why it cannot be edited now.
    """

    code: Code
    version: int
    status: Status
    proposed: bool = Field(description="Whether changing it makes, or has made, a revision that waits for approval.")
    refusal: Words | None

    @classmethod
    def of(cls, row: EditableRow) -> "Requirement":
        """A row as JSON."""
        return cls.model_validate(
            {
                **nested(row.cells),
                "code": row.code,
                "version": row.version,
                "status": row.status,
                "proposed": row.mode == "revision",
                "refusal": words(row.refusal) if row.refusal else None,
            }
        )


def nested(cells: Cells) -> dict[str, Any]:
    """The cells of a row by the fields of `RequirementFields`: `demand.vcpu.2027` stands within `demand`."""
    plain: dict[str, Any] = {"demand": {}}
    for name, cell in cells.items():
        if name.startswith("demand."):
            resource_type, _, year = name.removeprefix("demand.").rpartition(".")
            plain["demand"].setdefault(resource_type, {})[year] = cell
        elif name in RequirementFields.model_fields:
            plain[name] = cell
    return plain


class RequirementList(Model):
    """Requirements, in the order of the request."""

    items: list[Requirement]


class FaultList(Model):
    """What is wrong; nothing where it is empty."""

    items: list[FaultAnswer]


class ChoiceAnswer(Model):
    """A code that a field takes, and what it is called."""

    code: str
    name: Words


class FieldAnswer(Model):
    """A field of a requirement: `demand.vcpu.2027` is an amount of `demand`.

    `locked`: for others to fill in. `fixed`: for nobody.
    """

    key: str
    header: Words
    kind: str
    unit: str
    required: bool
    locked: bool
    fixed: bool
    choices: list[ChoiceAnswer]

    @classmethod
    def of(cls, column: EditColumn) -> "FieldAnswer":
        """A column of the row model as JSON."""
        return cls(
            key=column.key,
            header=words(column.header),
            kind=column.kind,
            unit=column.unit,
            required=column.required,
            locked=column.locked,
            fixed=column.fixed,
            choices=[ChoiceAnswer(code=choice.code, name=words(choice.name)) for choice in column.choices],
        )


class ColumnList(Model):
    """Every field, in the order of the form."""

    items: list[FieldAnswer]


class RequirementQuery(ListQuery):
    """The filters of the list, by codes."""

    ministry: Code | None = None
    agency: Code | None = None
    priority: Code | None = None
    clearance: Code | None = None
    status: Status | None = None


@requirements.get()
def index(call: Call, query: RequirementQuery) -> Page[Requirement]:
    """List requirements."""
    wanted = RequirementFilter(
        **query.arguments(),
        ministry=query.ministry,
        agency=query.agency,
        priority=query.priority,
        clearance=query.clearance,
        status=query.status,
    )
    found = list_requirements(call.session, call.actor, wanted)
    items = load(call.session, call.actor, list(map(str, found.table.column("code"))))
    return Page(items=items, next=cursor_of(found.last))


@requirements.post(status=201)
def create(call: Call, body: RequirementFields) -> Requirement:
    """Make a requirement, as a draft."""
    (made,) = _save(call.session, call.actor, [RowEdit(None, None, body.cells())], [""])
    return made


@requirements.post("/bulk")
def save(call: Call, body: Bulk) -> RequirementList:
    """Make and change many at once: all of them or none.

    Faults are addressed `items[2].title`. An item with a `code` needs the `version` that it is based on.
    """
    unversioned = [number for number, item in enumerate(body.items) if item.code and item.version is None]
    if unversioned:
        message = N_("Say which version is to be changed.")
        raise InvalidInputError([fault(f"items[{number}].version", "missing", message) for number in unversioned])
    edits = _edits(body)
    try:
        saved = _save(call.session, call.actor, edits, _places(body))
    except StaleRowsError as error:
        stale = {conflict.code for conflict in error.conflicts}
        numbers = [number for number, edit in enumerate(edits) if edit.code in stale]
        raise StaleItemsError([Fault(f"items[{number}]", "stale", error.message) for number in numbers]) from error
    return RequirementList(items=saved)


@requirements.post("/check", reads=True)
def check(call: Call, body: Bulk) -> FaultList:
    """Say what is wrong with requirements, without storing anything."""
    checked = check_rows(call.session, call.actor, _edits(body))
    return FaultList(items=list(map(FaultAnswer.of, _placed(checked.faults, _edits(body), _places(body)))))


@requirements.get("/columns")
def columns(call: Call) -> ColumnList:
    """The fields with what may be chosen, for whoever asks: agencies of the own ministry, years and resource types."""
    return ColumnList(items=[FieldAnswer.of(column) for column in load_columns(call.session, call.actor)])


@requirements.get("/<code>")
def show(call: Call, code: str) -> Requirement:
    """One requirement."""
    (found,) = load(call.session, call.actor, [code])
    return found


@requirements.patch("/<code>")
def change(call: Call, code: str, body: RequirementFields) -> Requirement:
    """Change a requirement; of an approved one, propose a revision, which waits for approval."""
    (changed,) = _save(call.session, call.actor, [RowEdit(code, call.version, body.cells())], [""])
    return changed


def load(session: Session, actor: Actor, codes: Sequence[str]) -> list[Requirement]:
    """The requirements with `codes`, in that order, as they are now."""
    return [Requirement.of(row) for row in load_rows(session, actor, codes)]


def _edits(body: Bulk) -> list[RowEdit]:
    return [RowEdit(item.code, item.version, item.cells()) for item in body.items]


def _places(body: Bulk) -> list[str]:
    return [f"items[{number}]" for number in range(len(body.items))]


def _save(session: Session, actor: Actor, edits: Sequence[RowEdit], places: Sequence[str]) -> list[Requirement]:
    """Save all of `edits` and read them again; faults are addressed by the edits' `places` in what was sent."""
    try:
        saved = save_rows(session, actor, edits)
    except InvalidInputError as error:
        raise InvalidInputError(_placed(error.faults, edits, places), error.message) from None
    session.flush()
    session.expire_all()
    return load(session, actor, saved.codes)


def _placed(faults: Sequence[Fault], edits: Sequence[RowEdit], places: Sequence[str]) -> Iterator[Fault]:
    """Faults of the row model, `R-000123/title`, `+2/title`, where their cells stand in what was sent."""
    labels = [edit.code or f"+{number}" for number, edit in enumerate(edits, start=1)]
    by_label = dict(zip(labels, places, strict=True))
    for found in faults:
        label, _, column = found.address.partition("/")
        yield Fault(".".join(filter(None, (by_label.get(label, ""), column))), found.code, found.message)
