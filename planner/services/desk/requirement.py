"""One requirement in a plan: its years, why it was placed where it is, and why not at a site."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from planner.allocation.explain import Change, Part, WhyHere, WhyNot, candidate_changes, why_here, why_not
from planner.allocation.options import ruled_out
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Label
from planner.services.desk.wording import RULE_TITLES, change_phrase, row_phrase, row_unit, rule_phrase
from planner.services.reporting.ledger import tidy
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit, priority_phrase, reason_phrase
from planner.text import N_, FiscalYear, Phrase, Value
from reports.values import Cell, Chart, Column, Fact, Section, Table

FULL: Final = 0.9995
"""From this share on a requirement is said to be granted in full."""


@dataclass(frozen=True)
class Answer:
    """Why a requirement is not at a site, in one sentence, with the numbers behind it."""

    sentence: Phrase
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class RequirementPage:
    """A requirement in a plan. `here` says why each placement stands where it does; `changes` are not proved yet."""

    title: str
    sections: tuple[Section, ...]
    reasons: tuple[Phrase, ...]
    here: tuple[Phrase, ...]
    changes: tuple[Phrase, ...]
    sites: tuple[tuple[str, Label], ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, those of charts included."""
        charts = (chart.table for section in self.sections for chart in section.charts)
        return (*charts, *(table for section in self.sections for table in section.tables))


def read_requirement(desk: Desk, code: str) -> RequirementPage:
    """The requirement called `code`, which the plan knows."""
    ledger, names = desk.ledger, desk.names
    row = ledger.requirements[code]
    granted = float(ledger.served_share[ledger.instance.requirements.index(code)])
    shortfall = next((each for each in ledger.shortfalls if each.requirement == code), None)
    years = timeline_table(desk, code)
    chart = Chart(
        "timeline", N_("Share granted by fiscal year"), "column", years, "year", ("share",), N_("Share granted")
    )
    facts = (
        Fact(N_("Code"), code, "code"),
        Fact(N_("Ministry"), names.ministry(names.agencies[row.agency].ministry)),
        Fact(N_("Agency"), names.agency(row.agency)),
        Fact(N_("Priority"), priority_phrase(row.priority)),
        Fact(N_("Share granted"), tidy(granted), "share"),
        Fact(N_("Copies"), row.copies, "integer"),
        Fact(N_("Hosted today at"), names.site(row.incumbent) if row.incumbent else None),
    )
    return RequirementPage(
        title=row.title or code,
        sections=(
            Section("timeline", N_("Year by year"), charts=(chart,), facts=facts),
            Section(
                "ruled_out",
                N_("Where it may not stand"),
                N_("Sites that may never host it, with the first rule that says so."),
                tables=(ruled_out_table(desk, code),),
            ),
        ),
        reasons=tuple(reason_phrase(reason, names) for reason in shortfall.reasons) if shortfall else (),
        here=tuple(here_phrase(desk, found) for found in why_here(desk.view, code)),
        changes=tuple(change_phrase(change, names) for change in changes_for(desk, code)),
        sites=tuple((site, names.site(site)) for site in ledger.site_at),
    )


def changes_for(desk: Desk, code: str) -> tuple[Change, ...]:
    """Every single change that could serve the shortfall of a requirement, not proved."""
    return candidate_changes(desk.view, code)


