"""What came out of two plans: figures, levels, ministries and requirements."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.services.desk.comparing.pairs import less, pair_table
from planner.services.desk.opening import Desk
from planner.services.reporting import level_table, ministry_table, summary_facts
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB, TOTAL
from planner.text import N_, Phrase, Value
from reports.values import Cell, Column, Table

LEAST = 1e-4
"""A share that changed by less than this counts as unchanged: the tolerance of a level is coarser."""


def figure_comparison(first: Desk, second: Desk) -> Table:
    """The figures of the summary in both plans; shares in percent."""

    def figures(desk: Desk) -> dict[str, tuple[Cell, float]]:
        found: dict[str, tuple[Cell, float]] = {}
        for fact in summary_facts(desk.ledger):
            if isinstance(fact.label, str) and isinstance(fact.value, int | float):
                percent = fact.kind == "share"
                found[fact.label] = ("%" if percent else Phrase(fact.unit), fact.value * (100 if percent else 1))
        lowest = min((row.share for row in desk.plan.service), default=1.0)
        found[N_("Lowest service share")] = ("%", 100 * lowest)
        return found

    a, b = figures(first), figures(second)
    rows = ((Phrase(label), unit, tidy(amount), tidy(b[label][1])) for label, (unit, amount) in a.items())
    return pair_table("figures", N_("Figures of both plans"), N_("Figure"), rows)


def level_comparison(first: Desk, second: Desk) -> Table:
    """What each level reached in the plans, in the order of the first plan and then of the second."""

    def values(desk: Desk) -> dict[str, tuple[Cell, Cell, float]]:
        table = level_table(desk.ledger)
        kept = zip(desk.plan.levels, table.column("level"), table.column("unit"), strict=True)
        return {level.name: (name, unit, level.kept) for level, name, unit in kept}

    a, b = values(first), values(second)
    rows = (
        (*(a.get(name) or b[name])[:2], a[name][2] if name in a else None, b[name][2] if name in b else None)
        for name in dict.fromkeys((*a, *b))
    )
    return pair_table("levels", N_("Levels of both plans"), N_("Level"), rows)


def ministry_comparison(first: Desk, second: Desk) -> Table:
    """One row a ministry of either plan: service share and running cost in both, the greatest change of share first."""
    a, b = _ministries(first), _ministries(second)
    rows = []
    for code in {**a, **b}:
        name, served_a, cost_a = a.get(code, (None, None, None))
        other, served_b, cost_b = b.get(code, (None, None, None))
        rows.append(
            (code, name or other, served_a, served_b, less(served_b, served_a), cost_a, cost_b, less(cost_b, cost_a))
        )
    rows.sort(key=lambda row: (-abs(row[4] or 0.0), -abs(row[7] or 0.0), row[0]))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("served_a", N_("Service share, plan A"), "share"),
        Column("served_b", N_("Service share, plan B"), "share"),
        Column("served", N_("Difference"), "share"),
        Column("cost_a", N_("Running cost, plan A"), "money", THB),
        Column("cost_b", N_("Running cost, plan B"), "money", THB),
        Column("cost", N_("Difference of cost"), "money", THB),
    )
    totals = (ministry_table(first.ledger).total or (), ministry_table(second.ledger).total or ())
    (served_a, cost_a), (served_b, cost_b) = ((float(str(total[7])), float(str(total[9]))) for total in totals)
    total = (
        None, TOTAL, served_a, served_b, less(served_b, served_a), cost_a, cost_b, less(cost_b, cost_a),
    )  # fmt: skip
    return Table("ministries", N_("Ministries, what changed most first"), columns, tuple(rows), total)


def _ministries(desk: Desk) -> Mapping[str, tuple[Cell, float, float]]:
    ledger = desk.ledger
    return {
        code: (
            ledger.names.ministry(code),
            tidy(ledger.ministry_share[m]),
            tidy(ledger.ministry_cost[m].sum()),
        )
        for code, m in ledger.ministry_at.items()
    }


@dataclass(frozen=True)
class _Standing:
    """A requirement in one plan: its share granted and that part of the national demand, and where."""

    granted: float
    part: float
    sites: tuple[str, ...]


def requirement_comparison(first: Desk, second: Desk) -> Table:
    """One row a requirement that differs, the greatest change of its part of the national demand first."""
    a, b = _standings(first), _standings(second)
    rows = []
    for code in {**a, **b}:
        before, after = a.get(code), b.get(code)
        asked = _asked(first, second, code)
        granted = less(after.granted if after else None, before.granted if before else None)
        same_sites = before and after and before.sites == after.sites
        if same_sites and granted is not None and abs(granted) < LEAST and asked is None:
            continue
        desk = second if after else first
        requirement = desk.ledger.requirements[code]
        part = (after.part if after else 0.0) - (before.part if before else 0.0)
        rows.append(
            (
                code,
                requirement.title,
                desk.names.ministry(desk.names.agencies[requirement.agency].ministry),
                Phrase(asked) if asked else None,
                before.granted if before else None,
                after.granted if after else None,
                granted,
                tidy(part),
                _sites(first, before),
                _sites(second, after),
            )
        )
    rows.sort(key=lambda row: (-abs(row[7]), -abs(row[6] or 0.0), row[0]))
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("ministry", N_("Ministry")),
        Column("asked", N_("What is asked")),
        Column("granted_a", N_("Granted, plan A"), "share"),
        Column("granted_b", N_("Granted, plan B"), "share"),
        Column("granted", N_("Difference"), "share"),
        Column("part", N_("Difference as part of national demand"), "share"),
        Column("sites_a", N_("Sites, plan A")),
        Column("sites_b", N_("Sites, plan B")),
    )
    return Table("requirements", N_("Requirements, what changed most first"), columns, tuple(rows))


def _standings(desk: Desk) -> Mapping[str, _Standing]:
    ledger = desk.ledger
    sites: dict[str, list[str]] = {}
    for row in desk.plan.placements:
        sites.setdefault(row.requirement, []).append(row.site)
    national = float(ledger.size.sum()) or 1.0
    return {
        code: _Standing(
            tidy(ledger.served_share[n]),
            float(ledger.served_size[n]) / national,
            tuple(sorted(set(sites.get(code, ())))),
        )
        for n, code in enumerate(ledger.instance.requirements)
    }


def _asked(first: Desk, second: Desk, code: str) -> str | None:
    """How what is asked for differs, None if it does not."""
    before, after = first.ledger.requirements.get(code), second.ledger.requirements.get(code)
    if before is None:
        return N_("New in plan B")
    if after is None:
        return N_("Not in plan B")
    return N_("Changed") if before != after else None


def _sites(desk: Desk, standing: _Standing | None) -> Phrase | None:
    if standing is None or not standing.sites:
        return None
    names: tuple[Value, ...] = tuple(desk.names.site(code) for code in standing.sites)
    return Phrase("%(names)s", {"names": names})
