"""What went into two plans: sums, every row that differs, and what each ministry asked for."""

from planner.services.desk.comparing.pairs import less, pair_table
from planner.services.desk.opening import Desk
from planner.services.differences import HOME, ROW, Difference, compare_problems
from planner.services.reporting.inputs import count_table
from planner.services.reporting.ledger import Ledger, tidy
from planner.text import N_, Phrase, Value
from reports.values import Cell, Column, Table


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
    return pair_table("inputs", N_("Inputs of both plans"), N_("Input"), rows)


def row_comparison(first: Desk, second: Desk) -> Table:
    """One row a field of the input that differs: rows that one plan lacks first, then what changed most of itself."""
    found = sorted(compare_problems(first.problem, second.problem), key=_change, reverse=True)
    columns = (
        Column("kind", N_("What")),
        Column("code", N_("Code"), "code"),
        Column("name", N_("Name")),
        Column("field", N_("Field")),
        Column("a", N_("Plan A"), "measure"),
        Column("b", N_("Plan B"), "measure"),
        Column("difference", N_("Difference"), "measure"),
    )
    rows = tuple(
        (row.sort, row.code, row.name, row.field, row.before, row.after, less(_number(row.after), _number(row.before)))
        for row in found
    )
    return Table("input_rows", N_("Rows of the input that differ, what changed most first"), columns, rows)


def _change(row: Difference) -> float:
    """How much of itself a field changed: 2 for a whole row, 1 for what is no number, less for one.

    Homes come last: every publication changes them for the plans after it.
    """
    before, after = _number(row.before), _number(row.after)
    if row.field == HOME:
        return 0.0
    if before is None or after is None:
        return 2.0 if row.field == ROW else 1.0
    return abs(after - before) / max(abs(before), abs(after))


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def asked_comparison(first: Desk, second: Desk) -> Table:
    """One row a ministry that asks in either plan: requirements in both, and by how much of itself its demand changed.

    By resource type, over all years; what changed most first.
    """
    a, b = first.ledger, second.ledger
    types = dict.fromkeys((*a.type_at, *b.type_at))
    names = {code: (b if code in b.type_at else a).names.resource_type(code) for code in types}
    rows: list[tuple[Cell, ...]] = []
    for code in dict.fromkeys((*a.ministry_at, *b.ministry_at)):
        counts = [_count(ledger, code) for ledger in (a, b)]
        asked = [[_asked(ledger, code, each) for ledger in (a, b)] for each in types]
        changed = [tidy((after - before) / before) if before else None for before, after in asked]
        name = (b if code in b.ministry_at else a).names.ministry(code)
        rows.append((code, name, *counts, counts[1] - counts[0], *changed))
    rows.sort(key=_largest, reverse=True)
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("requirements_a", N_("Requirements, plan A"), "integer"),
        Column("requirements_b", N_("Requirements, plan B"), "integer"),
        Column("requirements", N_("Difference"), "integer"),
        *(
            Column(f"type{n}", _of(N_("Change of demand: %(resource_type)s"), names[code]), "share")
            for n, code in enumerate(types)
        ),
    )
    return Table("asked", N_("What ministries asked for, what changed most first"), columns, tuple(rows))


def _largest(row: tuple[Cell, ...]) -> tuple[float, float]:
    return max((abs(share) for share in map(_number, row[5:]) if share is not None), default=0.0), abs(
        _number(row[4]) or 0
    )


def _count(ledger: Ledger, ministry: str) -> int:
    return (
        int((ledger.instance.ministry == ledger.ministry_at[ministry]).sum()) if ministry in ledger.ministry_at else 0
    )


def _asked(ledger: Ledger, ministry: str, resource_type: str) -> float:
    """Units over all years; nothing where the plan knows the ministry or the resource type not."""
    if ministry not in ledger.ministry_at or resource_type not in ledger.type_at:
        return 0.0
    return float(ledger.asked_units[ledger.ministry_at[ministry], ledger.type_at[resource_type]].sum())


def _of(msgid: str, resource_type: Value) -> Phrase:
    return Phrase(msgid, {"resource_type": resource_type})
