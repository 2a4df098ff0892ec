"""The inventory: the list of datasets, and one dataset with its description, its volume to come and its readiness."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, false, select, type_coerce
from sqlalchemy.orm import Session, contains_eager, joinedload

from models import Agency, Clearance, Dataset, Ministry
from models import FiscalYear as Year
from planner.errors import NotFoundError
from planner.services.datasets.readiness import LEVEL_NAMES, LEVELS, level_phrase, level_reached
from planner.services.lists import AnySelect, ListFilter, Listing, Sorts, load_slice, matches, sorted_by
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.catalogue import CATEGORIES, DATASETS, DESCRIPTION, MORE_DESCRIPTION, PLANNING
from reports.columns import Field, Values
from reports.values import Cell, Column, Fact, Kind, Table

COLUMNS: Final = (
    Column("code", N_("Code"), "code"),
    Column("title", N_("Dataset")),
    Column("ministry", N_("Ministry")),
    Column("agency", N_("Agency")),
    Column("clearance", N_("Clearance")),
    Column("personal", N_("Personal data")),
    Column("volume", N_("Volume"), "number", "TB"),
    Column("growth", N_("Yearly growth"), "share"),
    Column("readiness", N_("Readiness")),
    Column("accountable", N_("Accountable person")),
)
SORTABLE: Final = tuple(column.key for column in COLUMNS)
"""The keys that the list may be sorted by: titles as a Thai dictionary has them, names by their codes."""
RETIRED: Final = "retired"


@dataclass(frozen=True)
class DatasetFilter(ListFilter):
    """Which datasets: codes narrow, an unknown one to nothing; `text` is looked for in codes, titles, words, agencies.

    `readiness` is a level's number, which leaves out retired ones, or "retired"; `personal` is "yes" or "no".
    """

    ministry: str | None = None
    agency: str | None = None
    category: str | None = None
    clearance: str | None = None
    personal: str | None = None
    readiness: str | None = None


@dataclass(frozen=True)
class DatasetChoices:
    """What the list may be narrowed to: codes and what they are called."""

    ministries: tuple[tuple[str, LocalText], ...]
    agencies: tuple[tuple[str, LocalText], ...]
    categories: tuple[tuple[str, LocalText], ...]
    clearances: tuple[tuple[str, LocalText], ...]
    personal: tuple[tuple[str, Phrase], ...]
    readiness: tuple[tuple[str, Phrase], ...]


@dataclass(frozen=True)
class ItemState:
    """One line of the checklist as it stands; `is_ticked` says that people tick it, others follow from the fields."""

    key: str
    text: str
    holds: bool
    is_ticked: bool


@dataclass(frozen=True)
class LevelState:
    """A level of readiness, whether it has been reached, and its lines."""

    number: int
    name: str
    reached: bool
    items: tuple[ItemState, ...]


@dataclass(frozen=True)
class DatasetDetail:
    """One dataset in plain values.

    `described` are the other fields of the catalogue, `planned` what planning asks beyond them, `volumes` its volume by
    fiscal year as it grows.
    """

    code: str
    title: str
    version: int
    retired: bool
    readiness: Phrase
    description: str
    described: tuple[Fact, ...]
    planned: tuple[Fact, ...]
    proposal: str
    levels: tuple[LevelState, ...]
    volumes: Table | None


def list_datasets(session: Session, actor: Actor, wanted: DatasetFilter) -> Listing:
    """The datasets that `actor` may see and `wanted` lets through, in two queries."""
    require(actor, Permission.VIEW_DATASETS)
    found = load_slice(session, select_datasets(actor, wanted), wanted)
    rows = tuple(_cells(row, level) for row, level in found.rows)
    return found.listing(Table("datasets", N_("Datasets"), COLUMNS, rows))


def select_datasets(actor: Actor, wanted: DatasetFilter) -> Select[Dataset, int]:
    """The datasets that `actor` may see and `wanted` lets through, each with its level, in the order wanted."""
    sorts: Sorts = {
        "code": Dataset.code,
        "title": Dataset.title_key,
        "ministry": Ministry.code,
        "agency": Agency.code,
        "clearance": Clearance.level,
        "personal": Dataset.personal_data,
        "volume": Dataset.volume_tb,
        "growth": Dataset.growth,
        "readiness": level_reached,
        "accountable": Dataset.accountable,
    }
    return sorted_by(_visible(actor, wanted), sorts, wanted)


def _visible(actor: Actor, wanted: DatasetFilter) -> Select[Dataset, int]:
    query = (
        select(Dataset, level_reached)
        .join(Dataset.agency)
        .join(Agency.ministry)
        .join(Dataset.clearance)
        .options(
            contains_eager(Dataset.agency).contains_eager(Agency.ministry),
            contains_eager(Dataset.clearance),
        )
    )
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Agency.ministry_id == home)
    if wanted.text:
        keywords = type_coerce(Dataset.keywords, String)
        columns = (Dataset.code, Dataset.title, keywords, Agency.code, Agency.name_th, Agency.name_en)
        query = query.where(matches(wanted.text, *columns))
    for code, column in (
        (wanted.ministry, Ministry.code),
        (wanted.agency, Agency.code),
        (wanted.category, Dataset.category),
        (wanted.clearance, Clearance.code),
    ):
        if code is not None:
            query = query.where(column == code)
    if wanted.personal is not None:
        query = query.where(Dataset.personal_data.is_(wanted.personal == "yes"))
    if wanted.readiness is not None:
        query = query.where(_at_level(wanted.readiness))
    return query


def _at_level(wanted: str) -> ColumnElement[bool]:
    if wanted == RETIRED:
        return Dataset.retired.is_(True)
    if wanted not in map(str, LEVEL_NAMES):
        return false()
    return Dataset.retired.is_(False) & (level_reached == int(wanted))


def _cells(row: Dataset, level: int) -> tuple[Cell, ...]:
    return (
        row.code,
        row.title,
        name_of(row.agency.ministry),
        name_of(row.agency),
        name_of(row.clearance),
        row.personal_data,
        row.volume_tb,
        row.growth,
        level_phrase(level, retired=row.retired),
        row.accountable or None,
    )


def dataset_choices(session: Session, actor: Actor) -> DatasetChoices:
    """What `actor` may narrow the list to: within the own ministry alone where one is bound."""
    require(actor, Permission.VIEW_DATASETS)
    ministries = select(Ministry).order_by(Ministry.code)
    agencies = select(Agency).order_by(Agency.code)
    if (home := ministry_scope(actor)) is not None:
        ministries = ministries.where(Ministry.id == home)
        agencies = agencies.where(Agency.ministry_id == home)

    def choices(query: AnySelect) -> tuple[tuple[str, LocalText], ...]:
        return tuple((row.code, name_of(row)) for row in session.scalars(query))

    levels = tuple((str(number), level_phrase(number)) for number in LEVEL_NAMES)
    return DatasetChoices(
        ministries=choices(ministries),
        agencies=choices(agencies),
        categories=tuple(CATEGORIES.items()),
        clearances=choices(select(Clearance).order_by(Clearance.level)),
        personal=(("yes", Phrase(N_("Yes"))), ("no", Phrase(N_("No")))),
        readiness=(*levels, (RETIRED, level_phrase(0, retired=True))),
    )


def find_dataset(session: Session, actor: Actor, code: str) -> Dataset:
    """The dataset called `code`; `NotFoundError` if there is none or another ministry's is asked for."""
    row = session.scalar(
        select(Dataset)
        .where(Dataset.code == code)
        .options(joinedload(Dataset.agency).joinedload(Agency.ministry), joinedload(Dataset.clearance))
    )
    if row is None or ministry_scope(actor) not in {None, row.agency.ministry_id}:
        raise NotFoundError
    return row


