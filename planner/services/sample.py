"""The sample: made-up data of a realistic size, drawn from a seed, as the workbook that users could upload.

Ministries are those of `planner/sample/ministries.csv`; names of agencies are the usual ones as far as they are known
and numbered where they are not. Everything else (systems, datasets, amounts, sites, prices, people) is synthetic and
says so.
"""

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from planner.i18n import DEFAULT_LANGUAGE, translator
from planner.services.sample_datasets import build_datasets
from planner.services.sample_workforce import build_staff
from planner.text import LocalText
from reports.columns import SeriesKey, Values
from reports.template import Exchange, write_workbook

SEED: Final = 2570
YEARS: Final = (2027, 2028, 2029, 2030, 2031)
REQUIREMENTS: Final = 3000
LEAST_REQUIREMENTS: Final = 120
MOST_REQUIREMENTS: Final = 20_000
"""How many there are unless asked otherwise, and between which numbers that may be: at least six for each ministry."""
_FOLDER: Final = files("planner") / "sample"

_RESOURCE_TYPES: Final = (
    ("vcpu", "หน่วยประมวลผลเสมือน", "Virtual processors", "vCPU", False, 0.5),
    ("memory", "หน่วยความจำ", "Memory", "GiB", False, 0.5),
    ("hot", "พื้นที่จัดเก็บความเร็วสูง", "Hot storage", "TB", True, 1.0),
    ("archive", "พื้นที่จัดเก็บระยะยาว", "Archive storage", "TB", True, 1.0),
    ("gpu", "หน่วยประมวลผลกราฟิก", "Graphics processors", "GPU", False, 0.5),
)
_STANDBY: Final = {code: ratio for code, *_, ratio in _RESOURCE_TYPES}
_LEAST: Final = {"hot": 0.1, "archive": 0.1, "gpu": 0.1}
"""What is handed out in parts: storage, and graphics processors that are shared."""
_REGIONS: Final = (
    ("central", "ภาคกลาง", "Central"),
    ("north", "ภาคเหนือ", "North"),
    ("northeast", "ภาคตะวันออกเฉียงเหนือ", "Northeast"),
    ("south", "ภาคใต้", "South"),
)
_CLEARANCES: Final = (
    ("open", "เปิดเผย", "Open", 1),
    ("protected", "คุ้มครอง", "Protected", 2),
    ("restricted", "ชั้นความลับ", "Restricted", 3),
)
_PRIORITIES: Final = (
    ("statutory", "ตามกฎหมาย", "Statutory", 1, None, 8),
    ("high", "สูง", "High", 2, 4.0, 24),
    ("normal", "ปกติ", "Normal", 3, 2.0, 45),
    ("low", "ต่ำ", "Low", 4, 1.0, 23),
)
"""Code, names, rank, weight, and the share of requirements in per cent."""

_SITES: Final = (
    ("NBI1", "ศูนย์ข้อมูลภาครัฐ นนทบุรี", "Government data centre Nonthaburi", "central", "restricted", 2027, None),
    ("BKK1", "ศูนย์ข้อมูลภาครัฐ กรุงเทพมหานคร", "Government data centre Bangkok", "central", "protected", 2027, 2029),
    ("PTE1", "ศูนย์ข้อมูลภาครัฐ ปทุมธานี", "Government data centre Pathum Thani", "central", "protected", 2027, None),
    ("CNX1", "ศูนย์ข้อมูลภาครัฐ เชียงใหม่", "Government data centre Chiang Mai", "north", "protected", 2027, None),
    ("KKC1", "ศูนย์ข้อมูลภาครัฐ ขอนแก่น", "Government data centre Khon Kaen", "northeast", "protected", 2027, None),
    ("NMA1", "ศูนย์ข้อมูลภาครัฐ นครราชสีมา", "Government data centre Nakhon Ratchasima", "northeast", "open", 2028, None),
    ("HDY1", "ศูนย์ข้อมูลภาครัฐ หาดใหญ่", "Government data centre Hat Yai", "south", "restricted", 2027, None),
)
_SHARES: Final[Mapping[str, Mapping[str, float]]] = {
    "NBI1": {"vcpu": 0.13, "memory": 0.13, "hot": 0.13, "archive": 0.16, "gpu": 0.09},
    "BKK1": {"vcpu": 0.12, "memory": 0.12, "hot": 0.10, "archive": 0.08, "gpu": 0.10},
    "PTE1": {"vcpu": 0.26, "memory": 0.26, "hot": 0.26, "archive": 0.20, "gpu": 0.36},
    "CNX1": {"vcpu": 0.15, "memory": 0.15, "hot": 0.15, "archive": 0.14, "gpu": 0.12},
    "KKC1": {"vcpu": 0.16, "memory": 0.16, "hot": 0.16, "archive": 0.16, "gpu": 0.13},
    "NMA1": {"vcpu": 0.12, "memory": 0.12, "hot": 0.13, "archive": 0.16, "gpu": 0.08},
    "HDY1": {"vcpu": 0.06, "memory": 0.06, "hot": 0.07, "archive": 0.07},
}
"""Each site's usable capacity as a share of the demand of the middle year."""
_OVERCOMMIT: Final = {"vcpu": 2.0, "memory": 1.1}
_RESERVE_MARGIN: Final = {"vcpu": 0.15, "memory": 0.15, "hot": 0.1, "archive": 0.1, "gpu": 0.05}
_RUNNING_COST: Final = {"vcpu": 3200.0, "memory": 650.0, "hot": 16000.0, "archive": 3600.0, "gpu": 420000.0}
_COST_FACTOR: Final = {"NBI1": 1.12, "BKK1": 1.2, "PTE1": 1.0, "CNX1": 0.96, "KKC1": 0.92, "NMA1": 0.9, "HDY1": 1.05}

