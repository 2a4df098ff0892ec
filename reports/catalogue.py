"""Datasets as Thailand's government data catalogue (GD Catalog) describes them: its choices, and the sheet of them.

Each choice is called in Thai exactly what the catalogue itself writes, so the same tables read and write its JSON.
`docs/datasets.md` names the source.
"""

from collections.abc import Mapping
from typing import Final

from planner.text import N_, LocalText
from reports.columns import Field, Sheet

Choices = Mapping[str, LocalText]

UNKNOWN: Final = LocalText("ไม่ทราบ", "Unknown")
OTHER: Final = LocalText("อื่นๆ", "Other")


def _same(*names: str) -> dict[str, LocalText]:
    """Choices whose name is English in both languages, by their name in small letters without blanks."""
    return {"".join(filter(str.isalnum, name)).lower(): LocalText(name, name) for name in names}


DATA_TYPES: Final[Choices] = {
    "record": LocalText("ข้อมูลระเบียน", "Records"),
    "statistics": LocalText("ข้อมูลสถิติ", "Statistics"),
    "geospatial": LocalText("ข้อมูลภูมิสารสนเทศเชิงพื้นที่", "Geospatial data"),
    "multiple": LocalText("ข้อมูลหลากหลายประเภท", "Several types"),
    "other": LocalText("ข้อมูลประเภทอื่นๆ", "Other types"),
}
OBJECTIVES: Final[Choices] = {
    "strategy": LocalText("ยุทธศาสตร์ชาติ", "National strategy"),
    "development_plan": LocalText("แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ", "National economic and social development plan"),
    "security_plan": LocalText("แผนความมั่นคงแห่งชาติ", "National security plan"),
    "master_plan": LocalText("แผนแม่บทภายใต้ยุทธศาสตร์ชาติ", "Master plan under the national strategy"),
    "reform_plan": LocalText("แผนปฏิรูปประเทศ", "National reform plan"),
    "level_3_plan": LocalText(
        "แผนระดับที่ 3 (มติครม. 4 ธ.ค. 2560)", "Level 3 plan (cabinet resolution of 4 December 2017)"
    ),
    "policy": LocalText("นโยบายรัฐบาล/ข้อสั่งการนายกรัฐมนตรี", "Government policy or order of the prime minister"),
    "cabinet": LocalText("มติคณะรัฐมนตรี", "Cabinet resolution"),
    "public_service": LocalText("เพื่อการให้บริการประชาชน", "Service to the public"),
    "law": LocalText("กฎหมายที่เกี่ยวข้อง", "Law"),
    "mission": LocalText("พันธกิจหน่วยงาน", "Mission of the agency"),
    "index": LocalText("ดัชนี/ตัวชี้วัดระดับนานาชาติ", "International index or indicator"),
    "unknown": UNKNOWN,
    "other": OTHER,
}
UPDATE_UNITS: Final[Choices] = {
    "year": LocalText("ปี", "Year"),
    "half_year": LocalText("ครึ่งปี", "Half year"),
    "quarter": LocalText("ไตรมาส", "Quarter"),
    "month": LocalText("เดือน", "Month"),
    "week": LocalText("สัปดาห์", "Week"),
    "day": LocalText("วัน", "Day"),
    "working_day": LocalText("วันทำการ", "Working day"),
    "hour": LocalText("ชั่วโมง", "Hour"),
    "minute": LocalText("นาที", "Minute"),
    "real_time": LocalText("ตามเวลาจริง", "Real time"),
    "never": LocalText("ไม่มีการปรับปรุงหลังจากการจัดเก็บข้อมูล", "Not updated after collection"),
    "unknown": UNKNOWN,
    "other": OTHER,
}
COVERAGES: Final[Choices] = {
    "none": LocalText("ไม่มี", "None"),
    "world": LocalText("โลก", "World"),
    "continent": LocalText("ทวีป/กลุ่มประเทศในทวีป", "Continent or a part of it"),
    "economic_group": LocalText("กลุ่มประเทศทางเศรษฐกิจ", "Economic group of countries"),
    "country": LocalText("ประเทศ", "Country"),
    "region": LocalText("ภาค", "Region"),
    "province": LocalText("จังหวัด", "Province"),
    "district": LocalText("อำเภอ", "District"),
    "subdistrict": LocalText("ตำบล", "Subdistrict"),
    "village": LocalText("หมู่บ้าน", "Village"),
    "municipality": LocalText("เทศบาล/อบต.", "Municipality"),
    "coordinates": LocalText("พิกัด", "Coordinates"),
    "unknown": UNKNOWN,
    "other": OTHER,
}
MACHINE_READABLE: Final = _same(
    "Database", "CSV", "XML", "JSON", "XLS", "RDF", "NoSQL", "Arc/Info Coverage", "Shapefile", "GeoTiff", "GML"
)
"""Formats that a program can take in without a person."""
FORMATS: Final[Choices] = {
    **MACHINE_READABLE,
    **_same("Image", "Video", "Audio", "Text", "HTML", "PDF"),
    "unknown": UNKNOWN,
    "other": OTHER,
}
CATEGORIES: Final[Choices] = {
    "public": LocalText("ข้อมูลสาธารณะ", "Public"),
    "internal": LocalText("ข้อมูลใช้ภายใน", "Internal use"),
    "personal": LocalText("ข้อมูลส่วนบุคคล", "Personal"),
    "secret": LocalText("ข้อมูลความลับทางราชการ", "Official secret"),
    "security": LocalText("ข้อมูลความมั่นคง", "National security"),
}
LICENCES: Final[Choices] = {
    "unspecified": LocalText("License not specified", "License not specified"),
    "cc_by": LocalText("Creative Commons Attributions", "Creative Commons Attributions"),
    "cc_by_sa": LocalText("Creative Commons Attribution Share-Alike", "Creative Commons Attribution Share-Alike"),
    "cc_nc": LocalText("Creative Commons Non-Commercial (Any)", "Creative Commons Non-Commercial (Any)"),
    "odc": LocalText("Open Data Common", "Open Data Common"),
    "gfdl": LocalText("GNU Free Documentation License", "GNU Free Documentation License"),
    "other": OTHER,
}
READINESS_ITEMS: Final[Choices] = {
    "dictionary": LocalText("มีพจนานุกรมข้อมูล", "Data dictionary"),
    "classification": LocalText("ยืนยันชั้นข้อมูลแล้ว", "Classification confirmed"),
    "legal_basis": LocalText("บันทึกฐานกฎหมายแล้ว", "Legal basis recorded"),
    "quality": LocalText("ตรวจคุณภาพแล้ว", "Quality checked"),
    "access_rules": LocalText("มีเงื่อนไขการเข้าถึง", "Rules of access"),
    "transfer": LocalText("ตกลงวิธีย้ายแล้ว", "Transfer agreed"),
    "recovery": LocalText("กำหนดการสำรองแล้ว", "Backup decided"),
    "retention": LocalText("กำหนดระยะเก็บแล้ว", "Retention decided"),
}
"""What people tick; `planner.services.datasets.readiness` says what each is and to which level it belongs."""


