"""Closing the gap stated in PuLP: one function for each family of `docs/workforce.md`.

It is the whole problem, readable and solvable as it stands; `planner.workforce.matrix` says the same in arrays, for
registers of a thousand agencies.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import pulp

from planner.workforce.layout import Layout

NO_LIMIT = 1e30
"""What PuLP and HiGHS read as no limit; PuLP refuses infinity itself."""
Term: TypeAlias = tuple[pulp.LpVariable, float]
Terms: TypeAlias = list[Term]


@dataclass
class Statement:
    """A stated model. Variables are in the layout's order; `missed` and `rise` are by how much floors give way."""

    layout: Layout
    model: pulp.LpProblem
    train: Terms = field(default_factory=list)
    hire: Terms = field(default_factory=list)
    borrow: Terms = field(default_factory=list)
    lend: Terms = field(default_factory=list)
    short: Terms = field(default_factory=list)
    alone: Terms = field(default_factory=list)
    missed: Terms = field(default_factory=list)
    rise: pulp.LpVariable = field(init=False)

    def limit(self, name: str, terms: Iterable[Term], limit: float) -> None:
        """State the row `name`: the sum of `terms` <= `limit`."""
        total: dict[pulp.LpVariable, float] = defaultdict(float)
        for variable, amount in terms:
            total[variable] += amount
        expression = pulp.LpAffineExpression({variable: amount for variable, amount in total.items() if amount})
        self.model += pulp.LpConstraint(expression, pulp.LpConstraintLE, name, limit)


def state(layout: Layout) -> Statement:
    """The model of `layout`, its rows in the order of `planner.workforce.matrix`."""
    statement = Statement(layout, pulp.LpProblem("closing", pulp.LpMinimize))
    define_variables(statement)
    define_supply(statement)
    define_backup(statement)
    define_vacancy(statement)
    define_trainees(statement)
    define_seats(statement)
    define_exchange(statement)
    define_budget(statement)
    define_coverage(statement)
    define_single_person(statement)
    return statement


def define_variables(statement: Statement) -> None:
    """People sent to courses, hired, borrowed and lent; gaps left, backup and floors missed; the rise of all floors."""
    layout, register = statement.layout, statement.layout.register
    surplus = register.surplus

    def add(family: str, rows: Iterable[list[int]], second: tuple[str, ...]) -> Terms:
        named = (f"{family}_{register.agencies[a]}_{second[b]}_{register.years[t]}" for a, b, t in rows)
        return [(statement.model.add_variable(lp_name(name), 0), 1.0) for name in named]

    statement.train = add("train", layout.train.tolist(), layout.terms.courses)
    for family in ("hire", "borrow", "lend", "short", "alone"):
        setattr(statement, family, add(family, getattr(layout, family).tolist(), register.roles))
    for (variable, _), cell in zip(statement.lend, layout.lend.tolist(), strict=True):
        variable.upBound = float(surplus[tuple(cell)])
    missed = (lp_name(f"missed_{register.agencies[a]}") for a in layout.covered.tolist())
    statement.missed = [(statement.model.add_variable(name, 0), 1.0) for name in missed]
    statement.rise = statement.model.add_variable("rise", -1, 0)


def define_supply(statement: Statement) -> None:
    """- (training - lost time - lent + borrowed + hired) - gap left <= - (required - available today)."""
    layout, added = statement.layout, work_added(statement)
    for cell, (gap, _), limit in zip(
        layout.short.tolist(), statement.short, layout.supply_limits.tolist(), strict=True
    ):
        statement.limit(_name("supply", layout, cell), [*_negative(added[tuple(cell)]), (gap, -1.0)], -limit)


def define_backup(statement: Statement) -> None:
    """- (people new to the role) - backup missing <= - backup missing today."""
    layout, added = statement.layout, work_added(statement, newcomers=True)
    for cell, (missing, _), limit in zip(layout.alone.tolist(), statement.alone, layout.backup.tolist(), strict=True):
        statement.limit(_name("backup", layout, cell), [*_negative(added[tuple(cell)]), (missing, -1.0)], -limit)