_EXPANSIONS: Final = (
    ("NBI1", "vcpu", 2000, 62_000_000, 1, 5),
    ("NBI1", "memory", 8000, 46_000_000, 1, 5),
    ("NBI1", "hot", 400, 38_000_000, 1, 6),
    ("PTE1", "vcpu", 3000, 84_000_000, 1, 6),
    ("PTE1", "memory", 12000, 60_000_000, 1, 6),
    ("PTE1", "gpu", 32, 76_000_000, 1, 6),
    ("KKC1", "archive", 3000, 42_000_000, 1, 6),
    ("KKC1", "hot", 500, 40_000_000, 2, 5),
    ("CNX1", "vcpu", 2000, 58_000_000, 2, 4),
    ("HDY1", "gpu", 16, 41_000_000, 2, 4),
)
"""Site, resource type, module size (unit), module price (THB), lead time (years), most modules."""
_CAPEX_LIMITS: Final = (300e6, 260e6, 220e6, 180e6, 120e6)
_OPEX_LIMITS: Final = (1500e6, 1600e6, 1700e6, 1800e6, 1900e6)

_MACHINES: Final = 400
"""Systems of the typical sizes below that are asked for; where there are more requirements, each is so much smaller."""
_PROFILES: Final[Mapping[str, tuple[float, Mapping[str, float]]]] = {
    "office": (52, {"vcpu": 4, "memory": 12, "hot": 0.15, "archive": 0.1}),
    "registry": (74, {"vcpu": 5, "memory": 24, "hot": 0.5, "archive": 0.4}),
    "analytics": (46, {"vcpu": 6, "memory": 40, "hot": 1.0, "archive": 0.6, "gpu": 0.04}),
    "archive": (28, {"vcpu": 2, "memory": 8, "hot": 0.3, "archive": 9}),
    "imagery": (40, {"vcpu": 5, "memory": 28, "hot": 1.8, "archive": 6, "gpu": 0.06}),
    "ai": (26, {"vcpu": 8, "memory": 56, "hot": 1.0, "archive": 0.6, "gpu": 0.7}),
}
"""Typical number of virtual machines of a system, and what one of them takes."""

_REFORM, _DIGITAL, _HIGHER = dt.date(2002, 10, 3), dt.date(2016, 9, 16), dt.date(2019, 5, 2)
"""Days on which the Act of B.E. 2545 set up the ministries, and the two that came later."""


