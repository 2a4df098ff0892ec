"""A file of a CKAN catalogue as rows of the sheet of datasets, so that it is imported like a workbook in every way."""

import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agency, Clearance, Dataset
from planner.errors import Fault
from planner.services.datasets.codes import free_codes
from planner.services.permissions import Actor, ministry_scope
from planner.services.rows.datasets import PERSONAL
from planner.text import N_
from reports.archive import Limits
from reports.catalogue import DATASETS
from reports.cells import CellError, parse_cell
from reports.ckan import Package, is_catalogue, not_a_value, plain_text, read_packages
from reports.columns import Field, Value
from reports.reader import ColumnKey, FaultList, Row, SheetRows, WorkbookRows, read_workbook

_RANKS: Final[Mapping[Value, int]] = {"public": 0, "internal": 1, "personal": 1, "secret": -1, "security": -1}
"""Which of the clearances, from low to high, a new dataset of a category gets where the file names none."""


@dataclass(frozen=True)
class CatalogueRows(SheetRows):
    """Rows of a catalogue. Addresses read `result.results[3].maintainer_email`."""

    packages: tuple[Package, ...] = ()

    def address(self, row: Row | int, key: ColumnKey | None = None) -> str:
        """Where a field stands in the file."""
        return self.packages[row if isinstance(row, int) else row.number].address(str(key or ""))


def read_upload(session: Session, actor: Actor, content: bytes, limits: Limits) -> WorkbookRows:
    """What a file holds, be it a workbook or a catalogue; `InvalidInputError` if it can be read as neither."""
    if not is_catalogue(content):
        return read_workbook(io.BytesIO(content), limits)
    packages, made_up = read_packages(content, limits)
    faults = FaultList(limits.faults)
    rows = tuple(_Reading(session, actor, faults).read(packages))
    found = CatalogueRows(DATASETS, DATASETS.title.en, rows, {}, packages)
    return WorkbookRows({DATASETS.key: found}, tuple(faults.faults), faults.more, made_up)


class _Reading:
    """Packages on their way to rows: whose they are, which dataset each is, and what it says."""

    def __init__(self, session: Session, actor: Actor, faults: FaultList) -> None:
        self.faults = faults
        self.agencies: dict[str, str | None] = {}
        agencies = select(Agency)
        present = select(Agency.code, Dataset.code, Dataset.catalogue_name).join(Dataset.agency)
        if (home := ministry_scope(actor)) is not None:
            agencies = agencies.where(Agency.ministry_id == home)
            present = present.where(Agency.ministry_id == home)
        for agency in session.scalars(agencies):
            for name in {_key(agency.code), _key(agency.name_th), _key(agency.name_en)}:
                self.agencies[name] = agency.code if name not in self.agencies else None
        self.known = {(agency, (name or code).lower()): (code, name) for agency, code, name in session.execute(present)}
        self.clearances = session.scalars(select(Clearance.code).order_by(Clearance.level)).all()
        self.free = free_codes(session)

    def read(self, packages: tuple[Package, ...]) -> Iterator[Row]:
        """A row for each package whose dataset is known; faults for all else."""
        seen: set[tuple[str, str]] = set()
        for number, package in enumerate(packages):
            agency, name = self.agency(package), self.name(package)
            if agency is None or name is None:
                continue
            if (agency, name) in seen:
                message = N_("The same agency has another dataset of this name in the file.")
                self.faults.add(package.address("catalogue_name"), "duplicate_code", message)
                continue
            seen.add((agency, name))
            code, kept = self.known.get((agency, name), (None, name))
            given = dict(self.values(package))
            if code is None:
                given = self.assumed(given) | given
            yield Row(number, {"code": code or next(self.free), "agency": agency, "catalogue_name": kept, **given})

    def agency(self, package: Package) -> str | None:
        """The code of the agency whose code or name the organisation has."""
        named = package.organization()
        found = {self.agencies.get(_key(part)) for part in named if isinstance(part, str)} - {None}
        if len(found) == 1:
            return found.pop()
        message = N_("No agency of yours, or more than one, has the code or the name of this organisation.")
        self.faults.add(package.address("agency"), "unknown_organisation", message)
        return None

    def name(self, package: Package) -> str | None:
        """The name by which the catalogue tells the dataset apart."""
        field = DATASETS.field("catalogue_name")
        raw = package.data.get("name")
        try:
            if not isinstance(raw, str) or not raw.strip():
                raise CellError("missing", N_("A value is missing here."))
            return str(parse_cell(field, raw)[0]).lower()
        except CellError as error:
            self.faults.add_fault(Fault(package.address(field.key), error.code, error.message))
            return None

    def values(self, package: Package) -> Iterator[tuple[str, Value]]:
        """The fields of a package as plain values."""
        for field, raw in package.given():
            address = package.address(field.key)
            try:
                yield field.key, _value(field, plain_text(raw))
            except CellError as error:
                self.faults.add_fault(Fault(address, error.code, error.message))
            except TypeError:
                self.faults.add_fault(not_a_value(address))

    def assumed(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """What planning needs of a new dataset and no catalogue says: the class of its data, by its category."""
        category = given.get("category")
        rank = min(_RANKS.get(category, -1), len(self.clearances) - 1)
        return {
            "personal_data": category == PERSONAL,
            "clearance": self.clearances[rank] if self.clearances else None,
        }


def _value(field: Field, raw: str | int | float | bool | None) -> Value:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if field.required:
            raise CellError("missing", N_("A value is missing here."))
        return field.default
    return parse_cell(field, raw)[0]


def _key(name: str) -> str:
    """A name without what people write in different ways."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
