"""What agencies ask to have hosted."""

from collections.abc import Mapping
from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field, Series, Sheet
from reports.sheets.fields import CLEARANCE_NAME, code, reference

STATUSES: Final[Mapping[str, LocalText]] = {
    "draft": LocalText("ฉบับร่าง", "draft"),
    "submitted": LocalText("ส่งแล้ว", "submitted"),
    "returned": LocalText("ส่งกลับแก้ไข", "returned"),
    "approved": LocalText("อนุมัติแล้ว", "approved"),
    "withdrawn": LocalText("ถอนเรื่องแล้ว", "withdrawn"),
}

REQUIREMENTS: Final = Sheet(
    "requirements",
    LocalText("ความต้องการ", "Requirements"),
    N_("What agencies ask to have hosted, one row each, with the demand of every resource type and fiscal year."),
    (
        code(N_("Code of the requirement; a new one adds a requirement, a known one changes it.")),
        Field("title", LocalText("ชื่อระบบ", "Title"), "text", N_("What is to be hosted."), required=True, width=44),
        reference("agency", LocalText("หน่วยงาน", "Agency"), "agencies", N_("Code of the agency that asks.")),
        reference("priority", LocalText("ลำดับความสำคัญ", "Priority"), "priorities", N_("Code of the priority.")),
        reference(
            "clearance", CLEARANCE_NAME, "clearances", N_("Class of the data; only sites of it or higher may host.")
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
        reference(
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