def timeline_table(desk: Desk, code: str) -> Table:
    """One row a fiscal year of a requirement: the share in force, where, and each resource type asked and granted."""
    ledger, names = desk.ledger, desk.names
    instance, row = ledger.instance, ledger.requirements[code]
    n = instance.requirements.index(code)
    homes: dict[int, list[Value]] = defaultdict(list)
    copies: dict[int, list[Value]] = defaultdict(list)
    for placement in (each for each in desk.plan.placements if each.requirement == code):
        for t in range(int(instance.start[n]), int(instance.end[n]) + 1):
            begun = ledger.years[t] >= placement.start
            site = placement.site if begun else ledger.homes.get(code)
            if site:
                homes[t].append(names.site(site))
            if begun and placement.standby:
                copies[t].append(names.site(placement.standby))
    asked = [resource for resource in desk.problem.resource_types if resource.code in row.demand]
    rows: list[tuple[Cell, ...]] = []
    for t in range(int(instance.start[n]), int(instance.end[n]) + 1):
        share = float(ledger.granted[n, t])
        rows.append(
            (
                FiscalYear(ledger.years[t]),
                tidy(share),
                _listed(homes[t]),
                _listed(copies[t]),
                *(
                    Phrase(
                        N_("%(granted)s of %(asked)s"),
                        {
                            "granted": tidy(share * row.demand[resource.code][t]),
                            "asked": tidy(row.demand[resource.code][t]),
                        },
                    )
                    for resource in asked
                ),
            )
        )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("share", N_("Share granted"), "share"),
        Column("site", N_("Site")),
        Column("standby", N_("Standby site")),
        *(Column(resource.code, names.resource_type(resource.code), "text", resource.unit) for resource in asked),
    )
    return Table("timeline", N_("Year by year: granted of asked"), columns, tuple(rows))


def ruled_out_table(desk: Desk, code: str) -> Table:
    """One row a site that may never host a requirement."""
    rows = tuple(
        (site, desk.names.site(site), Phrase(RULE_TITLES.get(rule, rule)))
        for site, rule in sorted(ruled_out(desk.problem, desk.ledger.requirements[code]).items())
    )
    columns = (Column("code", N_("Code"), "code"), Column("site", N_("Site")), Column("rule", N_("Rule")))
    return Table("ruled_out", N_("Sites ruled out"), columns, rows)


def here_phrase(desk: Desk, found: WhyHere) -> Phrase:
    """Why a placement stands where it does."""
    names = desk.names
    params: dict[str, Value] = {"site": names.site(found.placement.site), "year": FiscalYear(found.placement.start)}
    if found.other is None:
        return Phrase(N_("%(site)s from fiscal year %(year)s: no other site may host it."), params)
    params["other"] = names.site(found.other.site)
    if found.level is None:
        return Phrase(
            N_("%(site)s from fiscal year %(year)s: %(other)s would do as well, and one had to be chosen."), params
        )
    params |= _weighing(desk, found.level, found.dearer, found.parts)
    return Phrase(
        N_(
            "%(site)s from fiscal year %(year)s: by the plan's prices it is better than %(other)s for the goal "
            "“%(level)s” by %(dearer)s %(gain)s, above all because of this: %(part)s."
        ),
        params,
    )


def answer_why_not(desk: Desk, code: str, site: str) -> Answer:
    """Why the requirement called `code` is not at `site`; `NotFoundError` if the plan does not know the site."""
    found = why_not(desk.view, code, site)
    mine = [row for row in desk.plan.placements if row.requirement == code and row.site == site]
    return Answer(_why_not_phrase(desk, found, sum(row.share for row in mine)), _numbers(desk, found))


def _why_not_phrase(desk: Desk, found: WhyNot, granted: float) -> Phrase:
    names = desk.names
    params: dict[str, Value] = {"site": names.site(found.site)}
    if found.rule:
        return Phrase(N_("%(site)s may not host it: %(rule)s."), {**params, "rule": rule_phrase(found.rule)})
    if granted >= FULL:
        return Phrase(N_("It is at %(site)s, with all that it asks for."), params)
    if granted > 0:
        return Phrase(
            N_("%(percent)s %% of it is at %(site)s; the rest is not, for the reasons above."),
            {**params, "percent": round(100 * granted, 1)},
        )
    if found.lacking:
        pool, amount = max(found.lacking, key=lambda each: _part_of_limit(desk, *each))
        what: dict[str, Value] = {
            "pool": pool_phrase(pool, names),
            "amount": tidy(amount),
            "unit": pool_unit(pool, names),
        }
        others = len(found.lacking) - 1
        params["lack"] = (
            Phrase(
                N_("%(amount)s %(unit)s of %(pool)s, and more of %(others)s other pools"), {**what, "others": others}
            )
            if others
            else Phrase(N_("%(amount)s %(unit)s of %(pool)s"), what)
        )
    if found.level is None:
        return Phrase(N_("%(site)s would do as well as where it is: no goal tells them apart."), params)
    params |= _weighing(desk, found.level, found.dearer, found.parts)
    if found.best:
        params["best"] = names.site(found.best.site)
    return Phrase(_SENTENCES[bool(found.best), bool(found.lacking)], params)


