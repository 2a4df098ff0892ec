"""Two plans side by side: what went in and what came out, with differences, and what changed most first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page
from planner.services.reporting import level_table, ministry_table, summary_facts
from planner.services.reporting.inputs import count_table, policy_table
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB, TOTAL
from planner.text import N_, Phrase, Value
from reports.values import Cell, Chart, Column, Section, Table

LEAST = 1e-4
"""A share that changed by less than this counts as unchanged: the tolerance of a level is coarser."""


def compare_plans(first: Desk, second: Desk) -> Page:
    """What differs from `first` to `second`; differences are the second less the first."""
    ministries = ministry_comparison(first, second)
    chart = Chart(
        "ministries",
        N_("Service share by ministry, both plans"),
        "bar",
        ministries,
        "ministry",
        ("served_a", "served_b"),
        N_("Service share"),
    )
    return Page(
        (
            Section(
                "figures", N_("In figures"), tables=(figure_comparison(first, second), level_comparison(first, second))
            ),
            Section(
                "inputs",
                N_("What went in"),
                N_("Amounts are sums over sites and fiscal years. Only settings of policy that differ are listed."),
                tables=(input_comparison(first, second), policy_comparison(first, second)),
            ),
            Section(
                "ministries",
                N_("By ministry"),
                N_("Sorted by what changed most."),
                charts=(chart,),
            ),
            Section(
                "requirements",
                N_("By requirement"),
                N_("Those granted more, less or elsewhere, or asked for differently, sorted by what changed most."),
                tables=(requirement_comparison(first, second),),
            ),
        )
    )


def _pair(key: str, title: str, what: str, rows: Iterable[tuple[Cell, Cell, float | None, float | None]]) -> Table:
    """A table of amounts in two plans, each row in a unit of its own."""
    columns = (
        Column("what", what),
        Column("unit", N_("Unit")),
        Column("a", N_("Plan A"), "measure"),
        Column("b", N_("Plan B"), "measure"),
        Column("difference", N_("Difference"), "measure"),
    )
    return Table(key, title, columns, tuple((*row, _less(row[3], row[2])) for row in rows))


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
    return _pair("figures", N_("Figures of both plans"), N_("Figure"), rows)


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
    return _pair("levels", N_("Levels of both plans"), N_("Level"), rows)


def input_comparison(first: Desk, second: Desk) -> Table:
    """Rows of each sort, and demand and usable capacity by resource type, in both inputs."""

    def amounts(ledger: Ledger) -> dict[str, tuple[Cell, Cell, float]]:
        found: dict[str, tuple[Cell, Cell, float]] = {}
        for number, (name, count) in enumerate(count_table(ledger).rows):
            found[f"rows/{number}"] = (name, Phrase(N_("rows")), float(str(count)))
        for row in ledger.problem.resource_types:
            r, name = ledger.type_at[row.code], ledger.names.resource_type(row.code)
            asked = float(ledger.asked_units[:, r].sum())
            usable = float(ledger.instance.capacity[:, r].sum())
            found[f"asked/{row.code}"] = (_of(N_("Demand: %(resource_type)s"), name), row.unit, asked)
            found[f"usable/{row.code}"] = (_of(N_("Usable capacity: %(resource_type)s"), name), row.unit, usable)
        return found

    a, b = amounts(first.ledger), amounts(second.ledger)
    rows = (
        (
            *(a.get(key) or b[key])[:2],
            tidy(a[key][2]) if key in a else None,
            tidy(b[key][2]) if key in b else None,
        )
        for key in dict.fromkeys((*a, *b))
    )
    return _pair("inputs", N_("Inputs of both plans"), N_("Input"), rows)


def policy_comparison(first: Desk, second: Desk) -> Table:
    """The settings of policy in which the plans differ; empty where the policy is the same."""

    def settings(desk: Desk) -> dict[str, tuple[Cell, Cell]]:
        return {repr(row[0]): (row[0], row[1]) for row in policy_table(desk.ledger).rows}

    a, b = settings(first), settings(second)
    rows = tuple(
        ((a.get(key) or b[key])[0], a[key][1] if key in a else None, b[key][1] if key in b else None)
        for key in dict.fromkeys((*a, *b))
        if a.get(key) != b.get(key)
    )
    columns = (Column("setting", N_("Setting")), Column("a", N_("Plan A")), Column("b", N_("Plan B")))
    return Table("policies", N_("Policy, where it differs"), columns, rows)


def ministry_comparison(first: Desk, second: Desk) -> Table:
    """One row a ministry of either plan: service share and running cost in both, the greatest change of share first."""
    a, b = _ministries(first), _ministries(second)
    rows = []
    for code in {**a, **b}:
        name, served_a, cost_a = a.get(code, (None, None, None))
        other, served_b, cost_b = b.get(code, (None, None, None))
        rows.append(
            (code, name or other, served_a, served_b, _less(served_b, served_a), cost_a, cost_b, _less(cost_b, cost_a))
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
        None, TOTAL, served_a, served_b, _less(served_b, served_a), cost_a, cost_b, _less(cost_b, cost_a),
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
        granted = _less(after.granted if after else None, before.granted if before else None)
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


def _of(msgid: str, resource_type: Value) -> Phrase:
    return Phrase(msgid, {"resource_type": resource_type})


def _less(after: float | None, before: float | None) -> float | None:
    """after - before, where both are there."""
    return None if after is None or before is None else tidy(after - before)
