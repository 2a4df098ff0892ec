"""What agencies hold: the inventory of datasets, with the fields of the government data catalogue."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from planner.api.errors import StaleItemsError
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.v1.requirements import RequirementFields, nested
from planner.api.values import Code, Model, Page
from planner.errors import Fault, InvalidInputError, fault
from planner.services.datasets import prefill
from planner.services.datasets.entry import StaleDatasetError, save_dataset
from planner.services.datasets.inventory import DatasetFilter, list_datasets
from planner.services.datasets.rows import DatasetRow, load_datasets
from planner.services.permissions import Permission, require
from planner.services.tokens import Area
from planner.text import N_, LocalText
from reports import catalogue

datasets = Resource("datasets", Area.DATASETS, "The inventory of datasets that agencies hold.")

MOST_AT_ONCE: Final = 200
"""How many datasets one request may make or change."""


def _one_of(choices: Mapping[str, LocalText]) -> Any:
    """A field's codes for the description; which of them there are is the service's to say."""
    return Field(max_length=40, json_schema_extra={"enum": list(choices)})


class DatasetFields(Model):
    """What people enter. A field that is not sent stays as it is, or as a new dataset gets it; null empties it."""

    title: str | None = Field(None, max_length=300)
    agency: Code | None = Field(None, description="Code of the agency that owns it.")
    data_type: Annotated[str, _one_of(catalogue.DATA_TYPES)] | None = None
    contact_name: str | None = Field(None, max_length=300)
    contact_email: str | None = Field(None, max_length=254)
    keywords: list[Annotated[str, Field(max_length=100)]] | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=4000)
    objectives: list[Annotated[str, _one_of(catalogue.OBJECTIVES)]] | None = Field(None, max_length=50)
    update_unit: Annotated[str, _one_of(catalogue.UPDATE_UNITS)] | None = None
    update_interval: int | None = Field(None, ge=1, le=1000, description="How many times within the unit.")
    coverage: Annotated[str, _one_of(catalogue.COVERAGES)] | None = None
    source: str | None = Field(None, max_length=1000)
    formats: list[Annotated[str, _one_of(catalogue.FORMATS)]] | None = Field(None, max_length=50)
    category: Annotated[str, _one_of(catalogue.CATEGORIES)] | None = None
    licence: Annotated[str, _one_of(catalogue.LICENCES)] | None = None
    catalogue_name: str | None = Field(None, max_length=100, description="Its own name in the government's catalogue.")
    clearance: Code | None = Field(None, description="Class of the data; only sites of it or higher may host it.")
    personal_data: bool | None = None
    volume_tb: float | None = Field(None, ge=0, le=1e9, description="null where it has not been measured.")
    growth: float | None = Field(None, ge=0, le=100, description="Share by which it grows in a year.")
    accountable: str | None = Field(None, max_length=300)
    deputy: str | None = Field(None, max_length=300)
    checked: list[Annotated[str, _one_of(catalogue.READINESS_ITEMS)]] | None = Field(
        None, max_length=50, description="The items of the readiness checklist that hold."
    )
    proposal: str | None = Field(None, max_length=2000, description="What the agency proposes to do with it next.")
    retired: bool | None = None


class BulkItem(DatasetFields):
    """A dataset to change, with `code` and the `version` that the change is based on; or, without, a new one."""

    code: Code | None = None
    version: int | None = Field(None, ge=1)


class Bulk(Model):
    """Datasets to make and to change: all of them, or none."""

    items: list[BulkItem] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Dataset(DatasetFields):
    """A dataset. `readiness` is the level that it has reached."""

    code: str
    version: int
    readiness: int

    @classmethod
    def of(cls, row: DatasetRow) -> "Dataset":
        """A row as JSON."""
        cells = {name: cell for name, cell in row.cells.items() if name != "code"}
        return cls.model_validate(
            {**cells, "code": row.code, "version": row.version, "readiness": row.readiness}, strict=False
        )


class DatasetList(Model):
    """Datasets, in the order of the request."""

    items: list[Dataset]


class DatasetQuery(ListQuery):
    """The filters of the list. `readiness` is a level, which leaves out retired ones, or "retired"."""

    ministry: Code | None = None
    agency: Code | None = None
    category: Annotated[str, _one_of(catalogue.CATEGORIES)] | None = None
    clearance: Code | None = None
    personal: Literal["yes", "no"] | None = None
    readiness: str | None = Field(None, max_length=20)


@datasets.get()
def index(call: Call, query: DatasetQuery) -> Page[Dataset]:
    """List datasets."""
    wanted = DatasetFilter(
        **query.arguments(),
        ministry=query.ministry,
        agency=query.agency,
        category=query.category,
        clearance=query.clearance,
        personal=query.personal,
        readiness=query.readiness,
    )
    found = list_datasets(call.session, call.actor, wanted)
    rows = load_datasets(call.session, call.actor, list(map(str, found.table.column("code"))))
    return Page(items=list(map(Dataset.of, rows)), next=cursor_of(found.last))


@datasets.post(status=201)
def create(call: Call, body: DatasetFields) -> Dataset:
    """Make a dataset."""
    return _save(call, None, 0, body)


@datasets.post("/bulk")
def save(call: Call, body: Bulk) -> DatasetList:
    """Make and change many at once: all of them or none. Faults are addressed `items[2].title`."""
    saved: list[Dataset] = []
    faults: list[Fault] = []
    stale: list[Fault] = []
    for number, item in enumerate(body.items):
        place = f"items[{number}]"
        try:
            saved.append(_save_item(call, item))
        except InvalidInputError as error:
            faults += _placed(error, place)
        except StaleDatasetError as error:
            stale.append(Fault(place, "stale", error.message))
    if faults:
        raise InvalidInputError(faults)
    if stale:
        raise StaleItemsError(stale)
    return DatasetList(items=saved)


@datasets.get("/<code>")
def show(call: Call, code: str) -> Dataset:
    """One dataset."""
    (row,) = load_datasets(call.session, call.actor, [code])
    return Dataset.of(row)


@datasets.patch("/<code>")
def change(call: Call, code: str, body: DatasetFields) -> Dataset:
    """Change a dataset."""
    return _save(call, code, call.version, body)


@datasets.get("/<code>/requirement")
def requirement(call: Call, code: str) -> RequirementFields:
    """The fields of a requirement that would host the dataset, as far as the dataset tells."""
    return RequirementFields.model_validate(nested(prefill(call.session, call.actor, code)))


def _save_item(call: Call, item: BulkItem) -> Dataset:
    if item.code and item.version is None:
        raise InvalidInputError([fault("version", "missing", N_("Say which version is to be changed."))])
    return _save(call, item.code, item.version, item)


def _save(call: Call, code: str | None, version: int | None, body: DatasetFields) -> Dataset:
    """Save what is named over what there is; `version` None is whichever there is."""
    require(call.actor, Permission.EDIT_DATASETS)
    stored = load_datasets(call.session, call.actor, [code])[0] if code else None
    named = body.model_dump(exclude_unset=True, exclude={"code", "version"})
    typed = {**(stored.cells if stored else {}), **named}
    based_on = stored.version if stored and version is None else version or 0
    saved = save_dataset(call.session, call.actor, code, based_on, typed)
    call.session.flush()
    call.session.expire_all()
    return show(call, saved)


def _placed(error: InvalidInputError, place: str) -> Iterator[Fault]:
    """The faults of one of many, at its place in what was sent."""
    return (Fault(".".join(filter(None, (place, found.address))), found.code, found.message) for found in error.faults)
