"""The allocation stated in PuLP: one function for each constraint family of `docs/formulation.md`.

Given every option it is the whole problem, readable and solvable as it stands. Given none it is the statement that the
engine's master begins with, and options enter behind it as arrays (`planner.allocation.columns` says the same thing).
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pulp

from planner.allocation.instance import Instance
from planner.allocation.layout import POLICY, Layout, unmet_weight
from planner.allocation.options import Options

NO_LIMIT = 1e30
"""What PuLP and HiGHS read as no limit; PuLP refuses infinity itself."""


@dataclass
class Statement:
    """A stated model: variables by what they mean, and every row's left-hand side under its layout name.

    `grant[k]` is the share of option k, `buy[e, t]` modules bought, `fairness` the lowest service share, and
    `give[row]` by how much a floor, cap or pin gives way.
    """

    instance: Instance
    layout: Layout
    options: Options
    model: pulp.LpProblem
    grant: list[pulp.LpVariable] = field(default_factory=list)
    buy: dict[tuple[int, int], pulp.LpVariable] = field(default_factory=dict)
    give: dict[int, pulp.LpVariable] = field(default_factory=dict)
    fairness: pulp.LpVariable = field(init=False)

    def limit(self, row: int, terms: Iterable[tuple[pulp.LpVariable, float]]) -> None:
        """State the layout's row `row`: the sum of `terms` <= its limit."""
        if row >= 0:
            bound = min(float(self.layout.limits[row]), NO_LIMIT)
            expression = pulp.LpAffineExpression(_summed(terms))
            self.model += pulp.LpConstraint(expression, pulp.LpConstraintLE, lp_name(self.layout.names[row]), bound)


def state(instance: Instance, layout: Layout, options: Options) -> Statement:
    """The model of `instance` over `options`: the layout's rows, in order, then one choice row a requirement."""
    model = pulp.LpProblem("allocation", pulp.LpMinimize)
    statement = Statement(instance, layout, options, model)
    define_variables(statement)
    define_capacity(statement)
    define_capex(statement)
    define_opex(statement)
    define_expansion(statement)
    define_staff(statement)
    define_moves(statement)
    define_service(statement)
    define_floors(statement)
    define_caps(statement)
    define_pins(statement)
    define_levels(statement)
    define_choice(statement)
    return statement


def define_variables(statement: Statement) -> None:
    """Shares granted, modules bought while they can still serve, the fairness floor, and what policy gives way."""
    instance, layout, model = statement.instance, statement.layout, statement.model
    horizon = len(instance.years)
    for n, s, other, t in statement.options:
        standby = f"_{instance.sites[other]}" if other >= 0 else ""
        name = f"grant_{instance.requirements[n]}_{instance.sites[s]}{standby}_{instance.years[t]}"
        statement.grant.append(model.add_variable(lp_name(name), 0))
    demand = instance.demand.sum(axis=0).max(axis=1, initial=0.0)
    for e, code in enumerate(instance.expansions):
        useful = float(demand[instance.expansion_type[e]] / instance.module_size[e])
        # More than could ever be used or bought: the expansion's row binds before this does, and bears the whole price.
        beyond = min(useful, float(instance.max_modules[e])) + 1
        for t in range(horizon - int(instance.lead[e])):
            statement.buy[e, t] = model.add_variable(lp_name(f"buy_{code}_{instance.years[t]}"), 0, beyond)
    statement.fairness = model.add_variable("fairness", 0, 1)
    for row in _steered_rows(layout):
        statement.give[row] = model.add_variable(lp_name(f"give_{layout.names[row]}"), 0, 1)


def define_capacity(statement: Statement) -> None:
    """Use of primaries + standby ratio x use of standbys <= usable capacity + modules bought in time."""
    instance = statement.instance
    use = defaultdict(list)
    for k, s, t, ratio in _hosted(statement):
        demand = instance.demand[statement.options.requirement[k], :, t]
        for r in demand.nonzero()[0].tolist():
            use[s, r, t].append((statement.grant[k], float(demand[r] * ratio[r])))
    for (e, bought), modules in statement.buy.items():
        for t in range(bought + int(instance.lead[e]), len(instance.years)):
            at = int(instance.expansion_site[e]), int(instance.expansion_type[e]), t
            use[at].append((modules, -float(instance.module_size[e])))
    for s, r, t in _places(statement.layout.capacity.shape):
        statement.limit(int(statement.layout.capacity[s, r, t]), use[s, r, t])


