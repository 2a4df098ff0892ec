"""What an adjustment says, as a sentence that people read."""

from collections.abc import Callable, Mapping
from typing import Final

from planner.services.names import Names
from planner.services.scenarios.adjustments import Adjustment
from planner.services.scenarios.kinds import BUDGETS, FAIRNESS, GOALS
from planner.services.wording import priority_phrase
from planner.text import N_, FiscalYear, Phrase, Value

_UNITS: Final[Mapping[str, str]] = {"capex": N_("THB"), "opex": N_("THB"), "moves": N_("TB")}


def sentence(adjustment: Adjustment, names: Names) -> Phrase:
    """The adjustment in words; a code that `names` does not know stands for itself."""
    if adjustment.kind in _PLAIN:
        return _PLAIN[adjustment.kind](adjustment)
    return _NAMED[adjustment.kind](adjustment, names)


def percent(share: float) -> Phrase:
    """A share as a percentage, with the digits that it has."""
    return Phrase("%(percent)s%%", {"percent": round(100 * share, 6)})


def _name(adjustment: Adjustment, names: Names, key: str) -> Value:
    """What the row is called whose code the term `key` holds."""
    code = str(adjustment.code(key))
    match key:
        case "ministry" if code in names.ministries:
            return names.ministry(code)
        case "site" if code in names.sites:
            return names.site(code)
        case "resource_type" if code in names.resource_types:
            return names.resource_type(code)
        case "expansion" if code in names.expansions:
            return names.expansion(code)
    return code


def _in_years(adjustment: Adjustment, what: Phrase) -> Phrase:
    """`what`, in the fiscal years that the adjustment speaks of."""
    years: dict[str, Value] = {
        key: FiscalYear(adjustment.year(key, 0)) for key in ("first", "last") if key in adjustment.terms
    }
    match [*years]:
        case ["first", "last"] if years["first"] == years["last"]:
            msgid = N_("%(what)s in fiscal year %(first)s")
        case ["first", "last"]:
            msgid = N_("%(what)s in fiscal years %(first)s to %(last)s")
        case ["first"]:
            msgid = N_("%(what)s from fiscal year %(first)s on")
        case ["last"]:
            msgid = N_("%(what)s up to fiscal year %(last)s")
        case _:
            return what
    return Phrase(msgid, {"what": what, **years})


def _changes(adjustment: Adjustment, what: Phrase) -> Phrase:
    """`what` is more or less by the change of the adjustment."""
    change = adjustment.number("change")
    if change == 0:  # a point of a sweep
        return Phrase(N_("%(what)s stays as it is."), {"what": what})
    msgid = N_("%(what)s is %(change)s higher.") if change > 0 else N_("%(what)s is %(change)s lower.")
    return Phrase(msgid, {"what": what, "change": percent(abs(change))})


def _demand(adjustment: Adjustment, names: Names) -> Phrase:
    what = Phrase(N_("Demand"))
    if "ministry" in adjustment.terms:
        what = Phrase(N_("%(what)s of %(ministry)s"), {"what": what, "ministry": _name(adjustment, names, "ministry")})
    if "resource_type" in adjustment.terms:
        what = Phrase(
            N_("%(what)s for %(resource_type)s"),
            {"what": what, "resource_type": _name(adjustment, names, "resource_type")},
        )
    if priority := adjustment.code("priority"):
        what = Phrase(N_("%(what)s with priority %(priority)s"), {"what": what, "priority": priority_phrase(priority)})
    return _changes(adjustment, what)


def _capacity(adjustment: Adjustment, names: Names) -> Phrase:
    what = Phrase(N_("Capacity"))
    if "resource_type" in adjustment.terms:
        what = Phrase(
            N_("%(what)s for %(resource_type)s"),
            {"what": what, "resource_type": _name(adjustment, names, "resource_type")},
        )
    if "site" in adjustment.terms:
        what = Phrase(N_("%(what)s at %(site)s"), {"what": what, "site": _name(adjustment, names, "site")})
    return _changes(adjustment, _in_years(adjustment, what))


def _site_lost(adjustment: Adjustment, names: Names) -> Phrase:
    site = _name(adjustment, names, "site")
    if "first" not in adjustment.terms:
        return Phrase(N_("%(site)s is lost."), {"site": site})
    year = FiscalYear(adjustment.year("first", 0))
    return Phrase(N_("%(site)s is lost from fiscal year %(year)s on."), {"site": site, "year": year})


def _site_delayed(adjustment: Adjustment, names: Names) -> Phrase:
    return Phrase(
        N_("%(site)s does not open before fiscal year %(year)s."),
        {"site": _name(adjustment, names, "site"), "year": FiscalYear(adjustment.year("first", 0))},
    )


def _modules(adjustment: Adjustment) -> tuple[Phrase, ...]:
    """What an adjustment says of the modules of an expansion."""
    said = {
        "module_size": N_("%(amount)s units a module"),
        "module_price": N_("%(amount)s THB a module"),
        "lead_years": N_("in use %(amount)s years after purchase"),
        "max_modules": N_("at most %(amount)s modules"),
    }
    return tuple(
        Phrase(msgid, {"amount": adjustment.number(key)}) for key, msgid in said.items() if key in adjustment.terms
    )


