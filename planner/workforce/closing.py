"""From gaps to a plan: layout, levels in strict order, who goes where, why no more, certificate."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

import numpy as np

from planner.errors import NotSolvedError
from planner.workforce.certificate import certify, work_out
from planner.workforce.layout import MILLION, Layout, build_layout, today
from planner.workforce.leximin import HELD, Leximin, Round, raise_coverage
from planner.workforce.matrix import ClosingModel, build_model
from planner.workforce.measures import ClosingProblem
from planner.workforce.norms import Floats
from planner.workforce.plan import (
    AgencyOutcome,
    ClosingPlan,
    Hire,
    LevelName,
    LevelResult,
    Loan,
    PoolUse,
    ReasonCode,
    Seats,
)
from planner.workforce.simplex import SOLVER, Optimum, Simplex, least_value

CRUMB = 1e-6
"""FTE below this are rounding, not decisions."""
WHOLE = 1.0 - 1e-6
"""A coverage from here on is whole."""


def unheard(_level: LevelName, _share: float) -> None:
    """Nobody listens."""


def close_gaps(problem: ClosingProblem, progress: Callable[[LevelName, float], None] = unheard) -> ClosingPlan:
    """The plan of `problem`: coverage (leximin), then single-person risk, then cost.

    `progress` is told the level and how much of it is done, of 1, again and again, within solves too; what it raises
    ends the work. `NotSolvedError` if no plan passes the certificate.
    """
    at: tuple[LevelName, float] = ("coverage", 0.0)

    def tell(level: LevelName, share: float) -> None:
        nonlocal at
        at = level, share
        progress(level, share)

    began = time.perf_counter()
    layout = build_layout(problem)
    model = build_model(layout)
    simplex = Simplex(model.program, lambda: progress(*at))
    leximin = raise_coverage(model, simplex, told=lambda share: tell("coverage", share))
    ended = time.perf_counter()
    tell("single_person", 0.0)
    simplex.forget()
    _, risk_bound, after_risk = _lower(model, simplex, model.risk, hold="single_person")
    tell("cost", 0.0)
    final, cost_bound, after_cost = _lower(model, simplex, model.cost)
    x = np.where(final.x > CRUMB, final.x, 0.0)
    seats, hires, loans = tuple(_seats(model, x)), tuple(_hires(model, x)), tuple(_loans(problem, model, x))
    effects = work_out(problem, seats, hires, loans)
    after = effects.coverage[layout.covered]
    lowest = float(after.min(initial=1.0))
    missed = float((leximin.coverage - after).max(initial=0.0))
    levels = (
        _level("coverage", lowest, lowest + missed, ended - began),
        _level("single_person", effects.single_person, risk_bound, after_risk - ended),
        _level("cost", float(effects.spent.sum()), cost_bound * MILLION, after_cost - after_risk),
    )
    certificate = certify(problem, seats, hires, loans, levels)
    if not (certificate.feasible and certificate.values_agree):
        raise NotSolvedError
    return ClosingPlan(
        solver=SOLVER,
        levels=levels,
        seats=seats,
        hires=hires,
        loans=loans,
        agencies=tuple(_outcomes(model, leximin, after)),
        pools=tuple(_pools(model, leximin, x)),
        certificate=certificate,
        columns=len(model.cost),
        rows=len(model.program.limits),
        rounds=len(leximin.rounds),
        solves=leximin.solves,
        seconds=time.perf_counter() - began,
    )


def _lower(
    model: ClosingModel, simplex: Simplex, objective: Floats, hold: str | None = None
) -> tuple[Optimum, float, float]:
    """The least of `objective`, its bound, and when it was found; kept there by the row `hold`."""
    optimum = simplex.minimise(objective, primal=True)
    bound = least_value(simplex.program, objective, optimum.prices, model.most)
    if hold is not None:
        row = np.arange(model.rows[hold].start, model.rows[hold].stop)
        simplex.limit(row, np.full(1, optimum.value + HELD * max(1.0, optimum.value)))
    return optimum, bound, time.perf_counter()


def _level(name: LevelName, value: float, bound: float, seconds: float) -> LevelResult:
    return LevelResult(name, value, bound, abs(value - bound) / max(1.0, abs(value)), seconds)


def _seats(model: ClosingModel, x: Floats) -> Iterator[Seats]:
    layout, register = model.layout, model.layout.register
    for (a, k, t), sent in zip(layout.train.tolist(), x[model.columns["train"]].tolist(), strict=True):
        if sent > 0:
            left = float(register.survival[layout.terms.begins[k, 0], t])
            yield Seats(register.agencies[a], layout.terms.courses[k], register.years[t], sent * left)


def _hires(model: ClosingModel, x: Floats) -> Iterator[Hire]:
    register = model.layout.register
    for (a, r, t), fte in zip(model.layout.hire.tolist(), x[model.columns["hire"]].tolist(), strict=True):
        if fte > 0:
            yield Hire(register.agencies[a], register.roles[r], register.years[t], fte)


def _loans(problem: ClosingProblem, model: ClosingModel, x: Floats) -> Iterator[Loan]:
    """Who lends to whom: inside a ministry first, then in the order of the agencies."""
    layout, register = model.layout, model.layout.register
    ministry = [agency.ministry for agency in problem.workforce.agencies]
    offers: defaultdict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    wants: defaultdict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for family, book, worth in (("lend", offers, layout.terms.efficiency), ("borrow", wants, 1.0)):
        for (a, r, t), fte in zip(getattr(layout, family).tolist(), x[model.columns[family]].tolist(), strict=True):
            if fte > 0:
                book[r, t][a] = fte * worth
    for r, t in sorted(wants):
        for lender, borrower, arrives in _match(offers[r, t], wants[r, t], ministry):
            fte = arrives / layout.terms.efficiency
            yield Loan(
                register.agencies[lender], register.agencies[borrower], register.roles[r], register.years[t], fte
            )


def _match(offers: dict[int, float], wants: dict[int, float], ministry: list[str]) -> Iterator[tuple[int, int, float]]:
    """(lender, borrower, FTE that arrive) until wants are met; uses up `offers` and `wants`."""
    home: defaultdict[str, deque[int]] = defaultdict(deque)
    for lender in sorted(offers):
        home[ministry[lender]].append(lender)
    for borrower in sorted(wants):
        yield from _serve(borrower, home[ministry[borrower]], offers, wants)
    others = deque(lender for lender in sorted(offers) if offers[lender] > CRUMB)
    for borrower in sorted(wants):
        yield from _serve(borrower, others, offers, wants)


def _serve(
    borrower: int, lenders: deque[int], offers: dict[int, float], wants: dict[int, float]
) -> Iterator[tuple[int, int, float]]:
    while lenders and wants[borrower] > CRUMB:
        fte = min(offers[lenders[0]], wants[borrower])
        yield lenders[0], borrower, fte
        offers[lenders[0]] -= fte
        wants[borrower] -= fte
        if offers[lenders[0]] <= CRUMB:
            lenders.popleft()


def _outcomes(model: ClosingModel, leximin: Leximin, after: Floats) -> Iterator[AgencyOutcome]:
    """Before, after and why, of every agency that is required to have anybody."""
    layout = model.layout
    names = pool_names(layout)
    of_agency = {int(n): round_ for round_ in leximin.rounds for n in round_.settled}
    rows = zip(layout.covered.tolist(), today(layout).tolist(), after.tolist(), leximin.ceiling.tolist(), strict=True)
    for n, (a, before, reached, ceiling) in enumerate(rows):
        reason: ReasonCode = "own_limits" if reached >= ceiling - CRUMB else "shared_limits"
        reason = "covered" if reached >= WHOLE else reason
        prices = _named(names, of_agency[n]) if reason == "shared_limits" else {}
        yield AgencyOutcome(layout.register.agencies[a], before, reached, ceiling, reason, prices)


def _named(names: list[str], round_: Round) -> dict[str, float]:
    return {name: price for name, price in zip(names, round_.prices.tolist(), strict=True) if price > CRUMB * CRUMB}


def _pools(model: ClosingModel, leximin: Leximin, x: Floats) -> Iterator[PoolUse]:
    layout, shared = model.layout, model.shared
    used = model.program.product(x)
    limits = model.program.limits.copy()
    exchange = model.rows["exchange"]
    borrowed = np.zeros(layout.register.required.shape[1:])
    np.add.at(borrowed, tuple(layout.borrow[:, 1:].T), x[model.columns["borrow"]])
    surplus = layout.register.surplus.sum(axis=0) * layout.terms.efficiency
    used[exchange] = borrowed[tuple(layout.exchange.T)]
    limits[exchange] = surplus[tuple(layout.exchange.T)]
    prices = first_prices(leximin, shared.stop - shared.start)
    rows = zip(pool_names(layout), limits[shared].tolist(), used[shared].tolist(), prices.tolist(), strict=True)
    return (PoolUse(name, limit, use, price) for name, limit, use, price in rows)


def first_prices(leximin: Leximin, rows: int) -> Floats:
    """Prices of the first round that something shared holds back."""
    priced = (round_.prices for round_ in leximin.rounds if len(round_.weights))
    return next(priced, np.zeros(rows))


def pool_names(layout: Layout) -> list[str]:
    """What agencies share, in the order of the rows."""
    register = layout.register
    return [
        *(f"seats/{layout.terms.courses[k]}/{register.years[t]}" for k, t in layout.seats.tolist()),
        *(f"exchange/{register.roles[r]}/{register.years[t]}" for r, t in layout.exchange.tolist()),
        *(f"budget/{register.years[t]}" for t in layout.budget.tolist()),
    ]