def _text(key: str, header: LocalText, rule: str, *, longest: int = 300, width: float = 28) -> Field:
    return Field(key, header, "text", rule, required=True, longest=longest, width=width)


def _choice(key: str, header: LocalText, rule: str, choices: Choices) -> Field:
    return Field(key, header, "choice", rule, required=True, choices=choices, width=22)


def _choices(key: str, header: LocalText, rule: str, choices: Choices) -> Field:
    return Field(key, header, "choices", rule, required=True, choices=choices, longest=300, width=28)


DESCRIPTION: Final[tuple[Field, ...]] = (
    _text("title", LocalText("ชื่อชุดข้อมูล", "Dataset"), N_("What the dataset is called."), width=44),
    Field(
        "agency",
        LocalText("หน่วยงานเจ้าของ", "Owner"),
        "code",
        N_("Agency that owns it."),
        required=True,
        refers="agencies",
        longest=40,
    ),
    _choice("data_type", LocalText("ประเภทชุดข้อมูล", "Data type"), N_("What kind of data it is."), DATA_TYPES),
    _text("contact_name", LocalText("ชื่อผู้ติดต่อ", "Contact"), N_("Office or person to ask about it.")),
    Field(
        "contact_email",
        LocalText("อีเมลผู้ติดต่อ", "Contact e-mail"),
        "email",
        N_("Their e-mail address."),
        required=True,
        longest=254,
        width=28,
    ),
    Field(
        "keywords",
        LocalText("คำสำคัญ", "Keywords"),
        "words",
        N_("Words to find it by, separated by commas."),
        required=True,
        longest=900,
        width=28,
    ),
    _text(
        "description",
        LocalText("รายละเอียด", "Description"),
        N_("What it holds, in a few sentences."),
        longest=4000,
        width=48,
    ),
    _choices(
        "objectives",
        LocalText("วัตถุประสงค์", "Objectives"),
        N_("Why it is kept; one or more."),
        OBJECTIVES,
    ),
    _choice(
        "update_unit",
        LocalText("หน่วยความถี่ของการปรับปรุง", "Update unit"),
        N_("The unit in which the frequency of its updates is given."),
        UPDATE_UNITS,
    ),
    _choice(
        "coverage",
        LocalText("ขอบเขตเชิงภูมิศาสตร์", "Geographic coverage"),
        N_("The smallest area that it tells apart."),
        COVERAGES,
    ),
    _text("source", LocalText("แหล่งที่มา", "Source"), N_("Where the data comes from."), longest=1000),
    _choices(
        "formats",
        LocalText("รูปแบบการเก็บข้อมูล", "Formats"),
        N_("How it is stored; one or more."),
        FORMATS,
    ),
    _choice(
        "category",
        LocalText("หมวดหมู่ตามธรรมาภิบาลข้อมูล", "Governance category"),
        N_("Category under the framework of data governance for government."),
        CATEGORIES,
    ),
    _choice("licence", LocalText("สัญญาอนุญาต", "Licence"), N_("The licence under which others may use it."), LICENCES),
)
"""The fourteen fields that the catalogue asks of every dataset."""

