"""The allocation problem as plain values: what there is, what is asked, and the rules that hold.

A `Problem` that exists is valid: building one checks every rule of `docs/problem-format.md` and raises
`InvalidInputError` with all faults at once, each at its path in the problem file. Amounts are in the unit of
their resource type, money is THB, years are CE fiscal years, shares are fractions of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from planner.allocation.validation import require_valid
from planner.text import LocalText

Series: TypeAlias = tuple[float, ...]
"""One number for each fiscal year of the problem, in order."""

STATUTORY: Final = "statutory"
LEVELS: Final = ("statutory", "fairness", "priority", "cost", "moves")
DEFAULT_PRIORITY_WEIGHTS: Final[Mapping[str, float]] = {"high": 4.0, "normal": 2.0, "low": 1.0}


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What sites offer. `movable`: its demand counts as volume when an incumbent moves (storage)."""

    code: str
    unit: str
    movable: bool = False
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Ministry:
    """Who asks."""

    code: str
    name: LocalText


@dataclass(frozen=True, slots=True)
class Agency:
    """A part of a ministry."""

    code: str
    ministry: str
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A failure domain."""

    code: str
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A data centre. Maps go by resource type; an absent resource type is not offered.

    `capacity` is nameplate; usable capacity = nameplate x overcommit (default 1) x (1 - reserve margin (default 0)).
    `running_cost` is THB per unit in use and year (default 0). `start` and `end` bound the years it operates.
    """

    code: str
    region: str
    clearance: str
    capacity: Mapping[str, Series]
    overcommit: Mapping[str, float] = field(default_factory=dict)
    reserve_margin: Mapping[str, float] = field(default_factory=dict)
    running_cost: Mapping[str, Series] = field(default_factory=dict)
    start: int | None = None
    end: int | None = None
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """Modules that may be bought: usable units a module, THB a module, years from purchase to use."""

    code: str
    site: str
    resource_type: str
    module_size: float
    module_price: float
    lead_years: int
    max_modules: float
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an agency asks to have hosted from `start` to `end` (none: to the horizon's end).

    `regions` and `sites` are the codes where it may live (none: anywhere). `copies` is 2 where a standby copy in
    another region is asked for. `incumbent` is the site that hosts it today. `staff_load` is FTE by role.
    """

    code: str
    agency: str
    clearance: str
    demand: Mapping[str, Series]
    start: int
    end: int | None = None
    priority: str = "normal"
    weight: float = 1.0
    regions: tuple[str, ...] | None = None
    sites: tuple[str, ...] | None = None
    copies: int = 1
    divisible: bool = True
    incumbent: str | None = None
    staff_load: Mapping[str, float] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """Full-time equivalents of one role that an agency has, by fiscal year."""

    agency: str
    role: str
    fte: Series


@dataclass(frozen=True, slots=True)
class Policy:
    """What to aim for, in strict order, and the limits that policy sets.

    `tolerance` is how much of its value (relative) a level may give up to the levels below it. Limits are one entry
    per fiscal year, None for no limit. `floors` and `caps` bound a ministry's service share; `pins` ask that a
    requirement be placed at a site.
    """

    levels: tuple[str, ...] = LEVELS
    tolerance: float = 1e-3
    priority_weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_PRIORITY_WEIGHTS))
    standby_ratio: Mapping[str, float] = field(default_factory=dict)
    capex_limit: tuple[float | None, ...] | None = None
    opex_limit: tuple[float | None, ...] | None = None
    move_limit_tb: tuple[float | None, ...] | None = None
    staff_gate: bool = False
    protect_incumbents: bool = True
    fairness: Literal["leximin", "maxmin"] = "leximin"
    floors: Mapping[str, float] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """One allocation problem, complete and valid. `clearances` runs from low to high."""

    fiscal_years: tuple[int, ...]
    resource_types: tuple[ResourceType, ...]
    ministries: tuple[Ministry, ...]
    agencies: tuple[Agency, ...]
    regions: tuple[Region, ...]
    clearances: tuple[str, ...]
    sites: tuple[Site, ...]
    requirements: Sequence[Requirement]
    expansions: tuple[Expansion, ...] = ()
    staff: tuple[Staff, ...] = ()
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        require_valid(self)
