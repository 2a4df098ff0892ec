"""The independent check of a plan: the data and the plan's own rows in plain NumPy, none of the solver's code.

Every rule of `docs/formulation.md` is evaluated from the problem itself; breaches are relative to the rule's limit (or
to one unit where the limit is smaller than one, or to the largest demand where that is smaller still).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.allocation.evidence import Facts, Flags, Floats, Homes, Ints
from planner.allocation.plan import Certificate, LevelResult, Placement, Purchase
from planner.allocation.problem import STATUTORY, Problem

TOLERANCE = 1e-6


def certify(
    problem: Problem, placements: Sequence[Placement], purchases: Sequence[Purchase], levels: Sequence[LevelResult]
) -> Certificate:
    """Whether the plan keeps every rule of `problem` within `TOLERANCE`, and whether its level values are its own."""
    facts = Facts(problem)
    check = _Check(facts, Homes(facts, placements))
    check.placements()
    check.purchases(purchases)
    check.wholeness()
    check.limits()
    values = check.level_values()
    agree = all(
        abs(values[level.name] - level.kept) <= TOLERANCE * max(1.0, abs(level.kept))
        for level in levels
        if level.name in values
    )
    return Certificate(
        feasible=check.violation <= TOLERANCE,
        largest_violation=check.violation,
        worst_rule=check.worst,
        checked=check.checked,
        values_agree=agree,
        largest_gap=max((level.gap for level in levels), default=0.0),
    )


@dataclass(frozen=True, eq=False)
class _Rule:
    """A rule that placements must keep: which must, by how much each breaks it, and the site that its name ends in."""

    name: str
    applies: Flags
    breach: Floats | Flags
    sites: Ints | None = None


class _Check:
    """Adds up what a plan uses, counts every rule it looks at, and remembers the one that is broken most."""

    def __init__(self, facts: Facts, homes: Homes) -> None:
        self.facts, self.homes, self.problem = facts, homes, facts.problem
        self.checked, self.worst, self.violation = 0, "", 0.0
        self.use = self.capacity_use()
        self.added = np.zeros(self.use.shape)  # (R, T, S), usable units of what was bought
        self.spent = np.zeros(len(facts.years))
        self.moved = self.volume_moved()

    def note(self, breaches: Floats, name: Callable[[int], str], applies: Flags | None = None) -> None:
        """Count the rules (those that `applies` marks), and remember the worst; of equals, the first."""
        if applies is not None:
            breaches = np.where(applies, breaches, 0.0)
        self.checked += breaches.size if applies is None else int(applies.sum())
        breaches = np.where(np.isnan(breaches), np.inf, breaches)
        if breaches.max(initial=0.0) > self.violation:
            self.violation, self.worst = float(breaches.max()), name(int(breaches.argmax()))

    def code(self, placement: int) -> str:
        """The code of the requirement that `placement` (a position) hosts."""
        return self.problem.requirements[int(self.homes.requirement[placement])].code

    def placements(self) -> None:
        """Every placement's own rules: one row a placement, one column a rule."""
        facts, homes = self.facts, self.homes
        paired, has_home, has_standby = facts.paired[homes.requirement], homes.before >= 0, homes.standby >= 0
        at_site = facts.may_host(homes.requirement, homes.site) & facts.runs(homes.site, homes.begun)
        at_home = facts.runs(homes.before, homes.waits)
        at_standby, (two,) = np.ones(len(paired), dtype=bool), np.nonzero(has_standby)
        at_standby[two] = facts.may_host(homes.requirement[two], homes.standby[two])
        at_standby[two] &= facts.runs(homes.standby[two], homes.begun[:, two])
        same_region = facts.region[homes.standby] == facts.region[homes.site]
        always = np.ones(len(paired), dtype=bool)
        rules = (
            _Rule("share/{}", always, np.where(homes.share < 0, -homes.share, 0.0)),
            _Rule("start/{}", always, ~homes.starts),
            _Rule("home/{}/{}", always, ~at_site, homes.site),
            _Rule("home/{}/{}", has_home, ~at_home, homes.before),
            _Rule("standby/{}", always, has_standby != paired),
            _Rule("home/{}/{}", has_standby, ~at_standby, homes.standby),
            _Rule("standby_region/{}", has_standby, same_region),
        )

        def name(at: int) -> str:
            placement, rule = divmod(at, len(rules))
            sites = rules[rule].sites
            site = "" if sites is None else self.problem.sites[sites[placement]].code
            return rules[rule].name.format(self.code(placement), site)

        breaches = np.stack([rule.breach for rule in rules], axis=1, dtype=np.float64)
        self.note(breaches.ravel(), name, np.stack([rule.applies for rule in rules], axis=1).ravel())

    def purchases(self, purchases: Sequence[Purchase]) -> None:
        """What the expansions bought add and cost."""
        facts, expansions = self.facts, {row.code: row for row in self.problem.expansions}
        modules = np.array([row.modules for row in purchases])
        self.note(np.where(modules < 0, -modules, 0.0), lambda at: f"purchase/{purchases[at].expansion}")
        bought: dict[str, float] = {}
        for purchase in purchases:
            row = expansions[purchase.expansion]
            from_year = facts.years >= purchase.fiscal_year + row.lead_years
            usable = from_year * np.float64(purchase.modules * row.module_size)
            self.added[facts.type_at[row.resource_type], :, facts.site_at[row.site]] += usable
            self.spent += (facts.years == purchase.fiscal_year) * purchase.modules * row.module_price
            bought[row.code] = bought.get(row.code, 0.0) + purchase.modules
        codes, most = [*bought], np.array([expansions[code].max_modules for code in bought])
        self.note(_excess(np.array([*bought.values()]), most), lambda at: f"expansion/{codes[at]}")

    def wholeness(self) -> None:
        """That what may not be divided has one placement, of a share of exactly 1, or none."""
        homes, first = self.homes, self.homes.first
        placed = np.bincount(homes.requirement, minlength=1)[homes.requirement[first]]
        broken = (placed != 1) | (homes.share[first] != 1.0)
        applies = self.facts.indivisible[homes.requirement[first]]
        self.note(broken.astype(float), lambda at: f"whole/{self.code(first[at])}", applies)

    def limits(self) -> None:
        """Every pool, and the choice of every requirement."""
        policy, homes = self.problem.policy, self.homes
        self.capacity()
        self.by_year("capex", self.spent, policy.capex_limit)
        self.by_year("opex", self.running_cost(), policy.opex_limit)
        self.by_year("moves", self.moved, policy.move_limit_tb)
        if policy.staff_gate:
            self.staff()
        first = homes.first
        shares = _sums(homes.requirement, homes.share, 1)[homes.requirement[first]]
        self.note(_excess(shares, np.ones(len(first))), lambda at: f"choice/{self.code(first[at])}")

    def by_year(self, pool: str, use: Floats, limits: Sequence[float | None] | None) -> None:
        """A pool that has a limit in some years."""
        stated = {t: limit for t, limit in enumerate(limits or ()) if limit is not None}
        years = [*stated]
        self.note(_excess(use[years], np.array([*stated.values()])), lambda at: f"{pool}/{self.facts.years[years[at]]}")

    def capacity(self) -> None:
        """Every resource type of every site that a requirement placed there names, in the order of the plan."""
        facts, homes, types = self.facts, self.homes, self.problem.resource_types
        met = np.full((len(self.problem.sites), len(types)), -1)  # where the plan names it first
        unit = np.ones((len(types), 1, 1))  # one, or the largest demand where all are smaller
        for r, named in enumerate(facts.named[:, homes.requirement]):
            backwards = np.argwhere((homes.hosts >= 0) & named[:, None])[::-1]  # the first is written last, and stays
            placement, host = backwards.T
            met[homes.hosts[placement, host], r] = (placement * len(types) + r) * homes.hosts.shape[1] + host
            unit[r] = min(1.0, facts.demand[r].max(initial=0.0)) or 1.0
        pools = np.argsort(met, axis=None)[(met < 0).sum() :]
        excess = _excess(self.use, facts.usable + self.added, unit).max(axis=1)

        def name(at: int) -> str:
            site, resource = divmod(int(pools[at]), len(types))
            return f"{self.problem.sites[site].code}/{types[resource].code}"

        self.note(excess.T.ravel()[pools], name)

    def staff(self) -> None:
        """Every role that the requirements placed ask of their agency, in every year in which they are served."""
        rows, homes, horizon = self.problem.requirements, self.homes, len(self.facts.years)
        at: dict[tuple[str, str], int] = {}
        role = np.array(
            [at.setdefault((row.agency, role), len(at)) for row in rows for role in row.staff_load], dtype=int
        )
        load = np.array([load for row in rows for load in row.staff_load.values()])
        count = np.array([len(row.staff_load) for row in rows], dtype=int)
        first, count = (np.cumsum(count) - count)[homes.requirement], count[homes.requirement]
        use, asked = np.zeros((len(at), horizon)), np.zeros(len(at), dtype=bool)
        for nth in range(count.max(initial=0)):
            those = np.flatnonzero(count > nth)
            loads = first[those] + nth
            asked[role[loads]] = True
            for t, served in enumerate(homes.served):
                amount = homes.share[those] * load[loads] * served[those]
                use[:, t] += _sums(role[loads], amount, len(at))
        has = {(row.agency, row.role): row.fte for row in self.problem.staff}
        fte = np.array([has.get(key, (0.0,) * horizon) for key in at]).reshape(-1, horizon)
        self.note(_excess(use, fte).max(axis=1), lambda row: "staff/{}/{}".format(*[*at][row]), asked)

    def capacity_use(self) -> Floats:
        """Units in use by resource type, year and site, (R, T, S)."""
        facts, homes = self.facts, self.homes
        use = np.zeros(facts.usable.shape)
        for r, t in np.ndindex(len(use), len(facts.years)):
            amount = homes.share * facts.demand[r, t, homes.requirement]
            amount[~facts.named[r, homes.requirement]] = 0.0  # an undefined share too is no use of these
            begun, waits = amount * homes.begun[t], amount * homes.waits[t]
            parts = np.stack([begun, waits, begun * facts.standby_ratio[r]], axis=1).ravel()
            use[r, t] = _sums(homes.hosts.ravel() + 1, parts, len(self.problem.sites) + 1)[1:]  # without no site
        return use

    def volume_moved(self) -> Floats:
        """Movable demand that leaves its home, by year."""
        facts, homes = self.facts, self.homes
        moved = np.zeros(len(facts.years))
        for t, moves in enumerate(homes.moves):
            volume = facts.demand[facts.movable, t][:, homes.requirement[moves]].sum(axis=0)
            moved[t] = (homes.share[moves] * volume).sum()
        return moved

    def running_cost(self) -> Floats:
        """THB by year."""
        cost: Floats = (self.use * self.facts.running_cost).sum(axis=(0, 2))
        return cost

    def level_values(self) -> dict[str, float]:
        """The value of every level, computed from the plan alone."""
        rows, policy = self.problem.requirements, self.problem.policy
        ministry_at = {row.code: m for m, row in enumerate(self.problem.ministries)}
        ministry_of = {row.code: ministry_at[row.ministry] for row in self.problem.agencies}
        ministry = np.array([ministry_of[row.agency] for row in rows], dtype=int)
        protected = np.array(
            [row.priority == STATUTORY or (policy.protect_incumbents and row.incumbent is not None) for row in rows],
            dtype=bool,
        )
        top = max(policy.priority_weights.values(), default=1.0)
        weight = np.array([policy.priority_weights.get(row.priority, top) * row.weight for row in rows])
        if "statutory" in policy.levels:
            weight[protected] = 0.0

        statutory, priority = 0.0, 0.0
        asked, served = np.zeros((2, len(ministry_at)))
        for size, granted in self.sizes_and_grants():
            missing = size * (1 - granted)
            statutory += missing[protected].sum()
            priority += (missing * weight).sum()
            asked += _sums(ministry, size, len(asked))
            served += _sums(ministry, size * granted, len(asked))
        return {
            "statutory": float(statutory),
            "priority": float(priority),
            "fairness": min((served[asked > 0] / asked[asked > 0]).tolist(), default=1.0),
            "cost": float(self.running_cost().sum() + self.spent.sum()),
            "moves": float(self.moved.sum()),
        }

    def sizes_and_grants(self) -> Iterator[tuple[Floats, Floats]]:
        """Year by year every requirement's size (the mean of its shares of national demand), and what it is granted."""
        facts, homes = self.facts, self.homes
        for t, active in enumerate(facts.active):
            demand = facts.demand[:, t] * active
            national = demand.sum(axis=1)
            asked = national > 0
            size = (demand[asked] / national[asked, None]).sum(axis=0) / max(asked.sum(), 1)
            yield size, _sums(homes.requirement, homes.share * homes.served[t], len(active))


def _sums(at: Ints, amounts: Floats, count: int) -> Floats:
    """The sum of the `amounts` that belong to each position `at`, added in their order."""
    return np.bincount(at, amounts, count).astype(np.float64, copy=False)


def _excess(use: Floats, limit: Floats, unit: Floats | float = 1.0) -> Floats:
    """By how much `use` is above `limit`, relative to the limit, or to `unit` where that is more."""
    excess: Floats = (use - limit) / np.maximum(np.abs(limit), unit)
    return excess