def define_vacancy(statement: Statement) -> None:
    """People hired by the plan and still in post <= funded posts that nobody holds."""
    layout, posts = statement.layout, _in_post(statement)
    vacant = layout.register.vacant
    for cell in layout.vacancy.tolist():
        statement.limit(_name("vacancy", layout, cell), posts[tuple(cell)], float(vacant[tuple(cell)]))


def define_trainees(statement: Statement) -> None:
    """People sent from a role and level up to a year - people who have come there by courses <= who is there today."""
    layout, register, terms = statement.layout, statement.layout.register, statement.layout.terms
    of_agency = defaultdict(list)
    for (a, k, t), (sent, _) in zip(layout.train.tolist(), statement.train, strict=True):
        of_agency[a].append((k, t, sent))
    for a, role, level, year in layout.trainees.tolist():
        flow: Terms = []
        for k, t, sent in of_agency[a]:
            done = t + int(terms.lead[k])
            if tuple(terms.begins[k]) == (role, level) and t <= year:
                flow.append((sent, 1.0))
            if tuple(terms.ends[k]) == (role, level) and done <= year:
                left = register.survival[terms.begins[k, 0], done] / register.survival[role, done]
                flow.append((sent, -float(left)))
        name = f"trainees_{register.agencies[a]}_{register.roles[role]}_{register.levels[level]}_{register.years[year]}"
        statement.limit(lp_name(name), flow, float(register.stock[a, role, level]))


def define_seats(statement: Statement) -> None:
    """People sent to a course in a fiscal year, those who are left of them by then <= its seats."""
    layout, terms = statement.layout, statement.layout.terms
    sent = defaultdict(list)
    for (_, k, t), (variable, _) in zip(layout.train.tolist(), statement.train, strict=True):
        sent[k, t].append((variable, _left(layout, k, t)))
    for k, t in layout.seats.tolist():
        name = lp_name(f"seats_{terms.courses[k]}_{layout.register.years[t]}")
        statement.limit(name, sent[k, t], float(terms.seats[k, t]))


def define_exchange(statement: Statement) -> None:
    """Time borrowed in a role and fiscal year - efficiency x time lent <= 0."""
    layout, register = statement.layout, statement.layout.register
    moved = defaultdict(list)
    for (_, r, t), (variable, _) in zip(layout.borrow.tolist(), statement.borrow, strict=True):
        moved[r, t].append((variable, 1.0))
    for (_, r, t), (variable, _) in zip(layout.lend.tolist(), statement.lend, strict=True):
        moved[r, t].append((variable, -layout.terms.efficiency))
    for r, t in layout.exchange.tolist():
        statement.limit(lp_name(f"exchange_{register.roles[r]}_{register.years[t]}"), moved[r, t], 0.0)


def define_budget(statement: Statement) -> None:
    """Seats, pay of people hired and secondments of a fiscal year, million THB <= its budget."""
    layout, spent = statement.layout, spending(statement)
    for t in layout.budget.tolist():
        statement.limit(f"budget_{layout.register.years[t]}", spent[t], float(layout.terms.budget[t]))


def define_coverage(statement: Statement) -> None:
    """Share of its required FTE that an agency goes without - missed + the rise <= 1 - its floor (0 until set)."""
    layout = statement.layout
    gaps = defaultdict(list)
    for (a, _, _), (gap, _) in zip(layout.short.tolist(), statement.short, strict=True):
        gaps[a].append(gap)
    rows = zip(layout.covered.tolist(), layout.stakes.tolist(), statement.missed, strict=True)
    for a, stake, (missed, _) in rows:
        name = lp_name(f"coverage_{layout.register.agencies[a]}")
        without = ((gap, 1.0 / stake) for gap in gaps[a])
        statement.limit(name, [*without, (missed, -1.0), (statement.rise, 1.0)], 1.0)


def define_single_person(statement: Statement) -> None:
    """Backup missing, weighted by what rests on those who are there <= what was reached (no limit until then)."""
    statement.limit("single_person", level_terms(statement, "single_person"), NO_LIMIT)


def level_terms(statement: Statement, level: str) -> Terms:
    """What a level minimises: `coverage` (floors missed, less the rise), `single_person` or `cost`."""
    if level == "coverage":
        return [*statement.missed, (statement.rise, -1.0)]
    if level == "single_person":
        weights = statement.layout.weight.tolist()
        return [(variable, weight) for (variable, _), weight in zip(statement.alone, weights, strict=True)]
    return [term for of_year in spending(statement).values() for term in of_year]


