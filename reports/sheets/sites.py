"""Data centres: the sites, their capacity, and what may be added."""

from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field, Series, Sheet
from reports.sheets.fields import CLEARANCE_NAME, RESOURCE_TYPE, SITE, code, names, reference

SITES: Final = Sheet(
    "sites",
    LocalText("ศูนย์ข้อมูล", "Sites"),
    N_("Data centres: where they are, what class of data they may hold, and the years they operate."),
    (
        code(N_("Code of the site.")),
        *names(40),
        reference("region", LocalText("ภูมิภาค", "Region"), "regions", N_("Code of the region.")),
        reference("clearance", CLEARANCE_NAME, "clearances", N_("Highest class of data that the site may hold.")),
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
        SITE,
        RESOURCE_TYPE,
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
        code(N_("Code of the expansion.")),
        *names(44),
        SITE,
        RESOURCE_TYPE,
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
