"""The data staff of the sample: roles as the government names them, and everybody and everything else made up."""

import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reports.columns import Values

FIRST_YEAR: Final = 2027
LAST_YEAR: Final = 2031
_LEVELS: Final = (
    ("awareness", "รับรู้", "Awareness", 0.25),
    ("working", "ปฏิบัติได้", "Working", 0.6),
    ("practitioner", "ชำนาญ", "Practitioner", 1.0),
    ("expert", "เชี่ยวชาญ", "Expert", 1.0),
)
_ROLES: Final = (
    ("chief_data_officer", "ผู้บริหารข้อมูลระดับสูง", "Chief data officer", 0.04, 1_200_000.0),
    ("data_steward", "บริกรข้อมูล", "Data steward", 0.06, 540_000.0),
    ("dpo", "เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคล", "Data protection officer", 0.05, 720_000.0),
    ("data_engineer", "วิศวกรข้อมูล", "Data engineer", 0.12, 780_000.0),
    ("data_scientist", "นักวิทยาศาสตร์ข้อมูล", "Data scientist", 0.14, 840_000.0),
    ("data_analyst", "นักวิเคราะห์ข้อมูล", "Data analyst", 0.09, 600_000.0),
    ("governance_manager", "ผู้จัดการธรรมาภิบาลข้อมูล", "Data governance manager", 0.05, 780_000.0),
    ("cloud_engineer", "วิศวกรคลาวด์", "Cloud engineer", 0.13, 840_000.0),
)
"""Code, names, attrition in a year, THB for a year of somebody hired."""
_NORMS: Final[Mapping[str, tuple[float, float, float, float, float]]] = {
    "chief_data_officer": (0.2, 0.0, 0.0, 0.0, 0.0),
    "data_steward": (0.5, 0.25, 0.0, 0.0005, 0.0),
    "dpo": (0.2, 0.0, 0.2, 0.0, 0.0),
    "data_engineer": (0.4, 0.1, 0.0, 0.0002, 0.0001),
    "data_scientist": (0.0, 0.08, 0.0, 0.0, 0.0),
    "data_analyst": (0.3, 0.15, 0.0, 0.0, 0.0),
    "governance_manager": (0.2, 0.05, 0.02, 0.0, 0.0),
    "cloud_engineer": (0.0, 0.0, 0.0, 0.0, 0.0006),
}
"""Least FTE, and FTE for each dataset, personal-data set, TB and vCPU."""
_LADDERS: Final = (
    ("steward", "บริกรข้อมูล", "Data stewardship", "data_steward", (18_000.0, 36_000.0)),
    ("dpo", "การคุ้มครองข้อมูลส่วนบุคคล", "Data protection", "dpo", (24_000.0, 42_000.0)),
    ("engineer", "วิศวกรรมข้อมูล", "Data engineering", "data_engineer", (45_000.0, 78_000.0)),
    ("analyst", "การวิเคราะห์ข้อมูล", "Data analysis", "data_analyst", (22_000.0, 40_000.0)),
)
"""Courses within a role: code, names, role, THB a seat from awareness to working and from there to practitioner."""
_BRIDGES: Final = (
    ("scientist", "นักวิเคราะห์สู่นักวิทยาศาสตร์ข้อมูล", "Analyst to data scientist", "data_analyst", "data_scientist", 96_000.0),
    ("cloud", "วิศวกรข้อมูลสู่วิศวกรคลาวด์", "Data engineer to cloud engineer", "data_engineer", "cloud_engineer", 84_000.0),
)  # fmt: skip
"""Courses into another role, from practitioner to working: code, names, the two roles, THB a seat."""
_SEATS: Final = 24
_FIRST_NAMES: Final = (
    "นายธนากร", "นายปกรณ์", "นายชัยวัฒน์", "นายกิตติ", "นายณรงค์", "นายภาคิน", "นายวรพล", "นายเอกชัย", "นายธีรภัทร",
    "นายอดิศร", "นางวิภาดา", "นางอรุณี", "นางศิริพร", "นางมาลี", "นางสุดารัตน์", "นางสาวจิราภรณ์", "นางสาวกนกวรรณ",
    "นางสาวพรทิพย์", "นางสาวนภัสสร", "นางสาวสมหญิง",
)  # fmt: skip
_LAST_NAMES: Final = ("ตัวอย่าง", "สมมติ", "จำลอง", "สาธิต", "ทดลองใช้")
"""Which nobody would take for a real person's."""


