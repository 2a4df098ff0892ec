"""Plan files: `allocation-plan/1`, JSON, described in `docs/problem-format.md`."""

import json
from dataclasses import asdict
from typing import Any, Final

from planner.allocation.plan import Plan

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
