"""What a plan does not grant: shortfalls by reason with the change that would help, and what was ruled out."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from planner.allocation.explain import Change, candidate_changes
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted, choose
from planner.services.desk.wording import RULE_TITLES, change_phrase
from planner.services.reporting import reason_table
from planner.services.reporting.ledger import tidy
from planner.services.wording import priority_phrase, reason_name, reason_phrase
from planner.text import N_, Phrase
from reports.values import Chart, Column, Section, Table

ALL: Final = ""
EXPLAINED: Final = 25
"""For how many shortfalls of a page a change is worked out; of the others it stands on the requirement's own page."""
SMALL: Final = 1_000
"""Up to how many requirements a plan may have for that; each change takes a look at all of them."""


def read_shortfalls(desk: Desk, wanted: Wanted) -> Page:
    """What falls short by main reason, and one by one, the largest first, each with a change that would help."""
    reasons = reason_table(desk.ledger)
    codes = Counter(row.reasons[0].code for row in desk.ledger.shortfalls if row.reasons)
    options = [(ALL, Phrase(N_("All"))), *((code, reason_name(code)) for code in sorted(codes))]
    reason = choose("reason", N_("Main reason"), options, wanted)
    chart = Chart(
        "reasons", N_("Unmet by main reason"), "bar", reasons, "reason", ("unmet",), N_("Part of national demand")
    )
    return Page(
        (
            Section(
                "reasons",
                N_("Why it was not granted"),
                N_("Each requirement that falls short counts once, under its main reason."),
                charts=(chart,),
            ),
            Section(
                "shortfalls",
                N_("One by one"),
                N_("The largest first. Open a requirement to see every change that would help, and to have it proved."),
                tables=(shortfall_table(desk, reason.chosen),),
            ),
        ),
        (reason,),
    )


def shortfall_table(desk: Desk, reason: str) -> Table:
    """One row a shortfall whose main reason is `reason` (any, if empty), the largest first."""
    ledger, names = desk.ledger, desk.names
    row_at = {code: n for n, code in enumerate(ledger.instance.requirements)}
    national = float(ledger.size.sum()) or 1.0
    found = [row for row in desk.ledger.shortfalls if not reason or (row.reasons and row.reasons[0].code == reason)]
    parts = {row.requirement: row.share * float(ledger.size[row_at[row.requirement]]) / national for row in found}
    found.sort(key=lambda row: (-parts[row.requirement], row.requirement))
    explained = EXPLAINED if len(row_at) <= SMALL else 0
    rows = []
    for position, row in enumerate(found):
        requirement = ledger.requirements[row.requirement]
        change = simplest_change(desk, row.requirement) if position < explained else None
        rows.append(
            (
                row.requirement,
                requirement.title,
                names.ministry(names.agencies[requirement.agency].ministry),
                priority_phrase(requirement.priority),
                tidy(row.share),
                tidy(parts[row.requirement]),
                reason_phrase(row.reasons[0], names) if row.reasons else None,
                *((change_phrase(change, names) if change else None,) if explained else ()),
            )
        )
    columns = [
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("ministry", N_("Ministry")),
        Column("priority", N_("Priority")),
        Column("share", N_("Unmet"), "share"),
        Column("part", N_("Part of national demand"), "share"),
        Column("explanation", N_("Explanation"), width=64.0),
    ]
    title = N_("Shortfalls, the largest first")
    if not explained:
        return Table("shortfalls", title, tuple(columns), tuple(rows))
    columns.append(Column("change", N_("A change that would help"), width=64.0))
    note = N_("Changes are sized from what each pool has left, not proved yet; others may come first with them.")
    return Table("shortfalls", title, tuple(columns), tuple(rows), note=note)


def simplest_change(desk: Desk, requirement: str) -> Change | None:
    """Of the changes that could serve a requirement, the one of fewest pools and least part of their limits."""
    limits = {row.pool: row.limit for row in desk.plan.pools}

    def effort(change: Change) -> tuple[bool, int, float]:
        parts = (amount / max(limits.get(pool, 0.0), 1.0) for pool, amount in change.amounts.items())
        return (not change.amounts, len(change.amounts), sum(parts))

    return min(candidate_changes(desk.view, requirement), key=effort, default=None)


def read_exclusions(desk: Desk, _wanted: Wanted) -> Page:
    """What was ruled out before planning: by site and rule, and the requirements that no site may host."""
    return Page(
        (
            Section(
                "rules",
                N_("Sites ruled out, by rule"),
                N_("How many requirements each rule keeps away from each site, each counted under the first rule."),
                tables=(rule_table(desk),),
            ),
            Section(
                "homeless",
                N_("Requirements with few sites"),
                N_("Those that one site or none may host, with the rules that keep them from the others."),
                tables=(narrow_table(desk),),
            ),
        )
    )


def rule_table(desk: Desk) -> Table:
    """One row a site: the requirements that each rule keeps away, and those that it may host."""
    rules = list(RULE_TITLES)
    counts = Counter((site, rule) for found in desk.open.ruled_out.values() for site, rule in found.items())
    everything = len(desk.problem.requirements)
    rows = []
    for site in desk.ledger.site_at:
        kept = [counts[site, rule] for rule in rules]
        rows.append((site, desk.names.site(site), *kept, everything - sum(kept)))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("site", N_("Site")),
        *(Column(rule, RULE_TITLES[rule], "integer", N_("requirements")) for rule in rules),
        Column("open", N_("May be hosted"), "integer", N_("requirements")),
    )
    return Table("rules", N_("Requirements ruled out by site and rule"), columns, tuple(rows))


def narrow_table(desk: Desk) -> Table:
    """One row a requirement that at most one site may host, those with none first."""
    sites, names = len(desk.ledger.site_at), desk.names
    narrow = {code: found for code, found in desk.open.ruled_out.items() if sites - len(found) <= 1}
    rows = []
    for code in sorted(narrow, key=lambda code: (sites - len(narrow[code]), code)):
        requirement = desk.ledger.requirements[code]
        rows.append(
            (
                code,
                requirement.title,
                names.ministry(names.agencies[requirement.agency].ministry),
                sites - len(narrow[code]),
                _rules(narrow[code]),
            )
        )
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("ministry", N_("Ministry")),
        Column("sites", N_("Sites that may host it"), "integer"),
        Column("rules", N_("Sites ruled out"), width=48.0),
    )
    return Table("narrow", N_("Requirements that at most one site may host"), columns, tuple(rows))


def _rules(found: Mapping[str, str]) -> Phrase:
    counts = Counter(found.values())
    parts = tuple(
        Phrase(N_("%(rule)s: %(count)s"), {"rule": Phrase(RULE_TITLES[rule]), "count": counts[rule]})
        for rule in RULE_TITLES
        if counts[rule]
    )
    return Phrase("%(parts)s", {"parts": parts})
