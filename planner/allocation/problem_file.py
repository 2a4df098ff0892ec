"""Problem files: `allocation-problem/1`, JSON, described in `docs/problem-format.md`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from planner.allocation.json_fields import Fields, parse_object, read_rows
from planner.allocation.problem import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    Staff,
)
from planner.errors import Fault, InvalidInputError
from planner.text import LocalText

FORMAT: Final = "allocation-problem/1"
BLOCK: Final = 50
"""Requirements written together: few, to be gone before the garbage collector looks (1,000 take twice the time)."""
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read_problem(text: str | bytes) -> Problem:
    """The problem in `text`; `InvalidInputError` lists every fault with its path."""
    faults: list[Fault] = []
    fields = parse_object(text, faults)
    if fields is not None:
        fields.require_format(FORMAT)
        parts: dict[str, Any] = {
            "fiscal_years": fields.numbers_of("fiscal_years", int),
            "resource_types": read_rows(fields, "resource_types", _read_resource_type),
            "ministries": read_rows(fields, "ministries", _read_ministry),
            "agencies": read_rows(fields, "agencies", _read_agency),
            "regions": read_rows(fields, "regions", _read_region),
            "clearances": fields.texts("clearances"),
            "sites": read_rows(fields, "sites", _read_site),
            "requirements": read_rows(fields, "requirements", _read_requirement),
            "expansions": read_rows(fields, "expansions", _read_expansion, optional=True),
            "staff": read_rows(fields, "staff", _read_staff, optional=True),
        }
        policy = fields.object("policy", optional=True)
        parts["policy"] = Policy() if policy is None else _read_policy(policy)
        fields.refuse_others()
    if faults or fields is None:
        raise InvalidInputError(faults)
    return Problem(**parts)


def dump_problem(problem: Problem) -> str:
    """`problem` as canonical text: rows sorted by code, keys in the format's order, no blanks, one final newline.

    Two problems that differ only in the order of their rows give the same text.
    """
    return "".join(_write(problem))


def problem_sha256(problem: Problem) -> str:
    """SHA-256 of the canonical text of `problem`, in hexadecimal."""
    digest = hashlib.sha256()
    for text in _write(problem):
        digest.update(text.encode())
    return digest.hexdigest()


def _write(problem: Problem) -> Iterator[str]:
    """The canonical text piece by piece: the requirements of a large problem are never all held as text."""
    requirements = _sorted(problem.requirements)
    yield _ENCODER.encode(_plain(_dump_head(problem)))[:-1] + ',"requirements":['
    for first in range(0, len(requirements), BLOCK):
        rows = [_dump_requirement(row) for row in requirements[first : first + BLOCK]]
        yield ("," if first else "") + _ENCODER.encode(rows)[1:-1]
    yield "]," + _ENCODER.encode(_plain(_dump_tail(problem)))[1:] + "\n"


def _dump_head(problem: Problem) -> dict[str, Any]:
    """What the format has before the requirements."""
    return {
        "format": FORMAT,
        "fiscal_years": problem.fiscal_years,
        "resource_types": [
            {"code": row.code, "unit": row.unit, "movable": row.movable, **_name(row.name)}
            for row in _sorted(problem.resource_types)
        ],
        "ministries": [{"code": row.code, **_name(row.name)} for row in _sorted(problem.ministries)],
        "agencies": [
            {"code": row.code, "ministry": row.ministry, **_name(row.name)} for row in _sorted(problem.agencies)
        ],
        "regions": [{"code": row.code, **_name(row.name)} for row in _sorted(problem.regions)],
        "clearances": problem.clearances,
        "sites": [_dump_site(row) for row in _sorted(problem.sites)],
        "expansions": [_dump_expansion(row) for row in _sorted(problem.expansions)],
    }


def _dump_tail(problem: Problem) -> dict[str, Any]:
    """What the format has after the requirements."""
    policy = problem.policy
    return {
        "staff": [
            {"agency": row.agency, "role": row.role, "fte": row.fte}
            for row in sorted(problem.staff, key=lambda row: (row.agency, row.role))
        ],
        "policy": {
            "levels": policy.levels,
            "tolerance": policy.tolerance,
            "priority_weights": _by_key(policy.priority_weights),
            "standby_ratio": _by_key(policy.standby_ratio),
            "capex_limit": policy.capex_limit,
            "opex_limit": policy.opex_limit,
            "move_limit_tb": policy.move_limit_tb,
            "staff_gate": policy.staff_gate,
            "protect_incumbents": policy.protect_incumbents,
            "fairness": policy.fairness,
            "floors": _by_key(policy.floors),
            "caps": _by_key(policy.caps),
            "pins": _by_key(policy.pins),
        },
    }


def _read_name(fields: Fields) -> LocalText | None:
    thai, english = fields.text("name_th", ""), fields.text("name_en", "")
    return LocalText(thai, english) if thai or english else None


def _read_resource_type(fields: Fields) -> ResourceType:
    return ResourceType(fields.text("code"), fields.text("unit"), fields.flag("movable", False), _read_name(fields))


def _read_ministry(fields: Fields) -> Ministry:
    code = fields.text("code")
    return Ministry(code, _read_name(fields) or LocalText(code or "?", code or "?"))


def _read_agency(fields: Fields) -> Agency:
    return Agency(fields.text("code"), fields.text("ministry"), _read_name(fields))


def _read_region(fields: Fields) -> Region:
    return Region(fields.text("code"), _read_name(fields))


def _read_site(fields: Fields) -> Site:
    return Site(
        code=fields.text("code"),
        region=fields.text("region"),
        clearance=fields.text("clearance"),
        start=fields.optional_number("from", int),
        end=fields.optional_number("to", int),
        capacity=fields.series("capacity"),
        overcommit=fields.numbers("overcommit"),
        reserve_margin=fields.numbers("reserve_margin"),
        running_cost=fields.series("running_cost", optional=True),
        name=_read_name(fields),
    )


def _read_expansion(fields: Fields) -> Expansion:
    return Expansion(
        code=fields.text("code"),
        site=fields.text("site"),
        resource_type=fields.text("resource_type"),
        module_size=fields.number("module_size", float),
        module_price=fields.number("module_price", float),
        lead_years=fields.number("lead_years", int),
        max_modules=fields.number("max_modules", float),
        name=_read_name(fields),
    )


def _read_requirement(fields: Fields) -> Requirement:
    return Requirement(
        code=fields.text("code"),
        agency=fields.text("agency"),
        clearance=fields.text("clearance"),
        demand=fields.series("demand"),
        start=fields.number("start", int),
        end=fields.optional_number("end", int),
        priority=fields.text("priority", "normal"),
        weight=fields.number("weight", float, 1.0),
        regions=fields.optional_texts("regions"),
        sites=fields.optional_texts("sites"),
        copies=fields.number("copies", int, 1),
        divisible=fields.flag("divisible", True),
        incumbent=fields.optional_text("incumbent"),
        staff_load=fields.numbers("staff_load"),
        title=fields.text("title", ""),
    )


def _read_staff(fields: Fields) -> Staff:
    return Staff(fields.text("agency"), fields.text("role"), fields.numbers_of("fte", float))


def _read_policy(fields: Fields) -> Policy:
    default = Policy()
    policy = Policy(
        levels=fields.optional_texts("levels") or default.levels,
        tolerance=fields.number("tolerance", float, default.tolerance),
        priority_weights=fields.numbers("priority_weights") or default.priority_weights,
        standby_ratio=fields.numbers("standby_ratio"),
        capex_limit=fields.limits("capex_limit"),
        opex_limit=fields.limits("opex_limit"),
        move_limit_tb=fields.limits("move_limit_tb"),
        staff_gate=fields.flag("staff_gate", default.staff_gate),
        protect_incumbents=fields.flag("protect_incumbents", default.protect_incumbents),
        fairness=fields.choice("fairness", ("leximin", "maxmin"), default.fairness),
        floors=fields.numbers("floors"),
        caps=fields.numbers("caps"),
        pins=fields.text_map("pins"),
    )
    fields.refuse_others()
    return policy


def _dump_site(site: Site) -> dict[str, Any]:
    return {
        "code": site.code,
        "region": site.region,
        "clearance": site.clearance,
        "from": site.start,
        "to": site.end,
        "capacity": _by_key(site.capacity),
        "overcommit": _by_key(site.overcommit),
        "reserve_margin": _by_key(site.reserve_margin),
        "running_cost": _by_key(site.running_cost),
        **_name(site.name),
    }


def _dump_expansion(expansion: Expansion) -> dict[str, Any]:
    return {
        "code": expansion.code,
        "site": expansion.site,
        "resource_type": expansion.resource_type,
        "module_size": expansion.module_size,
        "module_price": expansion.module_price,
        "lead_years": expansion.lead_years,
        "max_modules": expansion.max_modules,
        **_name(expansion.name),
    }


def _dump_requirement(requirement: Requirement) -> dict[str, Any]:
    """As `_plain` would have it, which takes twice the time for as many as there are of these."""
    return {
        "code": requirement.code,
        "agency": requirement.agency,
        "priority": requirement.priority,
        "weight": _number(requirement.weight),
        "clearance": requirement.clearance,
        "regions": None if requirement.regions is None else sorted(requirement.regions),
        "sites": None if requirement.sites is None else sorted(requirement.sites),
        "copies": _number(requirement.copies),
        "divisible": requirement.divisible,
        "start": _number(requirement.start),
        "end": _number(requirement.end),
        "incumbent": requirement.incumbent,
        "demand": {code: [*map(_number, series)] for code, series in sorted(requirement.demand.items())},
        "staff_load": {role: _number(load) for role, load in sorted(requirement.staff_load.items())},
        **({"title": requirement.title} if requirement.title else {}),
    }


def _name(name: LocalText | None) -> dict[str, str]:
    return {} if name is None else {"name_th": name.th, "name_en": name.en}


def _by_key(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))


def _plain(value: Any) -> Any:
    """`value` as lists, dictionaries and what they hold, with `_number` for numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _number(value)


def _number(value: Any) -> Any:
    """`value`, but a whole float as an integer, so that 10 and 10.0 give one text."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sorted(rows: Any) -> Any:
    return sorted(rows, key=lambda row: row.code)
