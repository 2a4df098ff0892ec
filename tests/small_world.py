"""A little of everything: the rows that most tests of services and pages start from."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import models

_CAPEX = {2027: 1_500_000.0, 2028: None, 2029: 0.0}
_DESCRIPTION: Mapping[str, Any] = {
    "data_type": "record",
    "contact_name": "กลุ่มบริหารข้อมูล",
    "contact_email": "data@example.go.th",
    "keywords": ("ทะเบียน", "สถิติ"),
    "description": "ข้อมูลตามภารกิจของหน่วยงาน",
    "objectives": ("mission", "public_service"),
    "update_unit": "day",
    "coverage": "country",
    "source": "ระบบงานของหน่วยงาน",
    "formats": ("database", "csv"),
    "licence": "unspecified",
}
"""What the catalogue asks of the small world's datasets."""
_REGIONS = (("central", "ภาคกลาง", "Central"), ("north", "ภาคเหนือ", "North"))


def add_small_world(session: Session) -> None:
    digital, health = (
        models.Ministry(
            code=code,
            letter_th=letter,
            abbreviation_en=abbreviation,
            name_th=name_th,
            name_en=name_en,
            valid_from=dt.date(2016, 9, 16),
        )
        for code, letter, abbreviation, name_th, name_en in (
            ("11000", "ดศ", "MDES", "กระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม", "Ministry of Digital Economy and Society"),
            ("21000", "สธ", "MOPH", "กระทรวงสาธารณสุข", "Ministry of Public Health"),
        )
    )
    statistics, weather, disease = (
        models.Agency(code=code, ministry=ministry, name_th=name_th, name_en=name_en)
        for code, ministry, name_th, name_en in (
            ("11004", digital, "สำนักงานสถิติแห่งชาติ", "National Statistical Office"),
            ("11003", digital, "กรมอุตุนิยมวิทยา", "Thai Meteorological Department"),
            ("21004", health, "กรมควบคุมโรค", "Department of Disease Control"),
        )
    )
    session.add_all(models.FiscalYear(year=year, capex_limit=limit) for year, limit in _CAPEX.items())
    central, north = (models.Region(code=code, name_th=th, name_en=en) for code, th, en in _REGIONS)
    opened, protected, restricted = (
        models.Clearance(code=code, level=level, name_th=th, name_en=code.capitalize())
        for level, (code, th) in enumerate((("open", "เปิดเผย"), ("protected", "คุ้มครอง"), ("restricted", "จำกัด")))
    )
    statutory, high, normal, low = (
        models.Priority(code=code, rank=rank, weight=weight, name_th=th, name_en=code.capitalize())
        for rank, (code, weight, th) in enumerate(
            (("statutory", None, "ตามกฎหมาย"), ("high", 4, "สูง"), ("normal", 2, "ปกติ"), ("low", 1, "ต่ำ")),
            start=1,
        )
    )
    vcpu = models.ResourceType(
        code="vcpu", unit="vCPU", position=1, standby_ratio=0.5, name_th="หน่วยประมวลผล", name_en="vCPU"
    )
    storage = models.ResourceType(
        code="hot_tb", unit="TB", position=2, movable=True, name_th="พื้นที่จัดเก็บ", name_en="Hot storage"
    )
    bangkok, chiang_mai = (
        models.Site(code=code, name_th=th, name_en=en, region=region, clearance=clearance, from_year=2025)
        for code, th, en, region, clearance in (
            ("BKK1", "ศูนย์ข้อมูลบางรัก", "Bang Rak", central, restricted),
            ("CNX1", "ศูนย์ข้อมูลเชียงใหม่", "Chiang Mai", north, opened),
        )
    )
    session.add_all([_equip(bangkok, {vcpu: 100, storage: 50}), _equip(chiang_mai, {vcpu: 40, storage: 20})])
    session.add(
        models.Expansion(
            code="BKK1-vcpu", site=bangkok, resource_type=vcpu, module_size=20, module_price=1_000_000, lead_years=1,
            max_modules=2, name_th="เพิ่มหน่วยประมวลผล", name_en="More vCPU",
        )
    )  # fmt: skip
    session.flush()
    approved = models.RequirementStatus.APPROVED
    for code, title, agency, priority, clearance, amount, start, end, status in (
        ("R-000001", "เวชระเบียนกลาง", disease, statutory, restricted, 60, 2027, None, approved),
        ("R-000002", "กรมธรรม์", statistics, high, protected, 30, 2027, 2028, approved),
        ("R-000003", "พยากรณ์อากาศ", weather, normal, opened, 40, 2026, None, approved),
        ("R-000004", "=HYPERLINK(1)", weather, low, restricted, 60, 2028, None, approved),
        ("R-000005", "แบบร่าง", statistics, normal, opened, 5, 2027, None, models.RequirementStatus.DRAFT),
        ("R-000006", "ระบบเดิม", disease, normal, opened, 5, 2024, 2026, approved),
    ):
        requirement = models.Requirement(
            code=code, title=title, agency=agency, priority=priority, clearance=clearance, start_year=start,
            end_year=end, status=status,
        )  # fmt: skip
        for year in _CAPEX:
            if start <= year <= (end or year):
                requirement.demand.append(models.DemandLine(resource_type=vcpu, year=year, amount=amount))
                requirement.demand.append(models.DemandLine(resource_type=storage, year=year, amount=amount / 4))
        session.add(requirement)
    for code, title, agency, clearance, category, volume in (
        ("D-000001", "เวชระเบียนผู้ป่วย", disease, restricted, "personal", 40.0),
        ("D-000002", "สำมะโนประชากร", statistics, protected, "internal", None),
        ("D-000003", "=HYPERLINK(1)", weather, opened, "public", 12.5),
    ):
        session.add(
            models.Dataset(
                code=code, title=title, agency=agency, clearance=clearance, category=category,
                personal_data=category == "personal", volume_tb=volume, growth=0.25, **_DESCRIPTION,
            )
        )  # fmt: skip
    session.flush()


