"""What codes are called: the words for everything that a plan speaks of, as phrases and bilingual names.

Nothing here is in a language yet; `planner.i18n.to_words` makes it so at the edge. A code without words of its own
(a priority or a clearance that an installation added) is shown as it stands.
"""

from collections.abc import Callable, Mapping
from typing import Final

from planner.allocation.engine import Progress
from planner.allocation.plan import Reason
from planner.allocation.problem import Problem
from planner.services.names import Names, parse_pool
from planner.text import N_, FiscalYear, Phrase, Value

THB: Final = Phrase(N_("THB"))
SYNTHETIC: Final = N_("Synthetic data: generated for trying the tool out, not real amounts")

ROLES: Final[Mapping[str, str]] = {
    "ministry_planner": N_("Ministry planner"),
    "de_planner": N_("DE planner"),
    "manager": N_("Manager"),
    "hr": N_("Human resources"),
    "auditor": N_("Auditor"),
    "administrator": N_("Administrator"),
}
ACCOUNT_STATES: Final[Mapping[str, str]] = {
    "active": N_("Active"),
    "invited": N_("Invited"),
    "locked": N_("Locked"),
    "deactivated": N_("Deactivated"),
}
PRIORITIES: Final[Mapping[str, str]] = {
    "statutory": N_("Statutory"),
    "high": N_("High"),
    "normal": N_("Normal"),
    "low": N_("Low"),
}
CLEARANCES: Final[Mapping[str, str]] = {
    "open": N_("Open"),
    "protected": N_("Protected"),
    "restricted": N_("Restricted"),
}
REQUIREMENT_STATUSES: Final[Mapping[str, str]] = {
    "draft": N_("Draft"),
    "submitted": N_("Submitted"),
    "returned": N_("Returned"),
    "approved": N_("Approved"),
    "withdrawn": N_("Withdrawn"),
}
ACTIONS: Final[Mapping[str, str]] = {
    "created": N_("created"),
    "changed": N_("changed"),
    "removed": N_("removed"),
    "submitted": N_("submitted"),
    "returned": N_("returned"),
    "approved": N_("approved"),
    "revised": N_("proposed a change"),
    "reopened": N_("took back to draft"),
    "withdrawn": N_("withdrew"),
    "commented": N_("commented"),
    "attached": N_("attached a file"),
    "detached": N_("removed a file"),
    "imported": N_("imported"),
    "undone": N_("undid the import"),
    "cancelled": N_("cancelled"),
    "retried": N_("tried again"),
    "published": N_("published"),
    "superseded": N_("put another plan in its place"),
    "signed_in": N_("signed in"),
    "sign_in_failed": N_("failed to sign in"),
    "signed_out": N_("signed out"),
    "signed_out_everywhere": N_("signed out everywhere"),
    "invited": N_("invited"),
    "password_link_issued": N_("issued a password link"),
    "password_changed": N_("set the password"),
    "token_issued": N_("made a token"),
    "token_revoked": N_("revoked a token"),
    "tokens_revoked": N_("revoked every token"),
    "second_factor_set": N_("set up a second factor"),
    "second_factor_removed": N_("removed the second factor"),
    "second_factor_reset": N_("reset the second factor"),
    "recovery_codes_made": N_("made new recovery codes"),
    "recovery_code_used": N_("used a recovery code"),
    "code_repeated": N_("gave a code a second time"),
    "emergency_link_issued": N_("issued an emergency link"),
    "emergency_link_used": N_("used an emergency link"),
    "identity_linked": N_("linked the provider's identity"),
    "not_admitted": N_("came by the provider and was not let in"),
    "taken_back": N_("took the account back"),
    "deactivated": N_("deactivated"),
    "reactivated": N_("activated again"),
    "unlocked": N_("unlocked"),
    "kept": N_("kept"),
    "queued": N_("queued"),
    "looked_at": N_("looked at"),
    "downloaded": N_("downloaded"),
    "erased": N_("erased"),
    "archived": N_("archived"),
    "restored": N_("took back into use"),
    "promoted": N_("took into the base"),
    "purged": N_("cleared away"),
    "secret_replaced": N_("replaced the secret"),
    "paused": N_("paused"),
    "resumed": N_("resumed"),
    "tested": N_("sent a test"),
    "redelivered": N_("asked for another delivery"),
    "gave_up": N_("gave up a delivery"),
}
"""What people do, as the verb after who: "Somchai approved"; what it was done to is named beside."""
FIELDS: Final[Mapping[str, str]] = {
    "name": N_("Name"),
    "scopes": N_("What it may do"),
    "note": N_("Note"),
    "adjustments": N_("Adjustments"),
    "copied_from": N_("Copied from"),
    "status": N_("Status"),
    "revision": N_("Revision"),
    "opens_at": N_("Opens"),
    "closes_at": N_("Closes"),
    "extension": N_("Extension"),
    "role": N_("Role"),
    "full_name": N_("Full name"),
    "email": N_("E-mail"),
    "ministry": N_("Ministry"),
    "language": N_("Language"),
    "name_th": N_("Thai name"),
    "name_en": N_("English name"),
    "file": N_("File"),
    "sha256": N_("Fingerprint (SHA-256)"),
    "levels": N_("Levels in their order"),
    "fairness": N_("Kind of fairness"),
    "tolerance": N_("Tolerance"),
    "protect_incumbents": N_("Incumbents are protected"),
    "staff_gate": N_("Data staff limits hosting"),
    "floors": N_("Least share"),
    "caps": N_("Greatest share"),
    "pins": N_("Pinned to"),
    "person_roles": N_("Roles and levels"),
    "planned_leaves": N_("Planned leave"),
    "secondments": N_("Secondments"),
    "enrolments": N_("Training"),
    "what_if": N_("What if"),
    "lend_cost": N_("Cost of a secondment"),
    "lend_efficiency": N_("What arrives of the time lent"),
    "backup": N_("Backup that should be there"),
    "budget": N_("Budget"),
    "url": N_("Address"),
    "events": N_("Events"),
}
"""What history calls fields that are no columns of the exchange workbook."""
RUN_STATUSES: Final[Mapping[str, str]] = {
    "queued": N_("Queued"),
    "running": N_("Running"),
    "solved": N_("Solved"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
}
PLAN_STATES: Final[Mapping[str, str]] = {
    "draft": N_("Not published"),
    "published": N_("In force"),
    "superseded": N_("Superseded"),
}
SOLVE_STATUSES: Final[Mapping[str, str]] = {
    "optimal": N_("Optimal"),
    "feasible": N_("Feasible"),
    "infeasible": N_("Infeasible"),
    "unbounded": N_("Unbounded"),
    "error": N_("Solver error"),
}
LEVELS: Final[Mapping[str, str]] = {
    "policy": N_("Policy floors and pins"),
    "statutory": N_("Statutory requirements and incumbents"),
    "fairness": N_("Fairness between ministries"),
    "priority": N_("Priority"),
    "cost": N_("Least cost"),
    "moves": N_("Least data moved"),
}
FAIRNESS: Final[Mapping[str, str]] = {
    "leximin": N_("Leximin: raise the lowest, then the next, and so on"),
    "maxmin": N_("Max-min: raise the lowest alone"),
}
LEVEL_UNITS: Final[Mapping[str, str]] = {
    "policy": N_("share given up"),
    "statutory": N_("unmet size"),
    "fairness": N_("service share"),
    "priority": N_("weighted unmet size"),
    "cost": N_("THB"),
    "moves": N_("TB"),
}
STAFF_ROLES: Final[Mapping[str, str]] = {
    "chief_data_officer": N_("Chief data officer"),
    "data_steward": N_("Data steward"),
    "dpo": N_("Data protection officer"),
    "data_engineer": N_("Data engineer"),
    "data_scientist": N_("Data scientist"),
    "data_analyst": N_("Data analyst"),
    "governance_manager": N_("Data governance manager"),
    "cloud_engineer": N_("Cloud engineer"),
}
REASONS: Final[Mapping[str, str]] = {
    "no_eligible_site": N_("No eligible site"),
    "capacity": N_("Capacity full"),
    "staff": N_("Not enough data staff"),
    "budget": N_("Budget spent"),
    "move_limit": N_("Move limit reached"),
    "fairness": N_("Gave way to fairness"),
    "outranked": N_("Outranked"),
    "late_start": N_("Late start"),
    "indivisible": N_("Cannot be divided"),
    "cap": N_("Ministry at its cap"),
    "goal": N_("A higher goal would lose"),
    "tolerance": N_("Within tolerance"),
}
RULES: Final[Mapping[str, str]] = {
    "site_rule": N_("not among the sites that it allows: %(count)s"),
    "region_rule": N_("not in a region that it allows: %(count)s"),
    "clearance": N_("clearance too low: %(count)s"),
    "not_offered": N_("resource type not offered: %(count)s"),
    "operating_years": N_("not in operation in its years: %(count)s"),
    "standby_region": N_("no standby site in another region: %(count)s"),
}
"""Why a site was ruled out, with the number of sites that each rule ruled out."""


def _named(terms: Mapping[str, str]) -> Callable[[str], Phrase]:
    return lambda code: Phrase(terms.get(code, code))


role_phrase: Final = _named(ROLES)
account_state_phrase: Final = _named(ACCOUNT_STATES)
priority_phrase: Final = _named(PRIORITIES)
clearance_phrase: Final = _named(CLEARANCES)
requirement_status_phrase: Final = _named(REQUIREMENT_STATUSES)
action_phrase: Final = _named(ACTIONS)
run_status_phrase: Final = _named(RUN_STATUSES)
plan_state_phrase: Final = _named(PLAN_STATES)
solve_status_phrase: Final = _named(SOLVE_STATUSES)
level_phrase: Final = _named(LEVELS)
level_unit: Final = _named(LEVEL_UNITS)
fairness_phrase: Final = _named(FAIRNESS)
staff_role_phrase: Final = _named(STAFF_ROLES)
reason_name: Final = _named(REASONS)


def progress_phrase(progress: Progress) -> Phrase:
    """How far a solve is."""
    params: dict[str, Value] = {"level": level_phrase(progress.level), "round": progress.round}
    if progress.gap is None:
        return Phrase(N_("%(level)s: round %(round)s"), params)
    return Phrase(N_("%(level)s: round %(round)s, gap %(gap)s"), {**params, "gap": f"{progress.gap:.4%}"})


def names_of(source: Problem | Names) -> Names:
    """`source` itself if it is `Names`, else the names of that problem."""
    return source if isinstance(source, Names) else Names(source)


def pool_phrase(pool: str, source: Problem | Names) -> Phrase:
    """What a pool is called. Give `Names` where many are asked for."""
    names, key = names_of(source), parse_pool(pool)
    year = FiscalYear(key.year)
    match key.kind:
        case "capacity":
            return Phrase(
                N_("%(resource_type)s at %(site)s, fiscal year %(year)s"),
                {"resource_type": names.resource_type(key.resource_type), "site": names.site(key.site), "year": year},
            )
        case "staff":
            return Phrase(
                N_("%(role)s of %(agency)s, fiscal year %(year)s"),
                {"role": staff_role_phrase(key.role), "agency": names.agency(key.agency), "year": year},
            )
        case "expansion":
            return Phrase(N_("Modules of expansion %(expansion)s"), {"expansion": names.expansion(key.expansion)})
        case "capex":
            return Phrase(N_("Investment limit, fiscal year %(year)s"), {"year": year})
        case "opex":
            return Phrase(N_("Running cost limit, fiscal year %(year)s"), {"year": year})
        case "cap":
            return Phrase(N_("Service cap of %(ministry)s"), {"ministry": names.ministry(key.ministry)})
        case "level":
            return level_phrase(key.level)
    return Phrase(N_("Data moves, fiscal year %(year)s"), {"year": year})


def pool_unit(pool: str, source: Problem | Names) -> Phrase:
    """The unit in which a pool's limit and use are given."""
    names, key = names_of(source), parse_pool(pool)
    match key.kind:
        case "capacity":
            return Phrase(names.resource_types[key.resource_type].unit)
        case "staff":
            return Phrase(N_("FTE"))
        case "expansion":
            return Phrase(N_("modules"))
        case "moves":
            return Phrase(N_("TB"))
        case "cap":
            return Phrase(N_("service share"))
        case "level":
            return level_unit(key.level)
    return THB


def reason_phrase(reason: Reason, source: Problem | Names) -> Phrase:
    """Why a share was not granted, in one sentence. Give `Names` where many are asked for."""
    names = names_of(source)
    params: dict[str, Value] = dict(reason.amounts)
    if reason.pool is not None:
        params |= {"pool": pool_phrase(reason.pool, names), "unit": pool_unit(reason.pool, names)}
    match reason.code:
        case "no_eligible_site":
            return _no_eligible_site(reason)
        case "capacity" if {"need", "limit"} <= params.keys():
            sentence = N_("Full: %(pool)s. It needs %(need)s %(unit)s; usable before expansion: %(limit)s %(unit)s.")
        case "capacity":
            sentence = N_("Full: %(pool)s.")
        case "staff" | "budget" | "move_limit" if {"need", "limit"} <= params.keys():
            sentence = N_("Used up: %(pool)s. It needs %(need)s %(unit)s; the limit is %(limit)s %(unit)s.")
        case "staff" | "budget" | "move_limit" if "limit" in params:
            sentence = N_("Used up: %(pool)s, %(limit)s %(unit)s.")
        case "staff" | "budget" | "move_limit":
            sentence = N_("Used up: %(pool)s.")
        case "fairness" if "ministries" in params:
            sentence = N_(
                "It gave way so that the ministries served least (%(ministries)s of them) could be served more."
            )
        case "fairness":
            sentence = N_("It gave way so that the ministries served least could be served more.")
        case "outranked" if "others" in params:
            sentence = N_(
                "Requirements of greater weight (up to %(others)s against %(own)s) took what it needed: %(pool)s."
            )
        case "outranked":
            sentence = N_("Statutory requirements or incumbents took what it needed: %(pool)s.")
        case "late_start":
            sentence = N_("It is served, but not from its first year.")
        case "cap":
            sentence = N_("Its ministry has all that policy allows it.")
        case "goal":
            sentence = N_("A goal that stands above would lose by it: %(pool)s.")
        case "indivisible":
            sentence = N_("It must be placed whole or not at all; in parts, a share of %(share)s could be granted.")
        case "tolerance":
            sentence = N_("Nothing that it needs is short; it was left out within the tolerance of its level.")
        case _:
            return reason_name(reason.code)
    return reason_name(reason.code) if "%(pool)s" in sentence and reason.pool is None else Phrase(sentence, params)


def _no_eligible_site(reason: Reason) -> Phrase:
    rules = tuple(
        Phrase(RULES[rule], {"count": round(count)}) if rule in RULES else f"{rule}: {count:g}"
        for rule, count in sorted(reason.amounts.items())
        if count > 0
    )
    if not rules:
        return Phrase(N_("No site may host it."))
    return Phrase(N_("No site may host it. Sites ruled out: %(rules)s."), {"rules": rules})