def _expansion_added(adjustment: Adjustment, names: Names) -> Phrase:
    return Phrase(
        N_("An expansion %(code)s of %(resource_type)s at %(site)s is offered: %(modules)s."),
        {
            "code": adjustment.code("code"),
            "resource_type": _name(adjustment, names, "resource_type"),
            "site": _name(adjustment, names, "site"),
            "modules": _modules(adjustment),
        },
    )


def _expansion_changed(adjustment: Adjustment, names: Names) -> Phrase:
    params: dict[str, Value] = {"expansion": _name(adjustment, names, "expansion"), "modules": _modules(adjustment)}
    return Phrase(N_("The expansion %(expansion)s is offered with %(modules)s."), params)


def _expansion_removed(adjustment: Adjustment, names: Names) -> Phrase:
    return Phrase(
        N_("The expansion %(expansion)s is not offered."), {"expansion": _name(adjustment, names, "expansion")}
    )


def _budget(adjustment: Adjustment) -> Phrase:
    return _in_years(adjustment, Phrase("%(budget)s", {"budget": BUDGETS[str(adjustment.code("budget"))]}))


def _budget_changed(adjustment: Adjustment) -> Phrase:
    return _changes(adjustment, _budget(adjustment))


def _budget_set(adjustment: Adjustment) -> Phrase:
    if "amount" not in adjustment.terms:
        return Phrase(N_("%(what)s is lifted."), {"what": _budget(adjustment)})
    unit = Phrase(_UNITS[str(adjustment.code("budget"))])
    return Phrase(
        N_("%(what)s is %(amount)s %(unit)s a year."),
        {"what": _budget(adjustment), "amount": adjustment.number("amount"), "unit": unit},
    )


def _levels(adjustment: Adjustment) -> Phrase:
    levels = adjustment.terms["levels"]
    goals = tuple(Phrase(GOALS.get(level, level)) for level in levels) if isinstance(levels, tuple) else ()
    return Phrase(N_("The goals, in strict order: %(goals)s."), {"goals": goals})


def _fairness(adjustment: Adjustment) -> Phrase:
    return Phrase(N_("Fairness looks at %(whom)s."), {"whom": FAIRNESS[str(adjustment.code("fairness"))]})


def _tolerance(adjustment: Adjustment) -> Phrase:
    return Phrase(
        N_("A goal may give up %(share)s of its value to the goals below it."),
        {"share": percent(adjustment.number("tolerance"))},
    )


def _bound(adjustment: Adjustment, names: Names) -> Phrase:
    least = adjustment.kind == "floor"
    ministry = _name(adjustment, names, "ministry")
    if "share" not in adjustment.terms:
        msgid = N_("No least share is set for %(ministry)s.") if least else N_("No cap is set for %(ministry)s.")
        return Phrase(msgid, {"ministry": ministry})
    msgid = (
        N_("%(ministry)s is granted at least %(share)s of what it asks for.")
        if least
        else N_("%(ministry)s is granted at most %(share)s of what it asks for.")
    )
    return Phrase(msgid, {"ministry": ministry, "share": percent(adjustment.number("share"))})


def _pin(adjustment: Adjustment, names: Names) -> Phrase:
    requirement = adjustment.code("requirement")
    if "site" not in adjustment.terms:
        return Phrase(N_("%(requirement)s may be placed anywhere."), {"requirement": requirement})
    site = _name(adjustment, names, "site")
    return Phrase(N_("%(requirement)s is placed at %(site)s."), {"requirement": requirement, "site": site})


def _staff_gate(adjustment: Adjustment) -> Phrase:
    if adjustment.terms["on"]:
        return Phrase(N_("No agency is granted more than its data staff can look after."))
    return Phrase(N_("Data staff does not limit what is granted."))


def _protect_incumbents(adjustment: Adjustment) -> Phrase:
    if adjustment.terms["on"]:
        return Phrase(N_("What is hosted today goes on being hosted, before anything new."))
    return Phrase(N_("What is hosted today has no right to stay."))


_NAMED: Final[Mapping[str, Callable[[Adjustment, Names], Phrase]]] = {
    "demand": _demand,
    "site_lost": _site_lost,
    "site_delayed": _site_delayed,
    "capacity": _capacity,
    "expansion_added": _expansion_added,
    "expansion_changed": _expansion_changed,
    "expansion_removed": _expansion_removed,
    "floor": _bound,
    "cap": _bound,
    "pin": _pin,
}
_PLAIN: Final[Mapping[str, Callable[[Adjustment], Phrase]]] = {
    "budget_changed": _budget_changed,
    "budget_set": _budget_set,
    "levels": _levels,
    "fairness": _fairness,
    "tolerance": _tolerance,
    "staff_gate": _staff_gate,
    "protect_incumbents": _protect_incumbents,
}
