"""The one column specification: every sheet of the exchange workbook, as template, reader and export follow it.

A workbook holds any subset of `SHEETS`.
"""

from collections.abc import Mapping
from typing import Final

from planner.text import N_, LocalText
from reports.catalogue import DATASETS
from reports.columns import Field, Series, Sheet


def _code(rule: str) -> Field:
    return Field("code", LocalText("รหัส", "Code"), "code", rule, required=True, longest=40)


def _names(width: float = 44) -> tuple[Field, Field]:
    return (
        Field("name_th", LocalText("ชื่อภาษาไทย", "Thai name"), "text", N_("Name in Thai."), required=True, width=width),
        Field(
            "name_en",
            LocalText("ชื่อภาษาอังกฤษ", "English name"),
            "text",
            N_("Name in English."),
            required=True,
            width=width,
        ),
    )


def _reference(key: str, header: LocalText, refers: str, rule: str, *, required: bool = True) -> Field:
    return Field(key, header, "code", rule, required=required, refers=refers, longest=40)


_SITE: Final = _reference("site", LocalText("ศูนย์ข้อมูล", "Site"), "sites", N_("Code of a site."))
_RESOURCE_TYPE: Final = _reference(
    "resource_type", LocalText("ประเภททรัพยากร", "Resource type"), "resource_types", N_("Code of a resource type.")
)
_CLEARANCE: Final = LocalText("ระดับชั้นข้อมูล", "Clearance")

STATUSES: Final[Mapping[str, LocalText]] = {
    "draft": LocalText("ฉบับร่าง", "draft"),
    "submitted": LocalText("ส่งแล้ว", "submitted"),
    "returned": LocalText("ส่งกลับแก้ไข", "returned"),
    "approved": LocalText("อนุมัติแล้ว", "approved"),
    "withdrawn": LocalText("ถอนเรื่องแล้ว", "withdrawn"),
}

MINISTRIES: Final = Sheet(
    "ministries",
    LocalText("กระทรวง", "Ministries"),
    N_("Ministries with their budget codes and the days they are valid."),
    (
        _code(N_("Budget code of the ministry.")),
        *_names(),
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
        _code(N_("Code of the agency.")),
        _reference("ministry", LocalText("กระทรวง", "Ministry"), "ministries", N_("Budget code of the ministry.")),
        *_names(56),
    ),
)

REGIONS: Final = Sheet(
    "regions",
    LocalText("ภูมิภาค", "Regions"),
    N_("Failure domains: a standby copy stands in another region than the primary."),
    (_code(N_("Code of the region.")), *_names(36)),
)

