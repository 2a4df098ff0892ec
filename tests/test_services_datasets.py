"""The inventory of datasets: readiness, whose rows each sees, entry, the catalogue in and out, what to host."""

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

import models
from models import Dataset, Role
from planner.db import open_sessions
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError
from planner.services.datasets import prefill
from planner.services.datasets.entry import StaleDatasetError, load_form, save_dataset
from planner.services.datasets.inventory import DatasetFilter, get_dataset, list_datasets
from planner.services.datasets.publishing import export_catalogue
from planner.services.datasets.readiness import LEVELS
from planner.services.importing import ImportResult, apply_import, preview_import
from planner.services.permissions import OPERATOR, Actor
from reports import catalogue
from reports.catalogue import DATASETS, READINESS_ITEMS

World = sessionmaker[Session]
ALL = DatasetFilter(page=None)


def test_every_item_that_is_ticked_belongs_to_a_level() -> None:
    items = [item for level in LEVELS for item in level.items]
    assert {item.key for item in items if item.is_ticked} == set(READINESS_ITEMS)
    assert [level.number for level in LEVELS] == list(range(1, len(LEVELS) + 1))


def test_the_catalogue_asks_for_fourteen_fields() -> None:
    assert len(catalogue.DESCRIPTION) == 14
    assert all(field.required for field in catalogue.DESCRIPTION)


def test_choices_fit_their_columns_and_excel() -> None:
    for field in DATASETS.fields:
        names = field.choices or {}
        assert all(len(code) <= 20 for code in names)
        if field.kind == "choice":
            for language in ("th", "en"):
                assert len(",".join(name.in_language(language) for name in names.values())) < 255
        assert not any("," in name.th + name.en for name in names.values())


def level(session: Session, code: str) -> int:
    found = get_dataset(session, OPERATOR, code).readiness.params.get("number", -1)
    assert isinstance(found, int)
    return found


def test_a_level_is_reached_when_all_of_it_and_all_below_hold(world: World) -> None:
    steps: list[tuple[dict[str, Any], int]] = [
        ({}, 0),
        ({"checked": ("dictionary",)}, 1),
        ({"checked": ("dictionary", "classification", "legal_basis")}, 1),
        ({"accountable": "ก", "deputy": "ข"}, 2),
        ({"checked": ("classification", "legal_basis")}, 0),
        ({"checked": tuple(READINESS_ITEMS)}, 4),
        ({"formats": ("image", "pdf")}, 2),
        ({"formats": ("pdf", "nosql")}, 4),
        ({"volume_tb": None}, 0),
    ]
    for fields, expected in steps:
        with world.begin() as session:
            row = session.scalars(select(Dataset).where(Dataset.code == "D-000001")).one()
            for key, value in fields.items():
                setattr(row, key, value)
        with world() as session:
            assert level(session, "D-000001") == expected, fields
            found = list_datasets(session, OPERATOR, DatasetFilter(readiness=str(expected)))
            assert "D-000001" in found.table.column("code")


def test_without_personal_data_no_legal_basis_is_wanted(world: World) -> None:
    with world.begin() as session:
        row = session.scalars(select(Dataset).where(Dataset.code == "D-000003")).one()
        row.checked, row.accountable, row.deputy = ("dictionary", "classification"), "ก", "ข"
    with world() as session:
        assert level(session, "D-000003") == 2


def test_others_datasets_do_not_even_seem_to_exist(world: World, person: Callable[..., Actor]) -> None:
    planner = person(Role.MINISTRY_PLANNER, "21000")
    with world() as session:
        assert list_datasets(session, planner, ALL).table.column("code") == ("D-000001",)
        assert "D-000002" not in export_catalogue(session, planner, ALL)
        for ask in (
            lambda: get_dataset(session, planner, "D-000002"),
            lambda: load_form(session, planner, "D-000002"),
            lambda: prefill(session, planner, "D-000002"),
            lambda: save_dataset(session, planner, "D-000002", 1, {}),
            lambda: get_dataset(session, planner, "D-999999"),
        ):
            with pytest.raises(NotFoundError):
                ask()


def test_only_who_may_edit_does(world: World, person: Callable[..., Actor]) -> None:
    auditor = person(Role.AUDITOR)
    with world() as session:
        with pytest.raises(ForbiddenError):
            save_dataset(session, auditor, "D-000001", 1, {})
        with pytest.raises(ForbiddenError):
            list_datasets(session, person(Role.HR), ALL)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with world() as session, count_queries() as statements:
        list_datasets(session, OPERATOR, DatasetFilter(text="ก", ministry="11000", readiness="0"))
    assert len(statements) == 2


TYPED: dict[str, Any] = {
    "title": "ข้อมูลวัคซีน",
    "agency": "21004",
    "data_type": "record",
    "contact_name": "กลุ่มข้อมูล",
    "contact_email": "data@example.go.th",
    "keywords": "วัคซีน, โรค",
    "description": "การฉีดวัคซีน",
    "objectives": ["mission"],
    "update_unit": "day",
    "coverage": "province",
    "source": "โรงพยาบาล",
    "formats": ["csv"],
    "category": "internal",
    "licence": "unspecified",
    "clearance": "protected",
    "personal_data": "no",
}