MORE_DESCRIPTION: Final[tuple[Field, ...]] = (
    Field(
        "update_interval",
        LocalText("ค่าความถี่ของการปรับปรุง", "Update interval"),
        "integer",
        N_("How many times it is updated within the unit, such as 2 for twice a month."),
        low=1,
        high=1000,
    ),
    Field(
        "catalogue_name",
        LocalText("ชื่อในบัญชีข้อมูล", "Catalogue name"),
        "code",
        N_("Name of the dataset in the government data catalogue, if it is there."),
        longest=100,
        width=24,
    ),
)
"""What the catalogue may also hold."""

PLANNING: Final[tuple[Field, ...]] = (
    Field(
        "clearance",
        LocalText("ระดับชั้นข้อมูล", "Clearance"),
        "code",
        N_("Class of the data; only sites of it or higher may host it."),
        required=True,
        refers="clearances",
        longest=40,
    ),
    Field(
        "personal_data",
        LocalText("มีข้อมูลส่วนบุคคล", "Personal data"),
        "flag",
        N_("Yes if anything in it can be traced to a person."),
        required=True,
    ),
    Field(
        "volume_tb",
        LocalText("ปริมาณข้อมูล", "Volume"),
        "number",
        N_("How much it takes up today; empty if it has not been measured."),
        unit=N_("TB"),
        high=1e9,
    ),
    Field(
        "growth",
        LocalText("อัตราการเติบโตต่อปี", "Yearly growth"),
        "share",
        N_("Share by which it grows in a year, such as 20% or 0.2; 0 if empty."),
        default=0.0,
        high=100,
    ),
    Field(
        "accountable",
        LocalText("ผู้รับผิดชอบ", "Accountable person"),
        "text",
        N_("Name of the person who answers for the dataset."),
        default="",
        width=26,
    ),
    Field(
        "deputy",
        LocalText("ผู้รับผิดชอบสำรอง", "Deputy"),
        "text",
        N_("Name of another person who answers for it in their absence."),
        default="",
        width=26,
    ),
    Field(
        "checked",
        LocalText("ความพร้อมที่ตรวจแล้ว", "Readiness checked"),
        "choices",
        N_("Items of the readiness checklist that hold."),
        default=(),
        choices=READINESS_ITEMS,
        longest=400,
        width=36,
    ),
    Field(
        "proposal",
        LocalText("ข้อเสนอขั้นต่อไป", "Proposed next"),
        "text",
        N_("What the agency proposes to do with it next."),
        default="",
        longest=2000,
        width=36,
    ),
    Field(
        "retired",
        LocalText("เลิกใช้แล้ว", "Retired"),
        "flag",
        N_("Yes if it is no longer kept; no if empty."),
        default=False,
    ),
)
"""What planning asks beyond the catalogue."""

DATASETS: Final = Sheet(
    "datasets",
    LocalText("ชุดข้อมูล", "Datasets"),
    N_("The inventory of datasets, one row each, with the fields of the government data catalogue."),
    (
        Field(
            "code",
            LocalText("รหัส", "Code"),
            "code",
            N_("Code of the dataset; a new one adds a dataset, a known one changes it."),
            required=True,
            longest=40,
        ),
        *DESCRIPTION,
        *MORE_DESCRIPTION,
        *PLANNING,
    ),
)