def build_sample(seed: int = SEED, requirements: int = REQUIREMENTS) -> Exchange:
    """The sample with so many `requirements` as an exchange workbook. The same arguments give the same rows.

    All requirements together ask for about the same, however many they are.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up data, repeatable on purpose
    ministries = _read("ministries.csv")
    agencies = _agencies(ministries)
    asked = _requirements(chance, requirements, ministries, agencies)
    datasets = build_datasets(seed, _read("datasets.csv"), [row["budget_code"] for row in ministries], agencies)
    rows: dict[str, Sequence[Values]] = {
        "ministries": [_ministry(row) for row in ministries],
        "agencies": agencies,
        "regions": [_row(("code", "name_th", "name_en"), region) for region in _REGIONS],
        "clearances": [_row(("code", "name_th", "name_en", "level"), clearance) for clearance in _CLEARANCES],
        "priorities": [_row(("code", "name_th", "name_en", "rank", "weight"), row[:5]) for row in _PRIORITIES],
        "resource_types": [
            _row(("position", "code", "name_th", "name_en", "unit", "movable", "standby_ratio"), (position, *row))
            for position, row in enumerate(_RESOURCE_TYPES, start=1)
        ],
        "fiscal_years": [
            {"year": year, "capex_limit": capex, "opex_limit": opex}
            for year, capex, opex in zip(YEARS, _CAPEX_LIMITS, _OPEX_LIMITS, strict=True)
        ],
        "sites": [
            _row(("code", "name_th", "name_en", "region", "clearance", "from_year", "to_year"), site) for site in _SITES
        ],
        "capacity": _capacity(asked),
        "expansions": [_expansion(expansion) for expansion in _EXPANSIONS],
        "datasets": datasets,
        "requirements": asked,
        **build_staff(seed, agencies, datasets, asked),
    }
    return Exchange(
        title=LocalText("ชุดข้อมูลตัวอย่างของระบบวางแผนความจุศูนย์ข้อมูล", "Sample data of the capacity planner"),
        rows=rows,
        years=YEARS,
        resource_types={code: unit for code, _, _, unit, *_ in _RESOURCE_TYPES},
        synthetic=True,
    )


def sample_workbook(requirements: int = REQUIREMENTS, language: str = DEFAULT_LANGUAGE) -> bytes:
    """The sample as an `.xlsx` file, to import like any other upload."""
    stream = io.BytesIO()
    write_workbook(build_sample(requirements=requirements), translator(language), language, stream)
    return stream.getvalue()


def _read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((_FOLDER / name).read_text(encoding="utf-8").splitlines()))


def _row(keys: Sequence[str], values: Sequence[Any]) -> Values:
    return dict(zip(keys, values, strict=True))


def _ministry(row: Mapping[str, str]) -> Values:
    return {
        "code": row["budget_code"],
        "name_th": row["name_th"],
        "name_en": row["name_en"],
        "letter_th": row["letter_th"],
        "abbreviation_en": row["abbreviation_en"],
        "valid_from": {"MDES": _DIGITAL, "MHESI": _HIGHER}.get(row["abbreviation_en"], _REFORM),
    }


def _agencies(ministries: Sequence[Mapping[str, str]]) -> list[Values]:
    """As many agencies as each ministry has budget units, by name as far as names are listed."""
    known = _read("agencies.csv")
    rows: list[Values] = []
    for ministry in ministries:
        code = ministry["budget_code"]
        names = [(row["name_th"], row["name_en"]) for row in known if row["ministry"] == code]
        for number in range(len(names) + 1, int(ministry["budget_units_2570"]) + 1):
            names.append(
                (f"หน่วยงานลำดับที่ {number} ใน{ministry['name_th']}", f"Agency {number} of the {ministry['name_en']}")
            )
        for number, (thai, english) in enumerate(names, start=1):
            rows.append({"code": f"{code}{number:03d}", "ministry": code, "name_th": thai, "name_en": english})
    return rows


def _shares_of(total: int, weights: Sequence[int], least: int) -> list[int]:
    """`total` split by `weights` in whole numbers of at least `least`, the largest remainders rounded up."""
    rest = total - least * len(weights)
    exact = [rest * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda n: counts[n] - exact[n])
    for n in by_remainder[: rest - sum(counts)]:
        counts[n] += 1
    return [count + least for count in counts]


def _requirements(
    chance: random.Random, total: int, ministries: Sequence[Mapping[str, str]], agencies: Sequence[Values]
) -> list[Values]:
    """`total` rows. An agency that has a system already asks for another part of it."""
    systems = _read("systems.csv")
    counts = _shares_of(total, [int(row["budget_units_2570"]) for row in ministries], least=6)
    rows: list[Values] = []
    for ministry, count in zip(ministries, counts, strict=True):
        code = ministry["budget_code"]
        own = [agency for agency in agencies if agency["ministry"] == code]
        fitting = [system for system in systems if system["ministries"] == code]
        common = [system for system in systems if system["ministries"] == "*"]
        present: Counter[tuple[str, str]] = Counter()
        for _ in range(count):
            agency = chance.choice(own)
            system = chance.choice(fitting if chance.random() < 0.55 else common)
            key = str(agency["code"]), system["title_th"]
            title = system["title_th"] + _part(present[key])
            present[key] += 1
            rows.append(_requirement(chance, len(rows) + 1, agency, {**system, "title_th": title}, _MACHINES / total))
    return rows


def _part(number: int) -> str:
    """What tells the systems of one name in an agency apart."""
    return ("", " (ส่วนภูมิภาค)")[number] if number < 2 else f" ระยะที่ {number}"


def _requirement(chance: random.Random, number: int, agency: Values, system: Mapping[str, str], scale: float) -> Values:
    clearance = system["clearance"]
    priority = chance.choices([row[0] for row in _PRIORITIES], [row[5] for row in _PRIORITIES])[0]
    start = YEARS[0] if chance.random() < 0.72 else chance.choice(YEARS[1:4])
    end = chance.choice([year for year in YEARS if year >= start + 1][:3]) if chance.random() < 0.2 else None
    able = [site for site in _SITES if _CLEARANCE_LEVEL[site[4]] >= _CLEARANCE_LEVEL[clearance]]
    hosted = start == YEARS[0] and chance.random() < 0.35
    incumbent = chance.choice([site[0] for site in able if site[5] == YEARS[0]]) if hosted else None
    regions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    limited = chance.random()
    if limited < 0.09:
        regions = tuple(sorted(chance.sample([region[0] for region in _REGIONS], chance.choice((1, 1, 2)))))
    elif limited < 0.13:
        sites = tuple(sorted(chance.sample([site[0] for site in _SITES], 2)))
    keeps_copy = system["profile"] in {"registry", "archive"} and clearance != "open"
    return {
        "code": f"R-{number:06d}",
        "title": system["title_th"],
        "agency": agency["code"],
        "priority": priority,
        "clearance": clearance,
        "weight": chance.choice((0.8, 1.0, 1.0, 1.0, 1.2, 1.5)),
        "copies": 2 if keeps_copy and chance.random() < (0.6 if priority == "statutory" else 0.2) else 1,
        "divisible": chance.random() >= 0.1,
        "start_year": start,
        "end_year": end,
        "regions": regions,
        "sites": sites,
        "incumbent": incumbent,
        "status": "approved",
        "note": "",
        "demand": _demand(chance, system["profile"], scale, start, end or YEARS[-1]),
    }


def _demand(chance: random.Random, profile: str, scale: float, start: int, end: int) -> dict[SeriesKey, float]:
    """Virtual machines by a skewed draw, times what one takes, growing from year to year; in handy numbers."""
    typical, per_machine = _PROFILES[profile]
    machines = scale * typical * chance.lognormvariate(0.0, 0.65)
    growth = chance.uniform(0.03, 0.14)
    demand: dict[SeriesKey, float] = {}
    for code, each in per_machine.items():
        first = machines * each * chance.uniform(0.7, 1.4)
        for year in range(start, end + 1):
            if amount := _handy(first * (1 + growth) ** (year - start), _LEAST.get(code, 1.0)):
                demand[code, year] = amount
    return demand


def _handy(amount: float, least: float = 1.0) -> float:
    """Rounded to two digits, and to whole units or the `least` there are: 0.8, 46, 380, 2900."""
    step = least if amount < 10 else 1 if amount < 100 else 10 if amount < 1000 else 100 if amount < 10000 else 1000
    return round(round(amount / step) * step, 1)


def _capacity(requirements: Sequence[Values]) -> list[Values]:
    """Nameplate such that usable capacity is each site's share of the middle year's demand, copies included."""
    middle = YEARS[len(YEARS) // 2]
    total = dict.fromkeys(_STANDBY, 0.0)
    for row in requirements:
        demand: Any = row["demand"]
        for (code, year), amount in demand.items():
            if year == middle:
                total[code] += amount * (1 + _STANDBY[code] if row["copies"] == 2 else 1)
    rows: list[Values] = []
    for site, _, _, _, _, first, last in _SITES:
        for code, share in _SHARES[site].items():
            overcommit, margin = _OVERCOMMIT.get(code, 1.0), _RESERVE_MARGIN[code]
            nameplate = _handy(share * total[code] / overcommit / (1 - margin))
            years = [year for year in YEARS if first <= year <= (last or YEARS[-1])]
            price = _RUNNING_COST[code] * _COST_FACTOR[site]
            rows.append(
                {
                    "site": site,
                    "resource_type": code,
                    "overcommit": overcommit,
                    "reserve_margin": margin,
                    "nameplate": {("", year): nameplate for year in years},
                    "running_cost": {("", year): float(round(price * 0.98 ** (year - YEARS[0]), -1)) for year in years},
                }
            )
    return rows


def _expansion(row: tuple[str, str, float, float, int, float]) -> Values:
    site, code, size, price, lead, most = row
    thai, english = next((kind[1], kind[2]) for kind in _RESOURCE_TYPES if kind[0] == code)
    place_th, place_en = next((place[1], place[2]) for place in _SITES if place[0] == site)
    return {
        "code": f"{site}-{code}",
        "name_th": f"ขยาย{thai} {place_th}",
        "name_en": f"More {english.lower()}, {place_en}",
        "site": site,
        "resource_type": code,
        "module_size": float(size),
        "module_price": float(price),
        "lead_years": lead,
        "max_modules": float(most),
    }


_CLEARANCE_LEVEL: Final = {code: level for code, _, _, level in _CLEARANCES}
