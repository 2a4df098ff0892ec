"""People of the register: the list, a person's record, their own copy of it, and erasing them. Looks are noted."""

from typing import Any

from pydantic import Field

from planner.api.pages import FactAnswer, facts_of, items_of
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, TableAnswer, Words
from planner.services.register.people import PeopleFilter, list_people, load_person, note_looks
from planner.services.register.privacy import erase_person, export_person
from planner.services.tokens import Area

people = Resource(
    "people",
    Area.WORKFORCE,
    "People of the register, for human resources alone. Who looks at whom is noted in the audit log.",
)


class PeopleQuery(ListQuery):
    """The filters of the list, by codes."""

    ministry: Code | None = None
    agency: Code | None = None
    role: Code | None = None
    remark: str | None = Field(
        None, max_length=40, description="`over`: more than one person's time; `left`: has left."
    )


class PersonListed(Model):
    """A person as the list has them; `fte` adds up their shares of time, `remark` is what is to be looked at."""

    code: str
    name: str
    ministry: Words
    agency: Words
    roles: Words | None
    fte: float
    remark: Words | None


class Person(Model):
    """All that the register holds of one person; `datasets` name them in words of their own."""

    code: str
    full_name: str
    facts: list[FactAnswer]
    tables: list[TableAnswer]
    datasets: list[str]
    over: bool = Field(description="Whether the shares of their time are more than one person's.")


class OwnCopy(Model):
    """All that is kept of a person, to be handed to them."""

    code: str
    data: dict[str, Any]


class Erasure(Model):
    """The person's code once more, as a confirmation."""

    confirm: str = Field(max_length=130)


@people.get()
def index(call: Call, query: PeopleQuery) -> Page[PersonListed]:
    """List people."""
    wanted = PeopleFilter(
        **query.arguments(), ministry=query.ministry, agency=query.agency, role=query.role, remark=query.remark
    )
    found = list_people(call.session, call.actor, wanted)
    if codes := list(map(str, found.table.column("code"))):
        note_looks(call.session, call.actor, codes, "downloaded")
    return Page(items=items_of(found.table, PersonListed), next=cursor_of(found.last))


@people.get("/<code>")
def show(call: Call, code: str) -> Person:
    """One person's record. Their rows in the tables of the register are changed there."""
    found = load_person(call.session, call.actor, code)
    return Person(
        code=found.code,
        full_name=found.full_name,
        facts=facts_of(found.facts),
        tables=list(map(TableAnswer.of, found.tables)),
        datasets=list(found.datasets),
        over=found.over,
    )


@people.post("/<code>/copy")
def copy(call: Call, code: str) -> OwnCopy:
    """All that is kept of a person, to be handed to them; that it was is noted."""
    return OwnCopy(code=code, data=dict(export_person(call.session, call.actor, code).data))


@people.post("/<code>/erase")
def erase(call: Call, code: str, body: Erasure) -> None:
    """Take a person out of the register for good, once their code was sent as a confirmation."""
    erase_person(call.session, call.actor, code, body.confirm)