def test_a_new_dataset_is_recorded_with_its_fields(world: World, person: Callable[..., Actor]) -> None:
    planner = person(Role.MINISTRY_PLANNER, "21000")
    with world.begin() as session:
        assert save_dataset(session, planner, None, 0, TYPED) == "D-000004"
    with world() as session:
        entry = session.scalars(select(models.AuditEntry).where(models.AuditEntry.subject == "dataset:D-000004")).one()
        assert (entry.action, entry.actor) == ("created", planner.username)
        assert entry.changes["keywords"] == [None, ["วัคซีน", "โรค"]]


def test_a_second_change_on_the_same_version_is_told_and_stores_nothing(world: World) -> None:
    with world.begin() as session:
        save_dataset(session, OPERATOR, None, 0, TYPED)
    with world.begin() as session:
        save_dataset(session, OPERATOR, "D-000004", 1, TYPED | {"title": "ของเขา"})
    with world() as session:
        with pytest.raises(StaleDatasetError) as caught:
            save_dataset(session, OPERATOR, "D-000004", 1, TYPED | {"title": "ของฉัน"})
        assert (caught.value.version, caught.value.theirs["title"], caught.value.mine["title"]) == (
            2,
            "ของเขา",
            "ของฉัน",
        )
        assert save_dataset(session, OPERATOR, "D-000004", 1, TYPED | {"title": "ของเขา"}) == "D-000004"


def test_a_name_in_the_catalogue_belongs_to_one_dataset_of_an_agency(world: World) -> None:
    with world.begin() as session:
        save_dataset(session, OPERATOR, None, 0, TYPED | {"catalogue_name": "vaccine"})
    with world() as session:
        with pytest.raises(InvalidInputError) as caught:
            save_dataset(session, OPERATOR, None, 0, TYPED | {"catalogue_name": "vaccine"})
        assert [(found.address, found.code) for found in caught.value.faults] == [
            ("catalogue_name", "catalogue_name_taken")
        ]
        save_dataset(session, OPERATOR, None, 0, TYPED | {"catalogue_name": "vaccine", "agency": "11003"})


def test_a_requirement_starts_with_what_the_dataset_tells(world: World) -> None:
    with world() as session:
        assert prefill(session, OPERATOR, "D-000001") == {
            "title": "เวชระเบียนผู้ป่วย",
            "agency": "21004",
            "clearance": "restricted",
            "note": "จัดทำจากชุดข้อมูล D-000001",
            "start_year": 2027,
            "demand.hot_tb.2027": 40.0,
            "demand.hot_tb.2028": 50.0,
            "demand.hot_tb.2029": 62.5,
        }
        assert not [key for key in prefill(session, OPERATOR, "D-000002") if key.startswith("demand")]


def upload(document: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(document).encode())


def bring_in(world: World, document: Any, actor: Actor = OPERATOR) -> ImportResult:
    with world.begin() as session:
        return apply_import(session, actor, upload(document), "catalogue.json")


@pytest.fixture
def package() -> dict[str, Any]:
    """A package as the government's catalogue has it."""
    return {
        "name": "disease-2570",
        "title": "รายงานโรคติดต่อ",
        "organization": {"name": "ddc", "title": "กรมควบคุมโรค"},
        "maintainer": "กองระบาดวิทยา",
        "maintainer_email": "epi@example.go.th",
        "tags": [{"name": "โรคติดต่อ"}, {"display_name": "ระบาดวิทยา", "name": "epi"}],
        "notes": "จำนวนผู้ป่วยรายสัปดาห์",
        "data_type": "ข้อมูลสถิติ",
        "objective": ["พันธกิจหน่วยงาน", "กฎหมายที่เกี่ยวข้อง"],
        "update_frequency_unit": "สัปดาห์",
        "update_frequency_interval": "1",
        "geo_coverage": "จังหวัด",
        "data_source": "โรงพยาบาล",
        "data_format": ["CSV", "JSON"],
        "data_category": "ข้อมูลสาธารณะ",
        "license_id": "Open Data Common",
        "resources": [{"url": "https://example.go.th/a.csv"}],
        "num_tags": 2,
    }


def test_a_package_of_the_catalogue_becomes_a_dataset_once(world: World, package: dict[str, Any]) -> None:
    answer = {"help": "…", "success": True, "result": {"count": 1, "results": [package]}}
    result = bring_in(world, answer)
    assert [(sheet.sheet, sheet.added) for sheet in result.changes] == [("datasets", 1)]
    with world() as session:
        row = session.scalars(select(Dataset).where(Dataset.catalogue_name == "disease-2570")).one()
        assert (row.code, row.agency.code, row.data_type, row.update_unit) == (
            "D-000004",
            "21004",
            "statistics",
            "week",
        )
        assert (row.objectives, row.formats, row.keywords) == (
            ("law", "mission"),
            ("csv", "json"),
            ("ระบาดวิทยา", "โรคติดต่อ"),
        )
        assert (row.category, row.licence, row.clearance.code, row.personal_data) == ("public", "odc", "open", False)
    assert not bring_in(world, answer).stored
    package["title"] = "รายงานโรคติดต่ออันตราย"
    assert [sheet.changed for sheet in bring_in(world, package).changes] == [1]