def work_added(statement: Statement, *, newcomers: bool = False) -> defaultdict[tuple[int, ...], Terms]:
    """FTE added to each cell (agency, role, year); with `newcomers`, by people new to the role alone."""
    layout, register, terms = statement.layout, statement.layout.register, statement.layout.terms
    added: defaultdict[tuple[int, ...], Terms] = defaultdict(list)
    for (a, k, sent), (variable, _) in zip(layout.train.tolist(), statement.train, strict=True):
        (old_role, old_level), (new_role, new_level) = terms.begins[k].tolist(), terms.ends[k].tolist()
        old, new, done = register.factor[old_level], register.factor[new_level], sent + int(terms.lead[k])
        if not newcomers:
            lost = float(terms.lost_time[k] * old * register.survival[old_role, sent])
            added[a, old_role, sent].append((variable, -lost))
        for t in range(done, len(register.years)):
            at_old = float(register.survival[old_role, t])
            since = float(register.survival[new_role, t] / register.survival[new_role, done])
            at_new = float(register.survival[old_role, done]) * since
            if not newcomers:
                added[a, old_role, t].append((variable, -float(old) * at_old))
            if not newcomers or old_role != new_role:
                added[a, new_role, t].append((variable, float(new) * at_new))
    for cell, in_post in _in_post(statement).items():
        factor = float(terms.hire_factor[cell[1]])
        added[cell].extend((variable, factor * amount) for variable, amount in in_post)
    for cell, term in zip(layout.borrow.tolist(), statement.borrow, strict=True):
        added[tuple(cell)].append(term)
    if not newcomers:
        for cell, (variable, _) in zip(layout.lend.tolist(), statement.lend, strict=True):
            added[tuple(cell)].append((variable, -1.0))
    return added


def spending(statement: Statement) -> defaultdict[int, Terms]:
    """Million THB by fiscal year."""
    layout, terms = statement.layout, statement.layout.terms
    spent: defaultdict[int, Terms] = defaultdict(list)
    for (_, k, t), (variable, _) in zip(layout.train.tolist(), statement.train, strict=True):
        spent[t].append((variable, float(terms.price[k]) * _left(layout, k, t)))
    for (_, r, t), in_post in _in_post(statement).items():
        spent[t].extend((variable, float(terms.hire_cost[r]) * amount) for variable, amount in in_post)
    for (_, _, t), (variable, _) in zip(layout.borrow.tolist(), statement.borrow, strict=True):
        spent[t].append((variable, terms.lend_cost))
    return spent


def lp_name(text: str) -> str:
    """`text` as an LP name: ASCII letters, digits and underscores; any other character by its code point."""
    plain = re.sub(r"[-/. ]", "_", text)
    return re.sub(r"[^A-Za-z0-9_]", lambda match: f"u{ord(match.group()):x}", plain)


def _in_post(statement: Statement) -> dict[tuple[int, ...], Terms]:
    """People hired by the plan who are in post in each cell (agency, role, year), FTE."""
    layout, register = statement.layout, statement.layout.register
    posts: dict[tuple[int, ...], Terms] = defaultdict(list)
    for (a, r, t), (variable, _) in zip(layout.hire.tolist(), statement.hire, strict=True):
        begins = t + int(layout.terms.hire_lead[r])
        for year in range(begins, len(register.years)):
            left = float(register.survival[r, year] / register.survival[r, begins])
            posts[a, r, year].append((variable, left))
    return posts


def _left(layout: Layout, course: int, year: int) -> float:
    """What attrition leaves by `year` of those who could be sent to `course`."""
    return float(layout.register.survival[layout.terms.begins[course, 0], year])


def _negative(terms: Terms) -> Terms:
    return [(variable, -amount) for variable, amount in terms]


def _name(family: str, layout: Layout, cell: list[int]) -> str:
    register = layout.register
    return lp_name(f"{family}_{register.agencies[cell[0]]}_{register.roles[cell[1]]}_{register.years[cell[2]]}")
