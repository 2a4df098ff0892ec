"""The register of the data workforce: roles and levels, norms, posts, people and what belongs to them, training."""

from collections.abc import Mapping
from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field, Sheet
from reports.sheets.fields import code, names, reference

BASES: Final[Mapping[str, LocalText]] = {
    "self_stated": LocalText("แจ้งเอง", "self-stated"),
    "assessed": LocalText("ประเมินแล้ว", "assessed"),
}
_FROM_YEAR: Final = LocalText("ตั้งแต่ปีงบประมาณ", "From year")


def _agency(rule: str) -> Field:
    return reference("agency", LocalText("หน่วยงาน", "Agency"), "agencies", rule)


def _role(key: str, header: LocalText, rule: str) -> Field:
    return reference(key, header, "work_roles", rule)


def _level(key: str, header: LocalText, rule: str, *, required: bool = True) -> Field:
    return reference(key, header, "skill_levels", rule, required=required)


def _person() -> Field:
    return reference("person", LocalText("บุคคล", "Person"), "people", N_("Code of a person of the register."))


def _year(key: str, header: LocalText, rule: str) -> Field:
    return Field(key, header, "year", rule, required=True, width=16)


def _day(key: str, header: LocalText, rule: str, *, required: bool = False) -> Field:
    return Field(key, header, "date", rule, required=required, width=20)


def _fte(key: str, header: LocalText, rule: str, *, required: bool = False) -> Field:
    return Field(
        key,
        header,
        "number",
        rule,
        required=required,
        unit=N_("FTE"),
        default=None if required else 0.0,
        high=1e6,
    )


SKILL_LEVELS: Final = Sheet(
    "skill_levels",
    LocalText("ระดับทักษะ", "Skill levels"),
    N_("Levels of skill from low to high, and what an hour at each counts for beside a practitioner's."),
    (
        code(N_("Code of the level.")),
        *names(30),
        Field(
            "rank",
            LocalText("ลำดับ", "Rank"),
            "integer",
            N_("Whole number, 1 for the lowest; no two alike."),
            required=True,
            low=1,
            high=100,
        ),
        Field(
            "factor",
            LocalText("ค่าเทียบเท่า", "Factor"),
            "number",
            N_("What an hour counts for beside a practitioner's, such as 0.6."),
            required=True,
            high=10,
        ),
    ),
    unique=("rank",),
)

WORK_ROLES: Final = Sheet(
    "work_roles",
    LocalText("บทบาทงานข้อมูล", "Data roles"),
    N_("Kinds of data work, how many leave each in a year, and on which terms people may be hired."),
    (
        code(N_("Code of the role.")),
        *names(36),
        Field(
            "position",
            LocalText("ลำดับที่แสดง", "Display order"),
            "integer",
            N_("Whole number, the order of display; no two alike."),
            required=True,
            high=1000,
        ),
        Field(
            "attrition",
            LocalText("อัตราการสูญเสีย", "Attrition"),
            "share",
            N_("Share of its people that leaves in a year without anybody's planning it; 0 if empty."),
            default=0.0,
            high=0.99,
        ),
        Field(
            "hire_cost",
            LocalText("ค่าจ้างต่อปี", "Hiring cost"),
            "money",
            N_("Cost of one FTE hired, for a year; empty if nobody is hired for the role."),
            unit=N_("THB"),
            width=18,
        ),
        _level(
            "hire_level",
            LocalText("ระดับเมื่อบรรจุ", "Level when hired"),
            N_("Level of those who are hired; must stand beside a hiring cost."),
            required=False,
        ),
        Field(
            "hire_lead_years",
            LocalText("ระยะเวลาสรรหา", "Hiring time"),
            "integer",
            N_("Whole years from decision to post; 1 if empty."),
            default=1,
            unit=N_("years"),
            high=20,
        ),
    ),
    unique=("position",),
)

NORMS: Final = Sheet(
    "norms",
    LocalText("เกณฑ์อัตรากำลัง", "Norms"),
    N_("FTE that an agency needs of a role: the floor, or by what it looks after if that is more."),
    (
        _role("role", LocalText("บทบาท", "Role"), N_("Code of a data role.")),
        _year("from_year", _FROM_YEAR, N_("First fiscal year; the norm holds until a later one of the role begins.")),
        _fte("floor", LocalText("ขั้นต่ำ", "Floor"), N_("Least FTE that every agency needs; 0 if empty.")),
        _fte("per_dataset", LocalText("ต่อชุดข้อมูล", "Per dataset"), N_("FTE for each dataset in use.")),
        _fte(
            "per_personal_dataset",
            LocalText("ต่อชุดข้อมูลส่วนบุคคล", "Per personal-data set"),
            N_("FTE for each dataset that holds personal data, added to those for a dataset."),
        ),
        _fte("per_tb", LocalText("ต่อ TB", "Per TB"), N_("FTE for each TB of data.")),
        _fte("per_vcpu", LocalText("ต่อ vCPU", "Per vCPU"), N_("FTE for each vCPU of the approved requirements.")),
    ),
    identity=("role", "from_year"),
)