def build_staff(
    seed: int, agencies: Sequence[Values], datasets: Sequence[Values], requirements: Sequence[Values]
) -> dict[str, Sequence[Values]]:
    """Rows of every sheet of the register, by its key, for the sample's agencies, datasets and requirements."""
    staff = _Staff(random.Random(f"{seed} staff"))  # noqa: S311 - made-up data, repeatable on purpose
    held: dict[str, list[Values]] = defaultdict(list)
    for dataset in datasets:
        if not dataset["retired"]:
            held[str(dataset["agency"])].append(dataset)
    processors = _processors(requirements)
    for agency in agencies:
        code = str(agency["code"])
        staff.add_agency(code, held[code], processors[code])
    staff.second([str(agency["code"]) for agency in agencies])
    courses = list(_courses())
    staff.enrol(courses)
    return {
        "skill_levels": [
            _row(("rank", "code", "name_th", "name_en", "factor"), (rank, *level))
            for rank, level in enumerate(_LEVELS, start=1)
        ],
        "work_roles": [_role(position, role) for position, role in enumerate(_ROLES, start=1)],
        "norms": [
            _row(
                ("role", "from_year", "floor", "per_dataset", "per_personal_dataset", "per_tb", "per_vcpu"),
                (role, FIRST_YEAR, *amounts),
            )
            for role, amounts in _NORMS.items()
        ],
        **staff.rows,
        "courses": courses,
        "cohorts": [
            {"code": f"{course['code']}-{year}", "course": course["code"], "year": year, "seats": _SEATS}
            for course in courses
            for year in range(FIRST_YEAR, FIRST_YEAR + 5)
        ],
    }


def _row(keys: Sequence[str], values: Sequence[Any]) -> Values:
    return dict(zip(keys, values, strict=True))


def _role(position: int, role: Sequence[Any]) -> Values:
    keys = ("code", "name_th", "name_en", "attrition", "hire_cost")
    return {**_row(keys, role), "position": position, "hire_level": "working", "hire_lead_years": 1}


def _courses() -> Iterator[Values]:
    effect = {"lead_years": 1, "lost_time": 0.1}
    levels = ("awareness", "working", "practitioner")
    keys = ("code", "name_th", "name_en", "from_role", "from_level", "role", "level", "price")
    for code, thai, english, role, prices in _LADDERS:
        for step, price in enumerate(prices):
            number = step + 1
            names = (f"{code}-{number}", f"{thai} ระดับ {number}", f"{english} {number}")
            yield {**_row(keys, (*names, role, levels[step], role, levels[number], price)), **effect}
    for code, thai, english, role, other, price in _BRIDGES:
        yield {**_row(keys, (code, f"จาก{thai}", english, role, levels[2], other, levels[1], price)), **effect}


def _processors(requirements: Sequence[Values]) -> Mapping[str, float]:
    """vCPU that each agency asks for in the last year, by its code."""
    asked: dict[str, float] = defaultdict(float)
    for row in requirements:
        demand: Any = row["demand"]
        asked[str(row["agency"])] += demand.get(("vcpu", LAST_YEAR), 0.0)
    return asked


def _required(role: str, datasets: Sequence[Values], processors: float) -> float:
    """What the norm asks for."""
    floor, each, personal, per_tb, per_vcpu = _NORMS[role]
    terabytes = sum(float(str(row["volume_tb"] or 0.0)) for row in datasets)
    return max(
        floor,
        each * len(datasets)
        + personal * sum(bool(row["personal_data"]) for row in datasets)
        + per_tb * terabytes
        + per_vcpu * processors,
    )


