"""Reference data: who asks, in which words a requirement is classed, and the years of the plan."""

from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field, Sheet
from reports.sheets.fields import code, names, reference

MINISTRIES: Final = Sheet(
    "ministries",
    LocalText("กระทรวง", "Ministries"),
    N_("Ministries with their budget codes and the days they are valid."),
    (
        code(N_("Budget code of the ministry.")),
        *names(),
        Field(
            "letter_th", LocalText("อักษรย่อ", "Thai letters"), "text", N_("Thai abbreviation."), default="", longest=10
        ),
        Field(
            "abbreviation_en",
            LocalText("อักษรย่อภาษาอังกฤษ", "English letters"),
            "text",
            N_("English abbreviation."),
            default="",
            longest=20,
        ),
        Field(
            "valid_from",
            LocalText("ใช้ตั้งแต่", "Valid from"),
            "date",
            N_("First day of the ministry."),
            required=True,
            width=20,
        ),
        Field(
            "valid_to",
            LocalText("ใช้ถึง", "Valid to"),
            "date",
            N_("Day on which the ministry ended; empty while it stands."),
            width=20,
        ),
    ),
)

AGENCIES: Final = Sheet(
    "agencies",
    LocalText("หน่วยงาน", "Agencies"),
    N_("Agencies (budget units) and the ministry each belongs to."),
    (
        code(N_("Code of the agency.")),
        reference("ministry", LocalText("กระทรวง", "Ministry"), "ministries", N_("Budget code of the ministry.")),
        *names(56),
    ),
)

REGIONS: Final = Sheet(
    "regions",
    LocalText("ภูมิภาค", "Regions"),
    N_("Failure domains: a standby copy stands in another region than the primary."),
    (code(N_("Code of the region.")), *names(36)),
)

CLEARANCES: Final = Sheet(
    "clearances",
    LocalText("ระดับชั้นข้อมูล", "Clearances"),
    N_("Classes of data from low to high; a site of one class may host that class and every lower one."),
    (
        code(N_("Code of the clearance.")),
        *names(36),
        Field(
            "level",
            LocalText("ระดับ", "Level"),
            "integer",
            N_("Whole number, higher for better protected; no two alike."),
            required=True,
            high=1000,
        ),
    ),
    unique=("level",),
)

PRIORITIES: Final = Sheet(
    "priorities",
    LocalText("ลำดับความสำคัญ", "Priorities"),
    N_("How urgent a requirement may be; the code statutory comes before all others and has no weight."),
    (
        code(N_("Code of the priority.")),
        *names(36),
        Field(
            "rank",
            LocalText("ลำดับ", "Rank"),
            "integer",
            N_("Whole number, 1 for the most urgent; no two alike."),
            required=True,
            low=1,
            high=1000,
        ),
        Field(
            "weight",
            LocalText("น้ำหนัก", "Weight"),
            "number",
            N_("Greater than zero; empty for statutory alone."),
            positive=True,
            high=1e6,
        ),
    ),
    unique=("rank",),
)

RESOURCE_TYPES: Final = Sheet(
    "resource_types",
    LocalText("ประเภททรัพยากร", "Resource types"),
    N_("What sites offer and requirements ask for, each in its own unit."),
    (
        code(N_("Code of the resource type; it heads the demand columns.")),
        *names(36),
        Field(
            "unit",
            LocalText("หน่วยนับ", "Unit"),
            "text",
            N_("Unit of every amount of this type."),
            required=True,
            longest=20,
        ),
        Field(
            "position",
            LocalText("ลำดับที่แสดง", "Position"),
            "integer",
            N_("Whole number, the order of display; no two alike."),
            required=True,
            high=1000,
        ),
        Field(
            "movable",
            LocalText("นับปริมาณการย้าย", "Movable"),
            "flag",
            N_("Yes if its volume counts when a system moves (storage)."),
            default=False,
        ),
        Field(
            "standby_ratio",
            LocalText("สัดส่วนของสำเนาสำรอง", "Standby ratio"),
            "share",
            N_("Share of the primary's demand that a standby copy holds, 0 to 1."),
            default=1.0,
            high=1,
            width=20,
        ),
    ),
    unique=("position",),
)

FISCAL_YEARS: Final = Sheet(
    "fiscal_years",
    LocalText("ปีงบประมาณ", "Fiscal years"),
    N_("The years of the plan, one after another, with their spending limits."),
    (
        Field(
            "year",
            LocalText("ปีงบประมาณ", "Fiscal year"),
            "year",
            N_("Fiscal year, BE or CE, one era in the whole file."),
            required=True,
        ),
        Field(
            "capex_limit",
            LocalText("วงเงินลงทุน", "Capex limit"),
            "money",
            N_("Most that may be invested in the year; empty for no limit."),
            unit=N_("THB"),
            width=22,
        ),
        Field(
            "opex_limit",
            LocalText("วงเงินดำเนินงาน", "Opex limit"),
            "money",
            N_("Most that may be spent on running in the year; empty for no limit."),
            unit=N_("THB"),
            width=22,
        ),
        Field(
            "move_limit_tb",
            LocalText("ปริมาณการย้ายสูงสุด", "Move limit"),
            "number",
            N_("Most data that may be moved between sites in the year; empty for no limit."),
            unit=N_("TB"),
            width=22,
        ),
    ),
    identity=("year",),
)