@pytest.mark.parametrize(
    ("category", "clearance", "personal"),
    [
        ("ข้อมูลใช้ภายใน", "protected", False),
        ("ข้อมูลส่วนบุคคล", "protected", True),
        ("ข้อมูลความลับทางราชการ", "restricted", False),
        ("ข้อมูลความมั่นคง", "restricted", False),
    ],
)
def test_a_new_dataset_of_a_catalogue_is_classed_by_its_category(
    world: World, package: dict[str, Any], category: str, clearance: str, personal: bool
) -> None:
    bring_in(world, package | {"data_category": category})
    with world() as session:
        row = session.scalars(select(Dataset).where(Dataset.code == "D-000004")).one()
        assert (row.clearance.code, row.personal_data) == (clearance, personal)


def test_what_was_exported_comes_back_unchanged(world: World) -> None:
    with world.begin() as session:
        save_dataset(
            session,
            OPERATOR,
            "D-000001",
            1,
            load_typed(session, "D-000001") | {"checked": ["quality"], "accountable": "ก", "deputy": "ข"},
        )
    with world() as session:
        document = json.loads(export_catalogue(session, OPERATOR, ALL))
    assert document["result"]["count"] == 3
    result = bring_in(world, document)
    assert [(sheet.added, sheet.changed, sheet.unchanged) for sheet in result.changes] == [(0, 0, 3)]
    for found in document["result"]["results"]:
        found["title"] += " 2"
    assert [sheet.changed for sheet in bring_in(world, document).changes] == [3]


def load_typed(session: Session, code: str) -> dict[str, Any]:
    """A dataset's form, sent as it stands."""
    cells = load_form(session, OPERATOR, code).cells
    return {key: value if isinstance(value, list) else str(value) for key, value in cells.items()}


def test_every_fault_of_a_catalogue_has_its_place_and_nothing_is_stored(world: World, package: dict[str, Any]) -> None:
    packages = [
        package,
        package | {"name": None, "organization": {"title": "กรมที่ไม่มี"}},
        package,
        package
        | {
            "name": "b",
            "title": {"th": "ก"},
            "maintainer_email": "nobody",
            "tags": [{"name": 1}],
            "notes": "\ud800",
            "data_category": "ข้อมูลลับ",
            "update_frequency_interval": 1.5,
            "extras": [{"key": "planner_volume_tb", "value": "-1"}, {"key": "planner_clearance", "value": "none"}],
        },
    ]
    document = {"result": packages}
    with pytest.raises(InvalidInputError) as caught:
        bring_in(world, json.loads(json.dumps(document)))
    assert {(found.address, found.code) for found in caught.value.faults} == {
        ("result[1].organization", "unknown_organisation"),
        ("result[1].name", "missing"),
        ("result[2].name", "duplicate_code"),
        ("result[3].title", "not_a_value"),
        ("result[3].maintainer_email", "not_an_email"),
        ("result[3].tags", "not_a_value"),
        ("result[3].notes", "control_character"),
        ("result[3].data_category", "unknown_choice"),
        ("result[3].update_frequency_interval", "not_whole"),
        ("result[3].extras.planner_volume_tb", "negative"),
        ("result[3].extras.planner_clearance", "unknown_code"),
    }
    with world() as session:
        assert len(session.scalars(select(Dataset)).all()) == 3


def test_a_ministry_brings_in_its_own_datasets_alone(
    world: World, package: dict[str, Any], person: Callable[..., Actor]
) -> None:
    planner = person(Role.MINISTRY_PLANNER, "11000")
    with world() as session:
        found = preview_import(session, planner, upload([package]), "catalogue.json")
        assert [fault.code for fault in found.faults] == ["unknown_organisation"]
        found = preview_import(session, planner, upload([package | {"organization": {"name": "11003"}}]), "a.json")
        assert not found.faults


def test_two_new_datasets_at_once_do_not_share_a_code(
    postgresql_engine: Engine, small_world: Callable[[Session], None]
) -> None:
    """The second waits for the first; on SQLite, which has one writer, it always does."""
    sessions = open_sessions(postgresql_engine)
    with sessions.begin() as session:
        small_world(session)
    with sessions() as first, sessions() as second:
        second.connection().exec_driver_sql("SET lock_timeout = '200ms'")
        save_dataset(first, OPERATOR, None, 0, TYPED)
        with pytest.raises(OperationalError, match="lock timeout"):
            save_dataset(second, OPERATOR, None, 0, TYPED)