def define_capex(statement: Statement) -> None:
    """Spending on modules in a fiscal year <= the capex limit."""
    price = statement.instance.module_price
    for t, row in enumerate(statement.layout.capex.tolist()):
        bought = [(modules, float(price[e])) for (e, year), modules in statement.buy.items() if year == t]
        statement.limit(row, bought)


def define_opex(statement: Statement) -> None:
    """Running cost of everything hosted in a fiscal year <= the opex limit."""
    cost = defaultdict(list)
    for k, t, amount in _running_costs(statement):
        cost[t].append((statement.grant[k], amount))
    for t, row in enumerate(statement.layout.opex.tolist()):
        statement.limit(row, cost[t])


def define_expansion(statement: Statement) -> None:
    """Modules of an expansion over all years <= the most there may be."""
    for e, row in enumerate(statement.layout.expansion.tolist()):
        statement.limit(row, [(modules, 1.0) for (which, _), modules in statement.buy.items() if which == e])


def define_staff(statement: Statement) -> None:
    """What an agency's hosted requirements take of a role in a fiscal year <= its full-time equivalents."""
    instance = statement.instance
    loads = defaultdict(list)
    for n, who, load in zip(instance.load_requirement, instance.load_staff, instance.load, strict=True):
        loads[int(n)].append((int(who), float(load)))
    taken = defaultdict(list)
    for k, _, t, _ in _hosted(statement, standby=False):
        for who, load in loads[int(statement.options.requirement[k])]:
            taken[who, t].append((statement.grant[k], load))
    for who, t in _places(statement.layout.staff.shape):
        statement.limit(int(statement.layout.staff[who, t]), taken[who, t])


def define_moves(statement: Statement) -> None:
    """Storage moved away from incumbents' homes in a fiscal year <= the move limit."""
    moved = defaultdict(list)
    for k, t, amount in _moves(statement):
        moved[t].append((statement.grant[k], amount))
    for t, row in enumerate(statement.layout.moves.tolist()):
        statement.limit(row, moved[t])


def define_service(statement: Statement) -> None:
    """The lowest service share - service share of the ministry <= 0."""
    for m, row in enumerate(statement.layout.service.tolist()):
        if row >= 0:
            served = [(grant, -share) for grant, share in service_terms(statement, m)]
            statement.limit(row, [(statement.fairness, 1.0), *served])


def define_floors(statement: Statement) -> None:
    """- service share of a ministry - what the floor gives way <= -floor."""
    for m, row in enumerate(statement.layout.floor.tolist()):
        if row >= 0:
            served = [(grant, -share) for grant, share in service_terms(statement, m)]
            statement.limit(row, [*served, (statement.give[row], -1.0)])


def define_caps(statement: Statement) -> None:
    """Service share of a ministry - what the cap gives way <= the cap."""
    for m, row in enumerate(statement.layout.cap.tolist()):
        if row >= 0:
            statement.limit(row, [*service_terms(statement, m), (statement.give[row], -1.0)])


def define_pins(statement: Statement) -> None:
    """- share granted at the pinned site - what the pin gives way <= -1."""
    at_pin = defaultdict(list)
    for k, (n, s, _, _) in enumerate(statement.options):
        if statement.instance.pin[n] == s:
            at_pin[n].append((statement.grant[k], -1.0))
    for n, row in enumerate(statement.layout.pin.tolist()):
        if row >= 0:
            statement.limit(row, [*at_pin[n], (statement.give[row], -1.0)])


def define_levels(statement: Statement) -> None:
    """Each level's value <= what it reached, once it is held; without limit before."""
    for level, row in statement.layout.level.items():
        statement.limit(row, level_terms(statement, level))


def define_choice(statement: Statement) -> None:
    """The shares of one requirement's options <= 1; the rest is never granted."""
    shares = defaultdict(list)
    for k, (n, _, _, _) in enumerate(statement.options):
        shares[n].append((statement.grant[k], 1.0))
    for n in sorted(shares):
        name = lp_name(f"choice_{statement.instance.requirements[n]}")
        expression = pulp.LpAffineExpression(shares[n])
        statement.model += pulp.LpConstraint(expression, pulp.LpConstraintLE, name, 1.0)


