"""The closing problem as arrays: `planner.workforce.formulation`, row for row, for a thousand agencies at once."""

from dataclasses import dataclass

import numpy as np

from planner.workforce.layout import Layout
from planner.workforce.norms import Floats
from planner.workforce.register import Ints


@dataclass(frozen=True, eq=False)
class LinearProgram:
    """Rows `sum of value x column <= limits` over columns between `lower` and `upper`; entries are parallel arrays."""

    lower: Floats  # (c,)
    upper: Floats  # (c,), inf for none
    limits: Floats  # (m,)
    row: Ints
    column: Ints
    value: Floats

    def product(self, x: Floats) -> Floats:
        """Left-hand sides at `x`, (m,)."""
        return np.bincount(self.row, self.value * x[self.column], len(self.limits)).astype(np.float64)

    def priced(self, prices: Floats) -> Floats:
        """What a unit of each column uses at `prices` of the rows, (c,)."""
        return np.bincount(self.column, self.value * prices[self.row], len(self.lower)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class ClosingModel:
    """The arrays of a closing problem: columns and rows by family, and what each level minimises, (c,) each."""

    layout: Layout
    program: LinearProgram
    columns: dict[str, slice]
    rows: dict[str, slice]
    risk: Floats
    cost: Floats
    """Million THB over all years."""
    most: Floats
    """More than any plan worth having takes of a column: where bounds by duality end."""
    rise: int

    @property
    def shared(self) -> slice:
        """The rows that agencies share: seats, exchange, budget."""
        return slice(self.rows["seats"].start, self.rows["budget"].stop)


def build_model(layout: Layout) -> ClosingModel:
    """The arrays of `layout`."""
    return _Builder(layout).model()


class _Builder:
    """Collects entries family by family."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.register, self.terms = layout, layout.register, layout.terms
        families = ("train", "hire", "borrow", "lend", "short", "alone")
        sizes = {name: len(getattr(layout, name)) for name in families}
        self.columns = _slices(sizes | {"missed": len(layout.covered), "rise": 1})
        self.rows = _slices(
            {"supply": len(layout.short), "backup": len(layout.alone)}
            | {name: len(getattr(layout, name)) for name in ("vacancy", "trainees", "seats", "exchange", "budget")}
            | {"coverage": len(layout.covered), "single_person": 1}
        )
        shape = self.register.required.shape
        self.years = shape[2]
        self.supply = _positions(shape, layout.short, self.rows["supply"])
        self.backup = _positions(shape, layout.alone, self.rows["backup"])
        self.vacancy = _positions(shape, layout.vacancy, self.rows["vacancy"])
        self.budget = _positions((self.years,), layout.budget[:, None], self.rows["budget"])
        self.size = self.columns["rise"].stop
        self.cost = np.zeros(self.size)
        self.entries: list[tuple[Ints, Ints, Floats]] = []

    def model(self) -> ClosingModel:
        layout, register = self.layout, self.register
        self.training()
        self.trainees()
        self.hires()
        self.loans()
        self.gaps()
        row, column, value = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        upper = np.full(self.size, np.inf)
        upper[self.columns["lend"]] = register.surplus[tuple(layout.lend.T)]
        lower = np.zeros(self.size)
        rise = self.columns["rise"].start
        lower[rise], upper[rise] = -1.0, 0.0
        limits = (
            -layout.supply_limits,
            -layout.backup,
            register.vacant[tuple(layout.vacancy.T)],
            register.stock[tuple(layout.trainees[:, :3].T)],
            self.terms.seats[tuple(layout.seats.T)],
            np.zeros(len(layout.exchange)),
            self.terms.budget[layout.budget],
            np.ones(len(layout.covered)),
            np.full(1, np.inf),
        )
        risk = np.zeros(self.size)
        risk[self.columns["alone"]] = layout.weight
        program = LinearProgram(lower, upper, np.concatenate(limits), row, column, value)
        return ClosingModel(layout, program, self.columns, self.rows, risk, self.cost, self.most(), rise)

    def most(self) -> Floats:
        """Seats, vacancies and surpluses bound what can be done, and a gap is at most what is required or was there."""
        layout, register = self.layout, self.register
        _, k, sent = layout.train.T
        a, r, _ = layout.hire.T
        lent = register.surplus.sum(axis=0) * self.terms.efficiency
        short = tuple(layout.short.T)
        return np.concatenate(
            [
                self.terms.seats[k, sent] / register.survival[self.terms.begins[k, 0], sent],
                register.vacant[a, r].max(axis=1, initial=0.0) / register.survival[r, -1],
                lent[tuple(layout.borrow[:, 1:].T)],
                register.surplus[tuple(layout.lend.T)],
                register.required[short] + 2 * register.available[short],
                layout.backup,
                np.ones(len(layout.covered)),
                np.zeros(1),
            ]
        )

    def add(self, row: Ints, column: Ints, value: Floats) -> None:
        """Entries where there is a row (>= 0) and something to enter."""
        kept = (row >= 0) & (value != 0)
        self.entries.append((row[kept], column[kept], value[kept]))

    def spend(self, year: Ints, column: Ints, amount: Floats) -> None:
        """Million THB of a fiscal year for a unit of a column."""
        np.add.at(self.cost, column, amount)
        self.add(self.budget[year], column, amount)

    def training(self) -> None:
        """Seats, money, lost time and gains of people sent to courses."""
        register, terms = self.register, self.terms
        a, k, sent = self.layout.train.T
        column = np.arange(len(a)) + self.columns["train"].start
        old, new = terms.begins[k, 0], terms.ends[k, 0]
        old_factor, new_factor = register.factor[terms.begins[k, 1]], register.factor[terms.ends[k, 1]]
        left = register.survival[old, sent]
        shape = len(terms.courses), self.years
        self.add(_positions(shape, self.layout.seats, self.rows["seats"])[k, sent], column, left)
        self.spend(sent, column, terms.price[k] * left)
        self.add(self.supply[a, old, sent], column, terms.lost_time[k] * old_factor * left)
        done = sent + terms.lead[k]
        for t in range(self.years):
            n = np.flatnonzero(done <= t)
            since = register.survival[new[n], t] / register.survival[new[n], done[n]]
            gained = new_factor[n] * register.survival[old[n], done[n]] * since
            self.add(self.supply[a[n], old[n], t], column[n], old_factor[n] * register.survival[old[n], t])
            self.add(self.supply[a[n], new[n], t], column[n], -gained)
            self.add(self.backup[a[n], new[n], t], column[n], np.where(old[n] == new[n], 0.0, -gained))

    def trainees(self) -> None:
        """Who may be sent: those who are there, and those who come by courses."""
        layout, register, terms = self.layout, self.register, self.terms
        a, k, sent = layout.train.T
        column = np.arange(len(a)) + self.columns["train"].start
        done = sent + terms.lead[k]
        rows = _positions((*register.stock.shape, self.years), layout.trainees, self.rows["trainees"])
        for year in range(self.years):
            n = np.flatnonzero(sent <= year)
            self.add(rows[a[n], terms.begins[k[n], 0], terms.begins[k[n], 1], year], column[n], np.ones(len(n)))
            n = np.flatnonzero(done <= year)
            old, new = terms.begins[k[n], 0], terms.ends[k[n], 0]
            came = register.survival[old, done[n]] / register.survival[new, done[n]]
            self.add(rows[a[n], new, terms.ends[k[n], 1], year], column[n], -came)

    def hires(self) -> None:
        """Posts, money and work of people hired."""
        a, r, decided = self.layout.hire.T
        column = np.arange(len(a)) + self.columns["hire"].start
        begins = decided + self.terms.hire_lead[r]
        for t in range(self.years):
            n = np.flatnonzero(begins <= t)
            at, role = a[n], r[n]
            left = self.register.survival[role, t] / self.register.survival[role, begins[n]]
            work = self.terms.hire_factor[role] * left
            self.add(self.vacancy[at, role, t], column[n], left)
            self.add(self.supply[at, role, t], column[n], -work)
            self.add(self.backup[at, role, t], column[n], -work)
            self.spend(np.full(len(n), t), column[n], self.terms.hire_cost[role] * left)

    def loans(self) -> None:
        """Work borrowed and lent."""
        exchange = _positions(self.register.required.shape[1:], self.layout.exchange, self.rows["exchange"])
        a, r, t = self.layout.borrow.T
        column = np.arange(len(a)) + self.columns["borrow"].start
        one = np.ones(len(a))
        self.add(self.supply[a, r, t], column, -one)
        self.add(self.backup[a, r, t], column, -one)
        self.add(exchange[r, t], column, one)
        self.spend(t, column, self.terms.lend_cost * one)
        a, r, t = self.layout.lend.T
        column = np.arange(len(a)) + self.columns["lend"].start
        self.add(self.supply[a, r, t], column, np.ones(len(a)))
        self.add(exchange[r, t], column, np.full(len(a), -self.terms.efficiency))

    def gaps(self) -> None:
        """Gaps left, backup missing, and the agencies' coverage."""
        layout = self.layout
        short = np.arange(len(layout.short)) + self.columns["short"].start
        self.add(np.arange(len(short)) + self.rows["supply"].start, short, -np.ones(len(short)))
        alone = np.arange(len(layout.alone)) + self.columns["alone"].start
        self.add(np.arange(len(alone)) + self.rows["backup"].start, alone, -np.ones(len(alone)))
        self.add(np.full(len(alone), self.rows["single_person"].start), alone, layout.weight)
        of_agency = _positions(self.register.required.shape[:1], layout.covered[:, None], self.rows["coverage"])
        self.add(of_agency[layout.short[:, 0]], short, 1.0 / layout.stake_of_short)
        one = np.ones(len(layout.covered))
        coverage = np.arange(len(one)) + self.rows["coverage"].start
        self.add(coverage, np.arange(len(one)) + self.columns["missed"].start, -one)
        self.add(coverage, np.full(len(one), self.columns["rise"].start), one)


def _slices(sizes: dict[str, int]) -> dict[str, slice]:
    ends = np.cumsum([0, *sizes.values()]).tolist()
    return {name: slice(first, last) for name, first, last in zip(sizes, ends, ends[1:], strict=False)}


def _positions(shape: tuple[int, ...], rows: Ints, family: slice) -> Ints:
    """Where the row of each cell stands, -1 for cells without one."""
    positions = np.full(shape, -1, dtype=np.int64)
    positions[tuple(rows.T)] = np.arange(len(rows)) + family.start
    return positions
