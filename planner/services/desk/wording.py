"""What the desk says beyond `planner.services.wording`: rules, rows of a plan's prices, and changes that would help."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from planner.allocation.explain import Change
from planner.services.names import Names, parse_pool
from planner.services.wording import level_unit, pool_phrase, pool_unit
from planner.text import N_, FiscalYear, Phrase, Value

RULE_NAMES: Final[Mapping[str, str]] = {
    "site_rule": N_("it is not among the sites that the requirement allows"),
    "region_rule": N_("it is not in a region that the requirement allows"),
    "clearance": N_("its clearance is too low for the data"),
    "not_offered": N_("it does not offer a resource type that is needed"),
    "operating_years": N_("it is not in operation in all years that are needed"),
    "standby_region": N_("no other region has a site for the standby copy"),
}
RULE_TITLES: Final[Mapping[str, str]] = {
    "site_rule": N_("Site not allowed"),
    "region_rule": N_("Region not allowed"),
    "clearance": N_("Clearance too low"),
    "operating_years": N_("Not in operation"),
    "not_offered": N_("Resource type not offered"),
    "standby_region": N_("No region for a standby copy"),
}


def rule_phrase(rule: str) -> Phrase:
    """Why a site may not host a requirement, as the part of a sentence about the site."""
    return Phrase(RULE_NAMES.get(rule, rule))


def row_phrase(row: str, names: Names) -> Phrase:
    """What a row of a plan's prices is called: a pool, a goal, or a bound that policy sets."""
    match row.split("/"):
        case ["service", ministry]:
            return Phrase(N_("Service share of %(ministry)s"), {"ministry": names.ministry(ministry)})
        case ["floor", ministry]:
            return Phrase(N_("Service floor of %(ministry)s"), {"ministry": names.ministry(ministry)})
        case ["pin", requirement]:
            return Phrase(N_("Pin of %(requirement)s"), {"requirement": requirement})
        case ["level", "cost"]:
            return Phrase(N_("Running cost"))
    return pool_phrase(row, names)


def row_unit(row: str, names: Names) -> Phrase:
    """The unit of a row of a plan's prices."""
    match row.split("/"):
        case ["service" | "floor", _]:
            return level_unit("fairness")
        case ["pin", _]:
            return Phrase(N_("share"))
    return pool_unit(row, names)


def change_phrase(change: Change, names: Names) -> Phrase:
    """What would have to change, in one sentence with its amounts."""
    match change.kind:
        case "regions":
            return Phrase(N_("Let it be hosted in any region."))
        case "sites":
            return Phrase(N_("Let it be hosted at any site."))
        case "expansion":
            ((pool, amount),) = change.amounts.items()
            expansion = names.expansion(parse_pool(pool).expansion)
            return Phrase(
                N_("Allow %(amount)s modules more of expansion %(expansion)s."),
                {"amount": _rounded(amount), "expansion": expansion},
            )
        case "capacity" | "site":
            return _capacity_phrase(change, names)
    parts: tuple[Value, ...] = tuple(
        Phrase(
            N_("%(pool)s by %(amount)s %(unit)s"),
            {"pool": pool_phrase(pool, names), "amount": _rounded(amount), "unit": pool_unit(pool, names)},
        )
        for pool, amount in change.amounts.items()
    )
    return Phrase(N_("Raise the limit: %(parts)s."), {"parts": parts})


def _capacity_phrase(change: Change, names: Names) -> Phrase:
    """Per resource type the most that lacks in a year."""
    most: dict[str, float] = defaultdict(float)
    for pool, amount in change.amounts.items():
        code = parse_pool(pool).resource_type
        most[code] = max(most[code], amount)
    site = parse_pool(next(iter(change.amounts))).site
    parts: tuple[Value, ...] = tuple(
        Phrase(
            N_("%(resource_type)s %(amount)s %(unit)s"),
            {
                "resource_type": names.resource_type(code),
                "amount": _rounded(amount),
                "unit": names.resource_types[code].unit,
            },
        )
        for code, amount in most.items()
    )
    years = _years(change)
    sentence = (
        N_("Add at %(site)s, in fiscal year %(years)s: up to %(parts)s.")
        if len(years) == 1
        else N_("Add at %(site)s, in fiscal years %(years)s: up to %(parts)s.")
    )
    return Phrase(sentence, {"site": names.site(site), "years": years, "parts": parts})


def _years(change: Change) -> tuple[FiscalYear, ...]:
    return tuple(map(FiscalYear, sorted({parse_pool(pool).year for pool in change.amounts})))


def _rounded(amount: float) -> float:
    """An amount that people act on: rounded up a little, with two decimals."""
    return round(amount + 0.004, 2)