def level_terms(statement: Statement, level: str) -> list[tuple[pulp.LpVariable, float]]:
    """The level's value as terms to minimise, without its constant (`Layout.at_stake`)."""
    instance, grant = statement.instance, statement.grant
    if level == POLICY:
        return [(give, 1.0) for give in statement.give.values()]
    if level == "fairness":
        return [(statement.fairness, -1.0)]
    if level == "cost":
        bought = [(modules, float(instance.module_price[e])) for (e, _), modules in statement.buy.items()]
        return [*_summed((grant[k], amount) for k, _, amount in _running_costs(statement)), *bought]
    if level == "moves":
        return [(grant[k], amount) for k, _, amount in _moves(statement)]
    weight = unmet_weight(instance, level)
    size = [(k, float(weight[n] * instance.size[n, t])) for k, n, t in _granted(statement)]
    return _summed((grant[k], -amount) for k, amount in size if amount)


def service_terms(statement: Statement, ministry: int) -> list[tuple[pulp.LpVariable, float]]:
    """The service share of the ministry at position `ministry`, one term an option."""
    instance = statement.instance
    total = float(instance.ministry_size[ministry])
    granted = ((k, n, t) for k, n, t in _granted(statement) if instance.ministry[n] == ministry)
    return _summed((statement.grant[k], float(instance.size[n, t]) / total) for k, n, t in granted)


def lp_name(text: str) -> str:
    """`text` as an LP name: ASCII letters, digits and underscores; any other character by its code point."""
    plain = re.sub(r"[-/. ]", "_", text)
    return re.sub(r"[^A-Za-z0-9_]", lambda match: f"u{ord(match.group()):x}", plain)


def _steered_rows(layout: Layout) -> list[int]:
    """Rows that policy asks for and that may give way: floors, caps and pins."""
    return [row for row in (*layout.floor.tolist(), *layout.cap.tolist(), *layout.pin.tolist()) if row >= 0]


def _hosted(statement: Statement, *, standby: bool = True) -> Iterable[tuple[int, int, int, Sequence[float]]]:
    """(option, site, year, share of the demand it holds by resource type) for every year an option hosts."""
    instance = statement.instance
    whole, partly = [1.0] * len(instance.types), instance.standby_ratio.tolist()
    for k, (n, s, other, begin) in enumerate(statement.options):
        for t in range(int(instance.start[n]), int(instance.end[n]) + 1):
            at = s if t >= begin else int(instance.home[n])
            if at >= 0:
                yield k, at, t, whole
            if standby and other >= 0 and t >= begin:
                yield k, other, t, partly


def _granted(statement: Statement) -> Iterable[tuple[int, int, int]]:
    """(option, requirement, year) for every year in which an option serves."""
    requirement = statement.options.requirement
    return ((k, int(requirement[k]), t) for k, _, t, _ in _hosted(statement, standby=False))


def _running_costs(statement: Statement) -> Iterable[tuple[int, int, float]]:
    """(option, year, THB)."""
    instance = statement.instance
    for k, s, t, ratio in _hosted(statement):
        demand = instance.demand[statement.options.requirement[k], :, t]
        yield k, t, float((demand * ratio) @ instance.running_cost[s, :, t])


def _moves(statement: Statement) -> Iterable[tuple[int, int, float]]:
    """(option, year, storage moved) for options that leave an incumbent's home."""
    instance = statement.instance
    for k, (n, s, _, t) in enumerate(statement.options):
        if 0 <= instance.home[n] != s:
            yield k, t, float(instance.demand[n, instance.movable, t].sum())


def _summed(terms: Iterable[tuple[pulp.LpVariable, float]]) -> list[tuple[pulp.LpVariable, float]]:
    """`terms` with the coefficients of each variable added up (PuLP would keep the last of them alone)."""
    total: dict[pulp.LpVariable, float] = defaultdict(float)
    for variable, amount in terms:
        total[variable] += amount
    return list(total.items())


def _places(shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    return itertools.product(*(range(extent) for extent in shape))
