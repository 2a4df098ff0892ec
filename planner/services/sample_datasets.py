"""The datasets of the sample: plausible names for each ministry, and everything else drawn from the seed, made up."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from reports.catalogue import READINESS_ITEMS
from reports.columns import Values

DATASETS: Final = 160

_OBJECTIVES: Final = ("mission", "public_service", "law", "policy", "master_plan")
_LICENCES: Final = {"public": ("odc", "cc_by"), "internal": ("unspecified",)}
_PROPOSALS: Final = (
    "เสนอย้ายขึ้นศูนย์ข้อมูลภาครัฐในปีงบประมาณถัดไป",
    "เสนอเชื่อมโยงกับบัญชีข้อมูลภาครัฐและเปิด API",
    "เสนอทำข้อมูลนิรนามก่อนแบ่งปันให้หน่วยงานอื่น",
    "เสนอปรับปรุงคุณภาพข้อมูลร่วมกับหน่วยงานเจ้าของข้อมูลต้นทาง",
    "",
    "",
)
_GROWTH: Final = {"image": 0.35, "video": 0.45, "geotiff": 0.3, "nosql": 0.4}
"""Typical yearly growth by the first format; a tenth where nothing else is said."""
_STEPS: Final = tuple(READINESS_ITEMS)
_FIRST_NAMES: Final = ("สมหญิง", "ธนากร", "วิภาดา", "ปกรณ์", "อรุณี", "ชัยวัฒน์", "ศิริพร", "กิตติ", "มาลี", "ณรงค์")


def build_datasets(
    seed: int, listed: Sequence[Mapping[str, str]], ministries: Sequence[str], agencies: Sequence[Values]
) -> list[Values]:
    """`DATASETS` rows of the sheet of datasets, ministries in turn; those of `listed` first, then the common ones."""
    chance = random.Random(f"{seed} datasets")  # noqa: S311 - made-up data, repeatable on purpose
    common = [row for row in listed if row["ministry"] == "*"]
    waiting = {code: _queue(chance, code, listed, common, agencies) for code in ministries}
    rows: list[Values] = []
    while len(rows) < DATASETS:
        for code in ministries:
            if waiting[code] and len(rows) < DATASETS:
                agency, found = waiting[code].pop(0)
                rows.append(_dataset(chance, len(rows) + 1, agency, found))
    return rows


def _queue(
    chance: random.Random,
    code: str,
    listed: Sequence[Mapping[str, str]],
    common: Sequence[Mapping[str, str]],
    agencies: Sequence[Values],
) -> list[tuple[Values, Mapping[str, str]]]:
    """The datasets of a ministry in the order in which they are taken: its own, then common ones of its agencies."""
    own = [agency for agency in agencies if agency["ministry"] == code]
    special = [(chance.choice(own), row) for row in listed if row["ministry"] == code]
    others = [(agency, row) for agency in own for row in common]
    chance.shuffle(others)
    return special + others


def _dataset(chance: random.Random, number: int, agency: Values, found: Mapping[str, str]) -> Values:
    formats = tuple(found["formats"].split(","))
    personal = found["category"] == "personal" or (found["category"] == "secret" and chance.random() < 0.5)
    progress = chance.choices(range(len(_STEPS) + 1), (6, 4, 4, 3, 3, 2, 2, 2, 3))[0]
    measured = progress > 0 or chance.random() < 0.6
    people = chance.sample(_FIRST_NAMES, 2) if progress > 1 or chance.random() < 0.3 else ["", ""]
    accountable, deputy = (f"คุณ{name} ตัวอย่าง" if name else "" for name in people)
    volume = float(found["tb"]) * chance.lognormvariate(0.0, 0.5)
    return {
        "code": f"D-{number:06d}",
        "title": found["title_th"],
        "agency": agency["code"],
        "data_type": found["type"],
        "contact_name": f"กลุ่มบริหารจัดการข้อมูล {agency['name_th']}",
        "contact_email": f"data-{agency['code']}@example.go.th",
        "keywords": tuple(sorted(found["keywords"].split(","))),
        "description": f"{found['title_th']}ของ{agency['name_th']} (ข้อมูลตัวอย่างที่สังเคราะห์ขึ้น)",
        "objectives": tuple(sorted(chance.sample(_OBJECTIVES, chance.choice((1, 1, 2))))),
        "update_unit": found["update"],
        "update_interval": None if found["update"] in {"real_time", "never"} else 1,
        "coverage": found["coverage"],
        "source": f"ระบบงานของ{agency['name_th']}",
        "formats": tuple(sorted(formats)),
        "category": found["category"],
        "licence": chance.choice(_LICENCES.get(found["category"], ("unspecified",))),
        "catalogue_name": None,
        "clearance": found["clearance"],
        "personal_data": personal,
        "volume_tb": _handy(volume) if measured else None,
        "growth": round(_GROWTH.get(formats[0], 0.1) * chance.uniform(0.6, 1.4), 2),
        "accountable": accountable,
        "deputy": deputy,
        "checked": tuple(sorted(_STEPS[:progress])),
        "proposal": chance.choice(_PROPOSALS),
        "retired": chance.random() < 0.03,
    }


def _handy(volume: float) -> float:
    """Two digits: 0.34, 4.7, 48, 320."""
    return float(f"{volume:.2g}")