@dataclass
class _Staff:
    """People and what belongs to them, as they are drawn."""

    chance: random.Random
    rows: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[tuple[str, str], str] = field(default_factory=dict)

    def add_agency(self, agency: str, datasets: Sequence[Values], processors: float) -> None:
        """Its people, who share out a part of what norms ask for, its posts, and who answers for its data."""
        missing = {role: _required(role, datasets, processors) for role, *_ in _ROLES}
        heads = round(sum(missing.values()) * self.chance.uniform(0.4, 1.3))
        filled: dict[str, float] = defaultdict(float)
        people = []
        for _ in range(heads):
            shares = self.shares(missing)
            people.append(self.add_person(agency, shares))
            for role, fte in shares.items():
                missing[role] -= fte
                filled[role] += fte
        for role, *_ in _ROLES:
            self.add_posts(agency, role, filled[role], missing[role])
        self.add_duties(agency, people, datasets)

    def shares(self, missing: Mapping[str, float]) -> dict[str, float]:
        """Up to three roles for one person, those first of which most is missing; now and then more than fits a day."""
        most = sorted(missing, key=lambda role: -missing[role])[: self.chance.choice((1, 2, 2, 3))]
        free, shares = 1.0, {}
        for role in most:
            fte = round(min(free, max(missing[role], 0.2)), 1)
            if fte:
                shares[role] = fte
                free -= fte
        if self.chance.random() < 0.06:
            shares[most[0]] = min(1.0, shares[most[0]] + 0.3)
        return shares

    def add_person(self, agency: str, shares: Mapping[str, float]) -> str:
        chance = self.chance
        code = f"W-{len(self.rows['people']) + 1:06d}"
        leaving = chance.random()
        self.rows["people"].append(
            {
                "code": code,
                "full_name": f"{chance.choice(_FIRST_NAMES)} {chance.choice(_LAST_NAMES)}",
                "agency": agency,
                "contract_ends_on": dt.date(FIRST_YEAR + chance.randrange(4), 9, 30) if leaving < 0.15 else None,
                "retires_on": dt.date(FIRST_YEAR + chance.randrange(8), 9, 30) if leaving > 0.85 else None,
            }
        )
        for each, fte in shares.items():
            level = chance.choices([level for level, *_ in _LEVELS], (1, 3, 5, 2))[0]
            self.levels[code, each] = level
            stated = dt.date(2025, 10, 1) + dt.timedelta(days=chance.randrange(360))
            basis = chance.choice(("self_stated", "self_stated", "assessed"))
            keys = ("person", "role", "fte", "level", "basis", "level_on")
            self.rows["person_roles"].append(_row(keys, (code, each, fte, level, basis, stated)))
        if chance.random() < 0.04:
            leave = (code, FIRST_YEAR + chance.randrange(3), chance.choice((0.25, 0.5, 1.0)))
            self.rows["planned_leaves"].append(_row(("person", "year", "away"), leave))
        return code

    def add_posts(self, agency: str, role: str, filled: float, missing: float) -> None:
        """Posts that are filled, often one that is not where more is needed; some are frozen or without money."""
        spare = self.chance.choice((0.0, 0.5, 0.5, 1.0)) if missing > 0.25 else 0.0
        authorised = math.ceil((filled + spare) * 2) / 2
        if authorised:
            funded = authorised - (0.5 if spare and self.chance.random() < 0.3 else 0.0)
            frozen = 0.5 if funded > filled and self.chance.random() < 0.2 else 0.0
            keys = ("agency", "role", "from_year", "authorised", "funded", "frozen")
            self.rows["positions"].append(_row(keys, (agency, role, FIRST_YEAR, authorised, funded, frozen)))

    def add_duties(self, agency: str, people: Sequence[str], datasets: Sequence[Values]) -> None:
        if people and self.chance.random() < 0.85:
            self.rows["agency_duties"].append({"agency": agency, **self.duty(people)})
        for dataset in datasets:
            if people and self.chance.random() < 0.7:
                self.rows["dataset_duties"].append({"dataset": dataset["code"], **self.duty(people)})

    def duty(self, people: Sequence[str]) -> Values:
        chance = self.chance
        accountable, *others = chance.sample(people, min(2, len(people)))
        expires = dt.date(2026, 10, 1) + dt.timedelta(days=chance.randrange(1200)) if chance.random() < 0.3 else None
        return {
            "accountable": accountable,
            "deputy": others[0] if others and chance.random() < 0.6 else None,
            "acting": chance.random() < 0.12,
            "expires_on": expires,
        }

    def second(self, agencies: Sequence[str]) -> None:
        """A few people to another agency of their ministry."""
        for person in self.chance.sample(self.rows["people"], 8):
            home = str(person["agency"])
            near = [agency for agency in agencies if agency[:5] == home[:5] and agency != home]
            if near:
                years = FIRST_YEAR, FIRST_YEAR + self.chance.randrange(2)
                secondment = (person["code"], *years, self.chance.choice(near))
                self.rows["secondments"].append(_row(("person", "from_year", "to_year", "agency"), secondment))

    def enrol(self, courses: Sequence[Values]) -> None:
        """Some of those whom a course takes further in their own role, in its first cohort."""
        for course in courses:
            if course["from_role"] == course["role"]:
                start = course["role"], course["from_level"]
                able = [person for (person, role), level in self.levels.items() if (role, level) == start]
                for person in self.chance.sample(able, min(6, len(able))):
                    cohort = f"{course['code']}-{FIRST_YEAR}"
                    self.rows["enrolments"].append({"person": person, "cohort": cohort, "completed_on": None})
