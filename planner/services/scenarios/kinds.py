"""What a scenario may change: the kinds of adjustments, and what each says, as columns of the row model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from planner.errors import NotFoundError
from planner.services import wording
from planner.text import N_, LocalText
from reports.columns import Field

LARGEST_CHANGE: Final = 9.0
"""Ten times as much; what is more is a slip of the pen."""

BUDGETS: Final[Mapping[str, LocalText]] = {
    "capex": LocalText("วงเงินลงทุน", "Capex limit"),
    "opex": LocalText("วงเงินค่าใช้จ่ายดำเนินการ", "Running cost limit"),
    "moves": LocalText("เพดานการย้ายข้อมูล", "Limit of data moved"),
}
"""The limits of a fiscal year: THB, THB and TB."""
FAIRNESS: Final[Mapping[str, LocalText]] = {
    "leximin": LocalText("ไล่จากกระทรวงที่ได้รับน้อยที่สุดขึ้นไปทุกกระทรวง", "every ministry, from the least served up"),
    "maxmin": LocalText("เฉพาะกระทรวงที่ได้รับน้อยที่สุด", "the least served ministry alone"),
}
GOALS: Final[Mapping[str, str]] = {level: name for level, name in wording.LEVELS.items() if level != "policy"}
"""What may be a level, with its name."""


@dataclass(frozen=True)
class Kind:
    """One kind of adjustment. `swept` is the field that a sweep varies; one that is `promoted` can enter the base."""

    key: str
    title: str
    group: str
    fields: tuple[Field, ...]
    swept: str | None = None
    promoted: bool = True

    def field(self, key: str) -> Field:
        """The field named `key`; `KeyError` if there is none."""
        return {field.key: field for field in self.fields}[key]


OPEN: Final = N_("Leave open for all.")
_MINISTRY: Final = Field("ministry", LocalText("กระทรวง", "Ministry"), "code", OPEN, refers="ministries")
_RESOURCE_TYPE: Final = Field(
    "resource_type", LocalText("ประเภททรัพยากร", "Resource type"), "code", OPEN, refers="resource_types"
)
_PRIORITY: Final = Field("priority", LocalText("ลำดับความสำคัญ", "Priority"), "code", OPEN, refers="priorities")
_SITE: Final = Field("site", LocalText("ศูนย์ข้อมูล", "Data centre"), "code", OPEN, refers="sites")
_EXPANSION: Final = Field(
    "expansion", LocalText("การขยาย", "Expansion"), "code", "", required=True, refers="expansions"
)
_CHANGE: Final = Field(
    "change",
    LocalText("เพิ่มหรือลด", "More or less"),
    "share",
    N_("20 for a fifth more, -20 for a fifth less."),
    required=True,
    low=-1.0,
    high=LARGEST_CHANGE,
)
_FIRST: Final = Field("first", LocalText("ตั้งแต่ปีงบประมาณ", "From fiscal year"), "year", N_("Empty: from the first."))
_LAST: Final = Field("last", LocalText("ถึงปีงบประมาณ", "To fiscal year"), "year", N_("Empty: to the last."))
_BUDGET: Final = Field("budget", LocalText("วงเงินหรือเพดาน", "Limit"), "choice", "", required=True, choices=BUDGETS)
_MODULE_SIZE: Final = Field(
    "module_size", LocalText("ขนาดต่อชุด", "Size of a module"), "number", N_("Usable units that one module adds."),
    positive=True,
)  # fmt: skip
_MODULE_PRICE: Final = Field("module_price", LocalText("ราคาต่อชุด", "Price of a module"), "money", "", unit=N_("THB"))
_LEAD_YEARS: Final = Field(
    "lead_years",
    LocalText("ระยะเวลาจัดหา", "Lead time"),
    "integer",
    N_("Whole years from purchase to use."),
    unit=N_("years"),
    high=100,
)
_MAX_MODULES: Final = Field(
    "max_modules", LocalText("จำนวนชุดสูงสุด", "Most modules"), "number", N_("Over all fiscal years together.")
)
_MODULES: Final = (_MODULE_SIZE, _MODULE_PRICE, _LEAD_YEARS, _MAX_MODULES)
_SHARE: Final = Field(
    "share", LocalText("ส่วนแบ่ง", "Share"), "share", N_("Of what the ministry asks for. Empty: no bound."), high=1.0
)


_CODE: Final = Field("code", LocalText("รหัส", "Code"), "code", N_("A new code, one word."), required=True, longest=40)
_AMOUNT: Final = Field(
    "amount", LocalText("จำนวนต่อปี", "Amount a year"), "money", N_("THB, or TB for data moved. Empty: no limit.")
)
_LEVELS: Final = Field(
    "levels",
    LocalText("เป้าหมายตามลำดับ", "Goals in their order"),
    "choices",
    N_("The first goal counts above all. Leave out what is to count for nothing."),
    required=True,
    choices={level: LocalText("", name) for level, name in GOALS.items()},
)
_FAIRNESS: Final = Field(
    "fairness", LocalText("ความเป็นธรรม", "Fairness"), "choice", "", required=True, choices=FAIRNESS
)
_TOLERANCE: Final = Field(
    "tolerance", LocalText("ส่วนที่ยอมลดได้", "What may be given up"), "share", "", required=True, high=1.0
)
_REQUIREMENT: Final = Field(
    "requirement",
    LocalText("ความต้องการ", "Requirement"),
    "code",
    N_("The code of an approved requirement, such as R-000001."),
    required=True,
    refers="requirements",
)
_PIN_SITE: Final = replace(_SITE, rule=N_("Empty: wherever the plan finds best."))
_ON: Final = Field("on", LocalText("ใช้", "In force"), "flag", "")


def _needed(field: Field) -> Field:
    """The field where it must be filled in."""
    return replace(field, required=True, rule="" if field.rule in {OPEN, _FIRST.rule} else field.rule)


_ALL: Final = (
    Kind("demand", N_("Demand is more or less"), N_("Demand"),
         (_MINISTRY, _RESOURCE_TYPE, _PRIORITY, _CHANGE), "change", promoted=False),
    Kind("site_lost", N_("A data centre is lost"), N_("Data centres"), (_needed(_SITE), _FIRST), "first"),
    Kind("site_delayed", N_("A data centre opens later"), N_("Data centres"),
         (_needed(_SITE), _needed(_FIRST)), "first"),
    Kind("capacity", N_("Capacity is more or less"), N_("Data centres"),
         (_SITE, _RESOURCE_TYPE, _CHANGE, _FIRST, _LAST), "change"),
    Kind("expansion_added", N_("An expansion is offered"), N_("Expansions"),
         (_CODE, _needed(_SITE), _needed(_RESOURCE_TYPE), *map(_needed, _MODULES)), "max_modules"),
    Kind("expansion_changed", N_("An expansion is offered differently"), N_("Expansions"), (_EXPANSION, *_MODULES),
         "module_price"),
    Kind("expansion_removed", N_("An expansion is not offered"), N_("Expansions"), (_EXPANSION,)),
    Kind("budget_changed", N_("A limit is more or less"), N_("Budgets"), (_BUDGET, _CHANGE, _FIRST, _LAST), "change"),
    Kind("budget_set", N_("A limit is set"), N_("Budgets"), (_BUDGET, _AMOUNT, _FIRST, _LAST), "amount"),
    Kind("levels", N_("The goals and their order"), N_("Policy"), (_LEVELS,)),
    Kind("fairness", N_("The kind of fairness"), N_("Policy"), (_FAIRNESS,)),
    Kind("tolerance", N_("How much a goal may give up"), N_("Policy"), (_TOLERANCE,), "tolerance"),
    Kind("floor", N_("The least share of a ministry"), N_("Policy"), (_needed(_MINISTRY), _SHARE), "share"),
    Kind("cap", N_("The greatest share of a ministry"), N_("Policy"), (_needed(_MINISTRY), _SHARE), "share"),
    Kind("pin", N_("Where a requirement is placed"), N_("Policy"), (_REQUIREMENT, _PIN_SITE)),
    Kind("staff_gate", N_("Whether staff limits what is granted"), N_("Policy"), (_ON,)),
    Kind("protect_incumbents", N_("Whether what is hosted is protected"), N_("Policy"), (_ON,)),
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.key: kind for kind in _ALL})
"""Every kind by its key, in the order in which they are offered."""


def kind_named(key: str) -> Kind:
    """The kind called `key`; `NotFoundError` if there is none."""
    if key not in KINDS:
        raise NotFoundError
    return KINDS[key]