POSITIONS: Final = Sheet(
    "positions",
    LocalText("ตำแหน่ง", "Positions"),
    N_("Posts of each role at each agency. Who fills them is what the people's shares say."),
    (
        _agency(N_("Code of the agency.")),
        _role("role", LocalText("บทบาท", "Role"), N_("Code of a data role.")),
        _year("from_year", _FROM_YEAR, N_("First fiscal year; the row holds until a later one of the same begins.")),
        _fte("authorised", LocalText("กรอบอัตรา", "Authorised"), N_("Authorised posts."), required=True),
        _fte(
            "funded",
            LocalText("อัตรามีเงิน", "Funded"),
            N_("Of those, posts with money; no more than authorised."),
            required=True,
        ),
        _fte(
            "frozen",
            LocalText("อัตราชะลอบรรจุ", "Frozen"),
            N_("Of the funded, posts that may not be filled; 0 if empty."),
        ),
    ),
    identity=("agency", "role", "from_year"),
)

PEOPLE: Final = Sheet(
    "people",
    LocalText("บุคลากร", "People"),
    N_("Who does data work, with no more personal data than planning needs."),
    (
        code(N_("A code of your own for the person. Never the citizen number.")),
        Field(
            "full_name",
            LocalText("ชื่อ-สกุล", "Full name"),
            "text",
            N_("Name of the person, to tell who it is."),
            required=True,
            width=36,
        ),
        _agency(N_("Code of the agency that employs them.")),
        _day(
            "starts_on",
            LocalText("เริ่มงาน", "Starts on"),
            N_("First day; empty for whoever has been there since before the register."),
        ),
        _day(
            "contract_ends_on",
            LocalText("สิ้นสุดสัญญา", "Contract ends"),
            N_("Last day of the contract; empty if it has none."),
        ),
        _day("retires_on", LocalText("เกษียณ", "Retires on"), N_("Last day before retirement, if it is known.")),
    ),
)

PERSON_ROLES: Final = Sheet(
    "person_roles",
    LocalText("บทบาทของบุคลากร", "Roles of people"),
    N_("The share of each person's time that goes to each role, and how well they do it."),
    (
        _person(),
        _role("role", LocalText("บทบาท", "Role"), N_("Code of a data role.")),
        Field(
            "fte",
            LocalText("สัดส่วนเวลา", "Share of time"),
            "number",
            N_("Share of full time, above 0 and at most 1. Over 1 in all is pointed out, not refused."),
            required=True,
            unit=N_("FTE"),
            positive=True,
            high=1,
        ),
        _level("level", LocalText("ระดับ", "Level"), N_("Code of the level of skill.")),
        Field(
            "basis",
            LocalText("ที่มาของระดับ", "Known by"),
            "choice",
            N_("Whether the person stated the level or somebody assessed it; self-stated if empty."),
            default="self_stated",
            choices=BASES,
        ),
        _day("level_on", LocalText("ณ วันที่", "As of"), N_("Day on which it was stated or assessed."), required=True),
    ),
    identity=("person", "role"),
)

PLANNED_LEAVES: Final = Sheet(
    "planned_leaves",
    LocalText("การลาตามแผน", "Planned leave"),
    N_("The share of a fiscal year that somebody will be away. Why is not asked."),
    (
        _person(),
        _year("year", LocalText("ปีงบประมาณ", "Fiscal year"), N_("Fiscal year of the leave.")),
        Field(
            "away",
            LocalText("สัดส่วนที่ไม่อยู่", "Share away"),
            "share",
            N_("Share of the year, above 0 and at most 1."),
            required=True,
            positive=True,
            high=1,
        ),
    ),
    identity=("person", "year"),
)

SECONDMENTS: Final = Sheet(
    "secondments",
    LocalText("การยืมตัว", "Secondments"),
    N_("Who works for another agency, and in which fiscal years."),
    (
        _person(),
        _year("from_year", _FROM_YEAR, N_("First fiscal year at the other agency.")),
        _year("to_year", LocalText("ถึงปีงบประมาณ", "To year"), N_("Last fiscal year at the other agency.")),
        _agency(N_("Code of the agency that they work for.")),
    ),
    identity=("person", "from_year"),
)

