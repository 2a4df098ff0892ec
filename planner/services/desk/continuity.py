"""What moves, and what would go on if a site were lost."""

from planner.allocation.explain import failover_drill
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted, choose
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import TOTAL
from planner.text import N_, FiscalYear, Phrase
from reports.values import Chart, Column, Fact, Section, Table


def read_moves(desk: Desk, _wanted: Wanted) -> Page:
    """What is moved away from where it is hosted today, by fiscal year and one by one."""
    moves, years = move_table(desk), move_year_table(desk)
    chart = Chart("moves", N_("Data moved by fiscal year"), "column", years, "year", ("moved",), N_("TB"))
    return Page(
        (
            Section(
                "years",
                N_("By fiscal year"),
                N_("Storage that leaves the site that hosts it today, in the year of the move."),
                charts=(chart,),
            ),
            Section("moves", N_("Every move"), N_("The largest first."), tables=(moves,)),
        )
    )


def move_table(desk: Desk) -> Table:
    """One row a placement away from the site that hosts its requirement today, the most storage first."""
    ledger, instance = desk.ledger, desk.ledger.instance
    row_at = {code: n for n, code in enumerate(instance.requirements)}
    rows = []
    for placement in desk.plan.placements:
        requirement = ledger.requirements[placement.requirement]
        if requirement.incumbent is None or requirement.incumbent == placement.site:
            continue
        n = row_at[placement.requirement]
        moved = float(instance.moved[n, placement.start - ledger.years[0]]) if instance.home[n] >= 0 else 0.0
        names = desk.names
        rows.append(
            (
                placement.requirement,
                requirement.title,
                names.ministry(names.agencies[requirement.agency].ministry),
                names.site(requirement.incumbent),
                names.site(placement.site),
                FiscalYear(placement.start),
                placement.share,
                tidy(moved * placement.share),
            )
        )
    rows.sort(key=lambda row: (-float(row[-1]), str(row[0])))
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("ministry", N_("Ministry")),
        Column("from", N_("Moves from")),
        Column("to", N_("To")),
        Column("year", N_("Fiscal year"), "year"),
        Column("share", N_("Share"), "share"),
        Column("moved", N_("Data moved"), "number", N_("TB")),
    )
    total = (None, TOTAL, None, None, None, None, None, tidy(sum(float(row[-1]) for row in rows)))
    return Table("moves", N_("Moves"), columns, tuple(rows), total if rows else None)


def move_year_table(desk: Desk) -> Table:
    """One row a fiscal year: what moves, how many placements, and the limit, if any."""
    moves, policy = move_table(desk), desk.problem.policy
    limits = policy.move_limit_tb or (None,) * len(desk.ledger.years)
    made = list(zip(moves.column("year"), moves.column("moved"), strict=True))
    rows = []
    for year, limit in zip(desk.ledger.years, limits, strict=True):
        amounts = [
            float(amount) for when, amount in made if when == FiscalYear(year) and isinstance(amount, int | float)
        ]
        rows.append((FiscalYear(year), len(amounts), tidy(sum(amounts)), limit))
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("placements", N_("Placements that move"), "integer"),
        Column("moved", N_("Data moved"), "number", N_("TB")),
        Column("limit", N_("Limit"), "number", N_("TB")),
    )
    return Table("move_years", N_("Moves by fiscal year"), columns, tuple(rows))


def read_failover(desk: Desk, wanted: Wanted) -> Page:
    """The failover drill: for every site what survives its loss, and for one what is lost."""
    losses = failover_drill(desk.problem, desk.plan)
    names = desk.names
    site = choose("site", N_("Site that is lost"), [(row.site, names.site(row.site)) for row in losses], wanted)
    types = desk.problem.resource_types
    table = Table(
        "failover",
        N_("What survives the loss of each site"),
        (
            Column("code", N_("Code"), "code"),
            Column("site", N_("Site")),
            Column("survives", N_("Survives"), "share"),
            Column("paired", N_("With a standby copy"), "measure", N_("size")),
            Column("single", N_("Without one"), "measure", N_("size")),
            Column("lost", N_("Requirements that lose some"), "integer"),
            *(Column(f"type{n}", names.resource_type(row.code), "share") for n, row in enumerate(types)),
        ),
        tuple(
            (
                row.site,
                names.site(row.site),
                tidy(row.survives),
                row.paired,
                row.single,
                len(row.lost),
                *(row.by_type.get(each.code) for each in types),
            )
            for row in losses
        ),
        note=N_("Shares are of the work with a standby copy. Work without one is lost with its site."),
    )
    chart = Chart(
        "failover", N_("Share that survives, by site"), "column", table, "code", ("survives",), N_("Survives")
    )
    shaded = ("survives", *(f"type{n}" for n in range(len(types))))
    lost = next((row.lost for row in losses if row.site == site.chosen), {})
    ledger = desk.ledger
    affected = Table(
        "lost",
        N_("Requirements that lose some or all"),
        (
            Column("requirement", N_("Requirement"), "code"),
            Column("title", N_("Title")),
            Column("ministry", N_("Ministry")),
            Column("copies", N_("Copies"), "integer"),
            Column("size", N_("Part of national demand lost"), "share"),
        ),
        tuple(
            (
                code,
                ledger.requirements[code].title,
                names.ministry(names.agencies[ledger.requirements[code].agency].ministry),
                ledger.requirements[code].copies,
                tidy(lost[code] / float(ledger.size.sum())),
            )
            for code in sorted(lost, key=lambda code: (-lost[code], code))
        ),
    )
    lead = Phrase(N_("If %(site)s were lost, the largest first."), {"site": names.site(site.chosen)})
    facts = (Fact(N_("Requirements that lose some"), len(lost), "integer"),)
    return Page(
        (
            Section(
                "failover",
                N_("Failover drill"),
                N_("If a site were lost, the share of its work with standby copies that goes on elsewhere."),
                charts=(chart,),
            ),
            Section("lost", N_("What one site's loss would hit"), lead, (affected,), facts=facts),
        ),
        (site,),
        {table.key: shaded},
    )
