"""Norms: what is required of each role, and what a change of one would do."""

from typing import Annotated

from pydantic import Field

from planner.api.pages import PageAnswer
from planner.api.resources import Call, Resource
from planner.api.typed import typed
from planner.api.values import Code, Model
from planner.errors import InvalidInputError, fault
from planner.services.coverage.norms import StoredNorm, get_norm, list_norms, preview_norm, remove_norm, save_norm
from planner.services.tokens import Area
from planner.text import N_
from reports.sheets.workforce import NORMS

norms = Resource("norms", Area.WORKFORCE, "What is required of each role, in FTE, from a fiscal year on.")

Amount = Annotated[float, Field(ge=0, le=1e15)]


class Amounts(Model):
    """FTE: required is the larger of the floor and the sum of the others times what the agency looks after."""

    floor: Amount = 0.0
    per_dataset: Amount = 0.0
    per_personal_dataset: Amount = 0.0
    per_tb: Amount = 0.0
    per_vcpu: Amount = 0.0


class Norm(Amounts):
    """What is required of a role from a fiscal year on, until a later norm of the role."""

    role: Code
    from_year: int = Field(ge=1900, le=2250)


class NormInForce(Norm):
    """The same as it is kept; `code` is the role and the year."""

    code: str
    version: int

    @classmethod
    def of(cls, found: StoredNorm) -> "NormInForce":
        """A norm as JSON."""
        norm = found.norm
        return cls(
            code=f"{norm.role}/{norm.start}",
            version=found.version,
            role=norm.role,
            from_year=norm.start,
            floor=norm.floor,
            per_dataset=norm.per_dataset,
            per_personal_dataset=norm.per_personal_dataset,
            per_tb=norm.per_tb,
            per_vcpu=norm.per_vcpu,
        )


class Norms(Model):
    """Every norm, those of years to come too."""

    items: list[NormInForce]


@norms.get()
def index(call: Call) -> Norms:
    """List the norms, by role and year."""
    return Norms(items=list(map(NormInForce.of, _stored(call))))


@norms.post(status=201)
def create(call: Call, body: Norm) -> NormInForce:
    """Put a norm in force where the role has none that begins in its year."""
    if any((each.norm.role, each.norm.start) == (body.role, body.from_year) for each in _stored(call)):
        raise InvalidInputError([fault("from_year", "exists", N_("There is a row with this code already."))])
    return _save(call, body, 0)


@norms.post("/preview", reads=True)
def preview(call: Call, body: Norm) -> PageAnswer:
    """What coverage would become by a norm; nothing is stored."""
    return PageAnswer.of(preview_norm(call.session, call.actor, _texts(body)))


@norms.get("/<role>/<key:year>")
def show(call: Call, role: str, year: int) -> NormInForce:
    """One norm."""
    return NormInForce.of(get_norm(call.session, call.actor, role, year))


@norms.put("/<role>/<key:year>")
def change(call: Call, role: str, year: int, body: Amounts) -> NormInForce:
    """Change the amounts of a norm."""
    stored = get_norm(call.session, call.actor, role, year)
    wanted = Norm(role=role, from_year=stored.norm.start, **dict(body))
    return _save(call, wanted, call.based_on(stored.version))


@norms.delete("/<role>/<key:year>", versioned=True)
def remove(call: Call, role: str, year: int) -> None:
    """Take a norm away; the one before it holds on."""
    stored = get_norm(call.session, call.actor, role, year)
    remove_norm(call.session, call.actor, role, year, call.based_on(stored.version))


def _stored(call: Call) -> tuple[StoredNorm, ...]:
    return list_norms(call.session, call.actor)


def _save(call: Call, wanted: Norm, version: int) -> NormInForce:
    norm = save_norm(call.session, call.actor, _texts(wanted), version)
    return show(call, norm.role, norm.start)


def _texts(norm: Norm) -> dict[str, str]:
    return typed(NORMS.fields, dict(norm))
