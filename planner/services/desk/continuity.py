"""What moves, and what would go on if a site were lost."""

from planner.allocation.explain import failover_drill
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted, choose
from planner.services.reporting import move_table, move_year_table
from planner.services.reporting.ledger import tidy
from planner.text import N_, Phrase
from reports.values import Chart, Column, Fact, Section, Table


def read_moves(desk: Desk, _wanted: Wanted) -> Page:
    """What is moved away from where it is hosted today, by fiscal year and one by one."""
    moves = move_table(desk.ledger)
    years = move_year_table(desk.ledger, moves)
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


def read_failover(desk: Desk, wanted: Wanted) -> Page:
    """The failover drill: for every site what survives its loss, and for one what is lost."""
    losses = failover_drill(desk.view)
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
