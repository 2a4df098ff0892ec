"""Plan files: `allocation-plan/1`, JSON, described in `docs/problem-format.md`."""

import json
from dataclasses import asdict
from typing import Any, Final, get_args

from planner.allocation.json_fields import Fields, parse_object, read_rows
from planner.allocation.plan import (
    Certificate,
    LevelResult,
    Placement,
    Plan,
    PoolUse,
    Purchase,
    Reason,
    Service,
    Shortfall,
    SolveStatus,
)
from planner.errors import Fault, InvalidInputError

FORMAT: Final = "allocation-plan/1"


def dump_plan(plan: Plan, *, with_seconds: bool = True) -> str:
    """`plan` as indented JSON text. Without seconds, the same problem gives the same text to the byte."""
    levels = [asdict(level) for level in plan.levels]
    content: dict[str, Any] = {
        "format": FORMAT,
        "problem_sha256": plan.problem_sha256,
        "solver": plan.solver,
        "status": plan.status,
        "levels": levels,
        "placements": [asdict(row) for row in plan.placements],
        "expansions": [asdict(row) for row in plan.purchases],
        "shortfalls": [asdict(row) for row in plan.shortfalls],
        "pools": [asdict(row) for row in plan.pools],
        "service": [asdict(row) for row in plan.service],
        "certificate": asdict(plan.certificate),
        "seconds": plan.seconds,
    }
    if not with_seconds:
        del content["seconds"]
        for level in levels:
            del level["seconds"]
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_plan(text: str | bytes) -> Plan:
    """The plan in `text`; `InvalidInputError` lists every fault with its path."""
    faults: list[Fault] = []
    fields = parse_object(text, faults)
    if fields is not None:
        fields.require_format(FORMAT)
        plan = Plan(
            problem_sha256=fields.text("problem_sha256"),
            solver=fields.text("solver"),
            status=_read_status(fields),
            levels=read_rows(fields, "levels", _read_level),
            placements=read_rows(fields, "placements", _read_placement),
            purchases=read_rows(fields, "expansions", _read_purchase),
            shortfalls=read_rows(fields, "shortfalls", _read_shortfall),
            pools=read_rows(fields, "pools", _read_pool),
            service=read_rows(fields, "service", _read_service),
            certificate=_read_certificate(fields),
            seconds=fields.number("seconds", float, 0.0),
        )
        fields.refuse_others()
    if faults or fields is None:
        raise InvalidInputError(faults)
    return plan


def _read_status(fields: Fields) -> SolveStatus:
    status: SolveStatus = fields.choice("status", get_args(SolveStatus), "error")
    return status


def _read_level(fields: Fields) -> LevelResult:
    return LevelResult(
        name=fields.text("name"),
        value=fields.number("value", float),
        bound=fields.number("bound", float),
        gap=fields.number("gap", float),
        status=_read_status(fields),
        seconds=fields.number("seconds", float, 0.0),
        kept=fields.number("kept", float),
        values=fields.numbers_of("values", float),
        prices=fields.numbers("prices"),
        whole_loss=fields.number("whole_loss", float, 0.0),
    )


def _read_placement(fields: Fields) -> Placement:
    return Placement(
        requirement=fields.text("requirement"),
        site=fields.text("site"),
        standby=fields.optional_text("standby"),
        start=fields.number("start", int),
        share=fields.number("share", float),
    )


def _read_purchase(fields: Fields) -> Purchase:
    return Purchase(fields.text("expansion"), fields.number("fiscal_year", int), fields.number("modules", float))


def _read_shortfall(fields: Fields) -> Shortfall:
    reasons = read_rows(fields, "reasons", _read_reason)
    return Shortfall(fields.text("requirement"), fields.number("share", float), reasons)


def _read_reason(fields: Fields) -> Reason:
    return Reason(fields.text("code"), fields.optional_text("pool"), fields.numbers("amounts"))


def _read_pool(fields: Fields) -> PoolUse:
    return PoolUse(
        pool=fields.text("pool"),
        limit=fields.number("limit", float),
        use=fields.number("use", float),
        price=fields.number("price", float),
        level=fields.optional_text("level"),
    )


def _read_service(fields: Fields) -> Service:
    return Service(fields.text("ministry"), fields.number("share", float))


def _read_certificate(fields: Fields) -> Certificate:
    inner = fields.object("certificate", optional=False) or fields
    certificate = Certificate(
        feasible=inner.flag("feasible"),
        largest_violation=inner.number("largest_violation", float),
        worst_rule=inner.text("worst_rule"),
        checked=inner.number("checked", int),
        values_agree=inner.flag("values_agree"),
        largest_gap=inner.number("largest_gap", float),
    )
    inner.refuse_others()
    return certificate