def add_small_register(session: Session) -> None:
    working, practitioner = (
        models.SkillLevel(code=code, name_th=name_th, name_en=code.capitalize(), rank=rank, factor=factor)
        for code, name_th, rank, factor in (("working", "ปฏิบัติได้", 1, 0.5), ("practitioner", "ชำนาญ", 2, 1.0))
    )
    session.add_all([working, practitioner])
    session.flush()
    steward, engineer = (
        models.WorkRole(
            code=code, name_th=name_th, name_en=name_en, position=position, attrition=0.1, hire_cost=600_000.0,
            hire_level=practitioner,
        )
        for code, name_th, name_en, position in (
            ("steward", "บริกรข้อมูล", "Data steward", 1),
            ("engineer", "วิศวกรข้อมูล", "Data engineer", 2),
        )
    )  # fmt: skip
    agencies = {row.code: row for row in session.scalars(select(models.Agency))}
    session.add_all(
        [
            models.Norm(role=steward, from_year=2027, floor=1.0, per_dataset=0.5),
            models.Norm(role=steward, from_year=2029, floor=2.0, per_dataset=0.5),
            models.Norm(role=engineer, from_year=2027, per_tb=0.02, per_vcpu=0.01),
        ]
    )
    session.add_all(
        models.Position(agency=agencies[agency], role=role, from_year=2027, authorised=3.0, funded=2.0, frozen=0.5)
        for agency in ("11004", "21004")
        for role in (steward, engineer)
    )
    people = {}
    for code, full_name, agency, shares in (
        ("P1", "สมชาย ใจดี", "11004", ((steward, 1.0, practitioner),)),
        ("P2", "สมหญิง รักไทย", "11004", ((steward, 0.5, working), (engineer, 0.6, practitioner))),
        ("P3", "มานะ อดทน", "11003", ((engineer, 1.0, practitioner),)),
        ("P4", "มานี มีนา", "21004", ((steward, 1.0, practitioner),)),
        ("P5", "ปิติ พอใจ", "21004", ((engineer, 1.0, working),)),
    ):
        people[code] = models.Person(code=code, full_name=full_name, agency=agencies[agency])
        for role, fte, level in shares:
            share = models.PersonRole(role=role, fte=fte, level=level, basis="assessed", level_on=dt.date(2026, 10, 1))
            people[code].roles.append(share)
    people["P2"].retires_on = dt.date(2028, 9, 30)
    people["P3"].contract_ends_on = dt.date(2026, 10, 31)
    people["P4"].secondments.append(models.Secondment(agency=agencies["11003"], from_year=2028, to_year=2028))
    people["P4"].leaves.append(models.PlannedLeave(year=2029, away=0.25))
    course = models.Course(
        code="eng-2", name_th="วิศวกรข้อมูลขั้นกลาง", name_en="Engineering 2", from_role=engineer, from_level=working,
        role=engineer, level=practitioner, price=50_000.0, lost_time=0.1,
    )  # fmt: skip
    cohort = models.Cohort(code="eng-2-70", course=course, year=2027, seats=20)
    people["P5"].enrolments.append(models.Enrolment(cohort=cohort))
    session.add_all(people.values())
    session.add(models.AgencyDuty(agency=agencies["11004"], accountable=people["P1"], acting=True))
    weather = session.scalars(select(models.Dataset).where(models.Dataset.code == "D-000003")).one()
    session.add(models.DatasetDuty(dataset=weather, accountable=people["P3"], deputy=people["P1"]))
    session.flush()


def _equip(site: models.Site, nameplate: dict[models.ResourceType, float]) -> models.Site:
    for resource_type, amount in nameplate.items():
        years = [models.Capacity(year=year, nameplate=amount, running_cost=100.0) for year in _CAPEX]
        site.resources.append(models.SiteResource(resource_type=resource_type, reserve_margin=0.1, years=years))
    return site