def get_dataset(session: Session, actor: Actor, code: str) -> DatasetDetail:
    """The dataset called `code`; `NotFoundError` if there is none or another ministry's is asked for."""
    require(actor, Permission.VIEW_DATASETS)
    row = find_dataset(session, actor, code)
    items = [item for level in LEVELS for item in level.items]
    level, *held = session.execute(
        select(level_reached, *(item.holds for item in items)).where(Dataset.id == row.id)
    ).one()
    holds = dict(zip((item.key for item in items), held, strict=True))
    values = values_of(row)
    names = {"agency": name_of(row.agency), "clearance": name_of(row.clearance)}
    return DatasetDetail(
        code=row.code,
        title=row.title,
        version=row.version,
        retired=row.retired,
        readiness=level_phrase(level, retired=row.retired),
        description=row.description,
        described=(
            Fact(N_("Ministry"), name_of(row.agency.ministry)),
            *(
                _fact(field, names.get(field.key, values[field.key]))
                for field in (*DESCRIPTION, *MORE_DESCRIPTION)
                if field.key not in {"title", "description"}
            ),
        ),
        planned=tuple(
            _fact(field, names.get(field.key, values[field.key]))
            for field in PLANNING
            if field.key not in {"checked", "proposal", "retired"}
        ),
        proposal=row.proposal,
        levels=tuple(
            LevelState(
                part.number,
                part.name,
                part.number <= level,
                tuple(ItemState(item.key, item.text, bool(holds[item.key]), item.is_ticked) for item in part.items),
            )
            for part in LEVELS
        ),
        volumes=_volumes(session, row),
    )


def values_of(row: Dataset) -> Values:
    """A dataset as the values of the sheet of datasets."""
    plain = (field.key for field in DATASETS.fields if not field.refers)
    return {**{key: getattr(row, key) for key in plain}, "agency": row.agency.code, "clearance": row.clearance.code}


_KINDS: Final[dict[str, Kind]] = {"number": "number", "integer": "integer", "share": "share"}


def _fact(field: Field, value: Any) -> Fact:
    shown: Any = value
    if field.choices and isinstance(value, tuple):
        shown = Phrase("%(names)s", {"names": tuple(field.choices[code] for code in value)})
    elif isinstance(value, tuple):
        shown = ", ".join(value)
    elif field.choices:
        shown = field.choices[value]
    unit = field.unit if value is not None else ""
    return Fact(field.header, None if value == "" else shown, _KINDS.get(field.kind, "text"), unit)


def _volumes(session: Session, row: Dataset) -> Table | None:
    """The volume in each fiscal year of the plan, growing from what it takes up in the first; None if not measured."""
    if row.volume_tb is None:
        return None
    years = session.scalars(select(Year.year).order_by(Year.year)).all()
    volumes = [grown(row.volume_tb, row.growth, year - years[0]) for year in years]
    columns = tuple(Column(str(year), FiscalYear(year), "number", "TB") for year in years)
    return Table("volumes", N_("Volume by fiscal year"), columns, (tuple(volumes),))


def grown(volume: float, growth: float, years: int) -> float:
    """`volume` after so many years of growing by the share `growth` of itself."""
    return float(volume * (1 + growth) ** years)
