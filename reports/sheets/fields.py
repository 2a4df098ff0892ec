"""Columns that stand in several sheets of the exchange workbook."""

from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field


def code(rule: str) -> Field:
    """The column that names a row, under the rule of its sheet."""
    return Field("code", LocalText("รหัส", "Code"), "code", rule, required=True, longest=40)


def names(width: float = 44) -> tuple[Field, Field]:
    """The name in both languages, each `width` characters wide."""
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


def reference(key: str, header: LocalText, refers: str, rule: str, *, required: bool = True) -> Field:
    """A column that takes one code of the sheet `refers`."""
    return Field(key, header, "code", rule, required=required, refers=refers, longest=40)


SITE: Final = reference("site", LocalText("ศูนย์ข้อมูล", "Site"), "sites", N_("Code of a site."))
RESOURCE_TYPE: Final = reference(
    "resource_type", LocalText("ประเภททรัพยากร", "Resource type"), "resource_types", N_("Code of a resource type.")
)
CLEARANCE_NAME: Final = LocalText("ระดับชั้นข้อมูล", "Clearance")
