"""Why a plan is as it is: one requirement in it, what was asked and answered by solving again, and quotes."""

from typing import Literal

from pydantic import Field

from planner.api.pages import FactAnswer, OptionAnswer, SectionAnswer, TablePart, facts_of, table_part
from planner.api.paging import PageQuery
from planner.api.resources import Call, Resource
from planner.api.v1.plans import plans
from planner.api.v1.requirements import RequirementFields
from planner.api.values import Code, Model, TableAnswer, Words, words
from planner.errors import NotFoundError
from planner.services.desk.opening import Desk, open_desk, open_for_requirement
from planner.services.desk.proofs import Proof, prove_changes, prove_fairness, prove_module, prove_price
from planner.services.desk.quoting import quote_row
from planner.services.desk.requirement import answer_why_not, read_requirement
from planner.services.tokens import Area
from reports.values import Table

quotes = Resource("quotes", Area.REQUIREMENTS, "What the plan in force says of a requirement that is not planned yet.")


class WhyNot(Model):
    """Why a requirement is not at a site, in one sentence, with the numbers behind it."""

    sentence: Words
    tables: list[TableAnswer]


class RequirementInPlan(Model):
    """A requirement in a plan. `here` says why each placement is where it is; `changes` are not proved yet."""

    code: str
    title: str
    sections: list[SectionAnswer]
    reasons: list[Words]
    here: list[Words]
    changes: list[Words]
    sites: list[OptionAnswer] = Field(description="The sites that may be asked about.")
    why_not: WhyNot | None


class ProofAnswer(Model):
    """An answer that was proved by solving again: a sentence, its figures, and how long it took."""

    sentence: Words
    table: TableAnswer | None
    facts: list[FactAnswer]

    @classmethod
    def of(cls, proof: Proof) -> "ProofAnswer":
        """`proof` as JSON."""
        table = TableAnswer.of(proof.table) if proof.table else None
        return cls(sentence=words(proof.sentence), table=table, facts=facts_of(proof.facts))


class Question(Model):
    """What to prove: the range of a pool's price, what one more module of an expansion brings, what fairness costs."""

    about: Literal["pool", "expansion", "fairness"]
    name: str = Field("", max_length=200, description="The pool or the expansion; empty for fairness.")


class SiteQuery(Model):
    """The site that is asked about."""

    site: Code | None = Field(None, description="Why the requirement is not there.")


class SiteTableQuery(SiteQuery, PageQuery):
    """The same, and which rows."""


class QuoteAnswer(Model):
    """What to expect of a requirement; `answer` is null where nothing can be said yet."""

    answer: Literal["served", "not_served", "uncertain"] | None
    sentence: Words
    facts: list[FactAnswer]


@plans.get("/<code>/requirements/<requirement>")
def requirement(call: Call, code: str, requirement: str, query: SiteQuery) -> RequirementInPlan:
    """One requirement in a plan: its years, why it is where it is, and why not at the site asked about."""
    desk = open_for_requirement(call.session, call.actor, code, requirement)
    found = read_requirement(desk, requirement)
    return RequirementInPlan(
        code=requirement,
        title=found.title,
        sections=list(map(SectionAnswer.of, found.sections)),
        reasons=list(map(words, found.reasons)),
        here=list(map(words, found.here)),
        changes=list(map(words, found.changes)),
        sites=[OptionAnswer(value=site, label=words(label)) for site, label in found.sites],
        why_not=_why_not(desk, requirement, query.site),
    )


@plans.get("/<code>/requirements/<requirement>/tables/<table>")
def requirement_table(call: Call, code: str, requirement: str, table: str, query: SiteTableQuery) -> TablePart:
    """One table of a requirement in a plan, whole."""
    desk = open_for_requirement(call.session, call.actor, code, requirement)
    asked = answer_why_not(desk, requirement, query.site).tables if query.site else ()
    return table_part(_named((*read_requirement(desk, requirement).tables, *asked), table), query)


@plans.post("/<code>/requirements/<requirement>/proof", reads=True)
def prove_requirement(call: Call, code: str, requirement: str) -> ProofAnswer:
    """Prove by solving again which changes would serve a requirement; for plans that are solved in seconds."""
    with call.sessions.begin() as session:  # it ends before the solving begins
        open_desk(session, call.actor, code)
        desk = open_for_requirement(session, call.actor, code, requirement)
    return ProofAnswer.of(prove_changes(desk, requirement))


@plans.post("/<code>/proofs", reads=True)
def prove(call: Call, code: str, body: Question) -> ProofAnswer:
    """Have a question answered by solving again; for plans that are solved in seconds."""
    with call.sessions.begin() as session:
        desk = open_desk(session, call.actor, code)
    match body.about:
        case "pool":
            return ProofAnswer.of(prove_price(desk, body.name))
        case "expansion":
            return ProofAnswer.of(prove_module(desk, body.name))
    return ProofAnswer.of(prove_fairness(desk))


@quotes.post(reads=True)
def quote(call: Call, body: RequirementFields) -> QuoteAnswer:
    """Say what to expect of a requirement as far as it is known; nothing is stored."""
    found = quote_row(call.session, call.actor, body.cells())
    return QuoteAnswer(answer=found.answer, sentence=words(found.sentence), facts=facts_of(found.facts))


def _why_not(desk: Desk, requirement: str, site: str | None) -> WhyNot | None:
    if site is None:
        return None
    found = answer_why_not(desk, requirement, site)
    return WhyNot(sentence=words(found.sentence), tables=list(map(TableAnswer.of, found.tables)))


def _named(tables: tuple[Table, ...], key: str) -> Table:
    for table in tables:
        if table.key == key:
            return table
    raise NotFoundError