COURSES: Final = Sheet(
    "courses",
    LocalText("หลักสูตร", "Courses"),
    N_("What takes people from one role and level to another, upward or into another role."),
    (
        code(N_("Code of the course.")),
        *names(40),
        _role("from_role", LocalText("จากบทบาท", "From role"), N_("Role that a trainee does already.")),
        _level("from_level", LocalText("จากระดับ", "From level"), N_("Level that a trainee has already.")),
        _role("role", LocalText("สู่บทบาท", "To role"), N_("Role that the course leads to.")),
        _level("level", LocalText("สู่ระดับ", "To level"), N_("Level that the course leads to.")),
        Field(
            "price",
            LocalText("ค่าใช้จ่ายต่อคน", "Price a seat"),
            "money",
            N_("Price of one trainee's seat."),
            required=True,
            unit=N_("THB"),
            width=16,
        ),
        Field(
            "lead_years",
            LocalText("เวลาจนเกิดผล", "Time to effect"),
            "integer",
            N_("Whole years from the course's fiscal year until it takes effect; 1 if empty."),
            default=1,
            unit=N_("years"),
            high=20,
        ),
        Field(
            "lost_time",
            LocalText("เวลาที่ใช้อบรม", "Time away"),
            "share",
            N_("Share of the course's fiscal year that a trainee is away; 0 if empty."),
            default=0.0,
            high=1,
        ),
    ),
)

COHORTS: Final = Sheet(
    "cohorts",
    LocalText("รุ่นอบรม", "Cohorts"),
    N_("Courses as they are held: in which fiscal year, on which days, with how many seats."),
    (
        code(N_("Code of the cohort.")),
        reference("course", LocalText("หลักสูตร", "Course"), "courses", N_("Code of the course.")),
        _year("year", LocalText("ปีงบประมาณ", "Fiscal year"), N_("Fiscal year in which it is held.")),
        Field(
            "seats",
            LocalText("ที่นั่งอบรม", "Seats"),
            "integer",
            N_("Number of training seats, at least 1."),
            required=True,
            low=1,
            high=100_000,
        ),
        _day("starts_on", LocalText("วันเริ่ม", "Starts on"), N_("First day, once it is fixed; within the fiscal year.")),
        _day("ends_on", LocalText("วันสิ้นสุด", "Ends on"), N_("Last day, once it is fixed.")),
    ),
)

ENROLMENTS: Final = Sheet(
    "enrolments",
    LocalText("ผู้เข้าอบรม", "Enrolments"),
    N_("Who has a seat in which cohort. When it is completed, the person's level is changed by hand."),
    (
        _person(),
        reference("cohort", LocalText("รุ่นอบรม", "Cohort"), "cohorts", N_("Code of the cohort.")),
        _day("completed_on", LocalText("สำเร็จเมื่อ", "Completed on"), N_("Day of completion; empty while under way.")),
    ),
    identity=("person", "cohort"),
)


def _duty() -> tuple[Field, ...]:
    return (
        reference(
            "accountable",
            LocalText("ผู้รับผิดชอบ", "Accountable person"),
            "people",
            N_("Code of the person who answers; empty if nobody does."),
            required=False,
        ),
        reference(
            "deputy",
            LocalText("ผู้ปฏิบัติแทน", "Deputy"),
            "people",
            N_("Code of another person who stands in; empty if nobody does."),
            required=False,
        ),
        Field(
            "acting",
            LocalText("รักษาการ", "Acting"),
            "flag",
            N_("Yes if the accountable person only acts until somebody is appointed."),
            default=False,
        ),
        _day("expires_on", LocalText("สิ้นสุดการแต่งตั้ง", "Appointed until"), N_("Last day of the appointment, if any.")),
    )


AGENCY_DUTIES: Final = Sheet(
    "agency_duties",
    LocalText("ผู้รับผิดชอบหน่วยงาน", "Agency duties"),
    N_("Who answers for each agency's data, and who stands in."),
    (_agency(N_("Code of the agency.")), *_duty()),
    identity=("agency",),
)

DATASET_DUTIES: Final = Sheet(
    "dataset_duties",
    LocalText("ผู้รับผิดชอบชุดข้อมูล", "Dataset duties"),
    N_("Who answers for each dataset, and who stands in."),
    (
        reference("dataset", LocalText("ชุดข้อมูล", "Dataset"), "datasets", N_("Code of the dataset.")),
        *_duty(),
    ),
    identity=("dataset",),
)

REGISTER: Final = (
    SKILL_LEVELS,
    WORK_ROLES,
    NORMS,
    POSITIONS,
    PEOPLE,
    PERSON_ROLES,
    PLANNED_LEAVES,
    SECONDMENTS,
    COURSES,
    COHORTS,
    ENROLMENTS,
    AGENCY_DUTIES,
    DATASET_DUTIES,
)
"""Every sheet of the register; one refers only to sheets before it."""