CLEARANCES: Final = Sheet(
    "clearances",
    LocalText("ระดับชั้นข้อมูล", "Clearances"),
    N_("Classes of data from low to high; a site of one class may host that class and every lower one."),
    (
        _code(N_("Code of the clearance.")),
        *_names(36),
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
        _code(N_("Code of the priority.")),
        *_names(36),
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
        _code(N_("Code of the resource type; it heads the demand columns.")),
        *_names(36),
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

SITES: Final = Sheet(
    "sites",
    LocalText("ศูนย์ข้อมูล", "Sites"),
    N_("Data centres: where they are, what class of data they may hold, and the years they operate."),
    (
        _code(N_("Code of the site.")),
        *_names(40),
        _reference("region", LocalText("ภูมิภาค", "Region"), "regions", N_("Code of the region.")),
        _reference("clearance", _CLEARANCE, "clearances", N_("Highest class of data that the site may hold.")),
        Field(
            "from_year",
            LocalText("ตั้งแต่ปีงบประมาณ", "From year"),
            "year",
            N_("First fiscal year of operation."),
            required=True,
        ),
        Field(
            "to_year",
            LocalText("ถึงปีงบประมาณ", "To year"),
            "year",
            N_("Last fiscal year of operation; empty if none is known."),
        ),
    ),
)

CAPACITY: Final = Sheet(
    "capacity",
    LocalText("ความจุ", "Capacity"),
    N_("What each site offers of each resource type: nameplate and running cost by fiscal year."),
    (
        _SITE,
        _RESOURCE_TYPE,
        Field(
            "overcommit",
            LocalText("อัตราการจัดสรรเกิน", "Overcommit"),
            "number",
            N_("Usable units for each nameplate unit, greater than zero; 1 if empty."),
            default=1.0,
            positive=True,
            high=1000,
        ),
        Field(
            "reserve_margin",
            LocalText("ส่วนสำรอง", "Reserve margin"),
            "share",
            N_("Share held back, from 0 to below 1; 0 if empty."),
            default=0.0,
            high=0.999999,
        ),
    ),
    (
        Series(
            "nameplate",
            LocalText("ความจุติดตั้ง", "Nameplate"),
            "number",
            N_("Nameplate capacity of the fiscal year, in the unit of the resource type."),
            width=15,
        ),
        Series(
            "running_cost",
            LocalText("ค่าใช้จ่ายดำเนินงาน", "Running cost"),
            "money",
            N_("Running cost of one unit in use for the fiscal year."),
            unit=N_("THB"),
            width=17,
        ),
    ),
    identity=("site", "resource_type"),
)

EXPANSIONS: Final = Sheet(
    "expansions",
    LocalText("การขยาย", "Expansions"),
    N_("Modules that may be bought for a site, under the capex limit of the year of purchase."),
    (
        _code(N_("Code of the expansion.")),
        *_names(44),
        _SITE,
        _RESOURCE_TYPE,
        Field(
            "module_size",
            LocalText("ความจุต่อชุด", "Module size"),
            "number",
            N_("Usable units that one module adds, greater than zero."),
            required=True,
            positive=True,
        ),
        Field(
            "module_price",
            LocalText("ราคาต่อชุด", "Module price"),
            "money",
            N_("Price of one module."),
            required=True,
            unit=N_("THB"),
            width=18,
        ),
        Field(
            "lead_years",
            LocalText("ระยะเวลาจัดหา", "Lead time"),
            "integer",
            N_("Whole years from purchase to use."),
            required=True,
            unit=N_("years"),
            high=100,
        ),
        Field(
            "max_modules",
            LocalText("จำนวนชุดสูงสุด", "Most modules"),
            "number",
            N_("Most modules that can be bought over the whole plan."),
            required=True,
        ),
    ),
)

REQUIREMENTS: Final = Sheet(
    "requirements",
    LocalText("ความต้องการ", "Requirements"),
    N_("What agencies ask to have hosted, one row each, with the demand of every resource type and fiscal year."),
    (
        _code(N_("Code of the requirement; a new one adds a requirement, a known one changes it.")),
        Field("title", LocalText("ชื่อระบบ", "Title"), "text", N_("What is to be hosted."), required=True, width=44),
        _reference("agency", LocalText("หน่วยงาน", "Agency"), "agencies", N_("Code of the agency that asks.")),
        _reference("priority", LocalText("ลำดับความสำคัญ", "Priority"), "priorities", N_("Code of the priority.")),
        _reference(
            "clearance", _CLEARANCE, "clearances", N_("Class of the data; only sites of it or higher may host.")
        ),
        Field(
            "weight",
            LocalText("น้ำหนัก", "Weight"),
            "number",
            N_("Score of the review, greater than zero, set by DE alone; empty leaves it as it is, 1 for a new one."),
            default=1.0,
            kept=True,
            positive=True,
            high=1e6,
            width=11,
        ),
        Field(
            "copies",
            LocalText("จำนวนสำเนา", "Copies"),
            "integer",
            N_("1, or 2 for a standby copy in another region; 1 if empty."),
            default=1,
            low=1,
            high=2,
            width=11,
        ),
        Field(
            "divisible",
            LocalText("จัดสรรบางส่วนได้", "Divisible"),
            "flag",
            N_("No if it must be placed whole or not at all; yes if empty."),
            default=True,
            width=11,
        ),
        Field(
            "start_year",
            LocalText("ตั้งแต่ปีงบประมาณ", "Start year"),
            "year",
            N_("First fiscal year of need, one of the plan's years."),
            required=True,
        ),
        Field(
            "end_year",
            LocalText("ถึงปีงบประมาณ", "End year"),
            "year",
            N_("Last fiscal year of need; empty for the end of the plan."),
        ),
        Field(
            "regions",
            LocalText("ภูมิภาคที่อนุญาต", "Allowed regions"),
            "codes",
            N_("Codes of regions, separated by commas; empty for any."),
            refers="regions",
            default=(),
            width=18,
        ),
        Field(
            "sites",
            LocalText("ศูนย์ข้อมูลที่อนุญาต", "Allowed sites"),
            "codes",
            N_("Codes of sites, separated by commas; empty for any."),
            refers="sites",
            default=(),
            width=18,
        ),
        _reference(
            "incumbent",
            LocalText("ศูนย์ข้อมูลปัจจุบัน", "Present site"),
            "sites",
            N_("Code of the site that hosts it today, if any."),
            required=False,
        ),
        Field(
            "status",
            LocalText("สถานะ", "Status"),
            "choice",
            N_("Where the requirement stands; draft if a new one has none."),
            default="draft",
            choices=STATUSES,
        ),
        Field(
            "note",
            LocalText("หมายเหตุ", "Note"),
            "text",
            N_("Anything a reviewer should know."),
            default="",
            longest=2000,
            width=36,
        ),
    ),
    (
        Series(
            "demand",
            LocalText("ความต้องการ", "Demand"),
            "number",
            N_("Demand of the fiscal year, in the unit of the resource type; empty for none."),
            by_type=True,
        ),
    ),
)

SHEETS: Final = {
    sheet.key: sheet
    for sheet in (
        MINISTRIES,
        AGENCIES,
        REGIONS,
        CLEARANCES,
        PRIORITIES,
        RESOURCE_TYPES,
        FISCAL_YEARS,
        SITES,
        CAPACITY,
        EXPANSIONS,
        DATASETS,
        REQUIREMENTS,
    )
}
"""Every sheet by its key; a sheet refers only to sheets before it."""
