"""An example for each operation: the codes in its path, and what it takes. The tests send all but a few as they stand.

A new resource whose paths have parts goes into `CODES`, an operation that takes something into `BODIES`.
"""

from collections.abc import Mapping
from typing import Any, Final

from planner.api.resources import Operation

_ROUND: Final = {
    "name_th": "รอบที่ 1",
    "name_en": "Round 1",
    "opens_at": "2026-11-01T00:00:00Z",
    "closes_at": "2027-01-31T17:00:00Z",
}
CODES: Final[Mapping[str, Mapping[str, str | int]]] = {
    "accounts": {"code": "hr"},
    "coverage": {"area": "agencies", "code": "21004", "page": "gaps", "table": "gaps", "language": "th"},
    "datasets": {"code": "D-000001"},
    "jobs": {"kind": "plan_run", "subject": "P-000001"},
    "imports": {"code": 1},
    "inbox": {"subject": "requirement:R-000001"},
    "norms": {"role": "steward", "year": 2027},
    "objects": {"subject": "requirement:R-000001", "token": "1" * 32},
    "outcomes": {"ministry": "21000", "table": "requirements", "language": "th"},
    "people": {"code": "P4"},
    "plans": {
        "code": "P-000001",
        "other": "P-000001",
        "page": "costs",
        "table": "costs",
        "requirement": "R-000001",
        "ministry": "21000",
        "language": "th",
    },
    "publications": {"code": "P-000001"},
    "reference": {"table": "regions", "code": "north"},
    "register": {"table": "positions", "code": "21004/steward/2027"},
    "requirements": {"code": "R-000001"},
    "rounds": {"code": "2570-1", "ministry": "21000"},
    "scenarios": {"code": "S-000001", "number": 1},
    "sites": {"code": "BKK1"},
    "sweeps": {"code": "W-000001"},
    "webhooks": {"code": "WH-000001", "number": 1},
    "workforce_plans": {"code": "WF-000001", "page": "agencies", "table": "agencies", "language": "th"},
}
"""What fills the parts of each resource's paths."""
PARTS: Final[Mapping[str, Mapping[str, str | int]]] = {
    "coverage.place_table": {"table": "roles"},
    "coverage.report_ministry": {"code": "21000"},
    "plans.comparison_table": {"table": "ministries"},
    "plans.prove_requirement": {"requirement": "R-000004"},
    "plans.requirement_table": {"table": "timeline"},
    "workforce_plans.calendar": {"table": "cohorts"},
}
"""Where one operation needs others."""
BODIES: Final[Mapping[str, Any]] = {
    "accounts.change": {"full_name": "นายวีรภัทร ตัวอย่าง"},
    "accounts.create": {"username": "new.person", "full_name": "คนใหม่", "role": "auditor"},
    "datasets.change": {"title": "ชื่อใหม่"},
    "datasets.create": {
        "title": "ใหม่",
        "agency": "21004",
        "data_type": "record",
        "contact_name": "กองยุทธศาสตร์",
        "contact_email": "data@example.go.th",
        "keywords": ["สุขภาพ"],
        "description": "ใหม่",
        "objectives": ["strategy"],
        "update_unit": "year",
        "update_interval": 1,
        "coverage": "none",
        "source": "ระบบงาน",
        "formats": ["database"],
        "category": "public",
        "licence": "unspecified",
        "clearance": "open",
        "personal_data": False,
    },
    "datasets.save": {"items": [{"code": "D-000001", "version": 1, "title": "ชื่อใหม่"}]},
    "inbox.set_mail": {"by_mail": False},
    "norms.change": {"floor": 1.0},
    "norms.create": {"role": "steward", "from_year": 2028, "floor": 1.0},
    "norms.preview": {"role": "steward", "from_year": 2027, "floor": 2.0},
    "objects.comment": {"text": "ขอบคุณ"},
    "people.erase": {"confirm": "P4"},
    "plans.create": {"name": "แผนปี 2570", "scenario": None},
    "plans.prove": {"about": "expansion", "name": "BKK1-vcpu"},
    "policy.replace": {
        "levels": ["statutory", "fairness"],
        "fairness": "maxmin",
        "tolerance": 0.01,
        "protect_incumbents": True,
        "staff_gate": False,
        "floors": {"21000": 0.1},
        "caps": {},
        "pins": {},
    },
    "publications.publish": {"plan": "P-000001", "note": "มติ", "seen": None},
    "quotes.quote": {"agency": "21004", "start_year": 2027, "demand": {"vcpu": {"2027": 16.0, "2028": 24.0}}},
    "reference.change": {"name_en": "The North"},
    "reference.check": {"items": [{"code": "north", "version": 1, "name_en": "The North"}]},
    "reference.create": {"code": "east", "name_th": "ภาคตะวันออก", "name_en": "East"},
    "reference.save": {"items": [{"code": "central", "version": 1, "name_en": "The Centre"}]},
    "register.change": {"funded": 2},
    "register.check": {"items": [{"code": "21004/steward/2027", "version": 1, "funded": 2}]},
    "register.create": {"agency": "21004", "role": "steward", "from_year": 2029, "authorised": 3, "funded": 2},
    "register.save": {"items": [{"code": "21004/engineer/2027", "version": 1, "funded": 2}]},
    "requirements.change": {"title": "ชื่อใหม่"},
    "requirements.check": {"items": [{"code": "R-000001", "version": 1, "title": "ชื่อใหม่"}]},
    "requirements.create": {
        "title": "ใหม่",
        "agency": "21004",
        "priority": "high",
        "clearance": "protected",
        "start_year": 2027,
        "demand": {"vcpu": {"2027": 1.0}},
    },
    "requirements.save": {"items": [{"code": "R-000001", "version": 1, "title": "ชื่อใหม่"}]},
    "requirements.step": {"action": "submit"},
    "requirements.steps": {"action": "submit", "items": [{"code": "R-000001", "version": 1}]},
    "rounds.create": {"code": "2571-1", **_ROUND},
    "rounds.extend": {"closes_at": "2027-02-28T17:00:00Z", "reason": "น้ำท่วม"},
    "rounds.replace": _ROUND,
    "scenarios.add_adjustment": {"kind": "site_lost", "terms": {"site": "BKK1"}},
    "scenarios.change": {"note": "เพื่อทดลอง"},
    "scenarios.create": {"name": "ใหม่"},
    "scenarios.replace_adjustment": {"kind": "demand", "terms": {"change": 0.1}},
    "sites.save_capacity": {
        "items": [
            {
                "resource_type": "vcpu",
                "version": 1,
                "overcommit": 2.0,
                "reserve_margin": 0.1,
                "nameplate": {"2027": 100.0, "2028": 120.0},
                "running_cost": {"2027": 900.0, "2028": 900.0},
            }
        ]
    },
    "sweeps.create": {"kind": "demand", "from": 0.1, "to": 0.2, "steps": 2},
    "sweeps.run_scenarios": {"scenarios": ["S-000001"], "base": True},
    "webhooks.change": {"name": "ระบบสารบรรณ"},
    "webhooks.create": {
        "name": "ระบบ",
        "url": "https://hooks.example.go.th/",
        "events": ["plan.published"],
        "ministry": None,
    },
    "workforce_plans.change_terms": {"lend_cost": None, "lend_efficiency": 1.0, "backup": 0.5, "budget": {}},
    "workforce_plans.create": {"name": "แผนกำลังคน"},
}
"""What each operation is sent that takes something."""


def parts_of(operation: Operation) -> dict[str, str | int]:
    """What fills the parts of the operation's path, by their names."""
    known = {**CODES.get(operation.resource.name, {}), **PARTS.get(operation.endpoint, {})}
    return {name: known[name] for name, _ in operation.parts}