_SENTENCES: Final = {
    (True, True): N_(
        "At %(site)s it lacks %(lack)s; by the plan's prices %(best)s is better for the goal “%(level)s” by %(dearer)s "
        "%(gain)s, above all because of this: %(part)s."
    ),
    (True, False): N_(
        "There is room at %(site)s, but by the plan's prices %(best)s is better for the goal “%(level)s” by %(dearer)s "
        "%(gain)s, above all because of this: %(part)s."
    ),
    (False, True): N_(
        "At %(site)s it lacks %(lack)s; by the plan's prices serving it there would cost the goal “%(level)s” "
        "%(dearer)s %(gain)s, above all because of this: %(part)s."
    ),
    (False, False): N_(
        "By the plan's prices serving it at %(site)s would cost the goal “%(level)s” %(dearer)s %(gain)s, above all "
        "because of this: %(part)s."
    ),
}
"""Why not at a site, by whether another site is better (or else not serving it) and whether the site lacks room."""


def _weighing(desk: Desk, level: str, dearer: float, parts: tuple[Part, ...]) -> dict[str, Value]:
    """The words of a comparison: the level, by how much, in which unit, and what weighs most."""
    weightiest = max(parts, key=lambda part: part.dearer)
    return {
        "level": level_phrase(level),
        "dearer": dearer,
        "gain": level_unit(level),
        "part": row_phrase(weightiest.name, desk.names),
    }


def _part_of_limit(desk: Desk, pool: str, amount: float) -> float:
    limit = next((row.limit for row in desk.plan.pools if row.pool == pool), 0.0)
    return amount / max(limit, 1.0)


def _numbers(desk: Desk, found: WhyNot) -> tuple[Table, ...]:
    """What the two homes take of what, at which price; and what the site lacks."""
    names = desk.names
    gain = level_unit(found.level) if found.level else None
    parts = Table(
        "parts",
        N_("What makes the difference"),
        (
            Column("row", N_("Pool or goal"), width=48.0),
            Column("here", N_("It takes now"), "measure"),
            Column("there", N_("It would take"), "measure"),
            Column("unit", N_("Unit")),
            Column("headroom", N_("Left"), "measure"),
            Column("price", N_("Price"), "measure"),
            Column("dearer", N_("Worse by"), "measure"),
            Column("gain", N_("Unit of the goal")),
        ),
        tuple(
            (
                row_phrase(part.name, names),
                tidy(part.here),
                tidy(part.there),
                row_unit(part.name, names),
                tidy(part.headroom) if part.headroom is not None else None,
                part.price,
                part.dearer,
                gain,
            )
            for part in found.parts
        ),
    )
    lacking = Table(
        "lacking",
        N_("What the site lacks"),
        (Column("pool", N_("Pool")), Column("amount", N_("Lacks"), "measure"), Column("unit", N_("Unit"))),
        tuple((pool_phrase(pool, names), tidy(amount), pool_unit(pool, names)) for pool, amount in found.lacking),
    )
    return tuple(table for table in (parts, lacking) if table.rows)


def _listed(values: list[Value]) -> Phrase | None:
    return Phrase("%(names)s", {"names": tuple(values)}) if values else None
