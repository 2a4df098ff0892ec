"""The objects that history, comments and the inbox speak of: `kind:code`, what each is called, and who may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, literal_column, null, select
from sqlalchemy.orm import Session

from models import (
    Agency,
    AgencyDuty,
    Clearance,
    ClosingRun,
    Cohort,
    Course,
    CoverageSnapshot,
    Dataset,
    DatasetDuty,
    Expansion,
    FiscalYear,
    ImportBatch,
    Ministry,
    Norm,
    Person,
    PlanningRound,
    PlanRun,
    Position,
    Priority,
    Publication,
    Region,
    Requirement,
    ResourceType,
    Role,
    Scenario,
    Site,
    SkillLevel,
    Sweep,
    User,
    Webhook,
    WorkRole,
)
from planner.errors import NotFoundError
from planner.services.lists import AnySelect
from planner.services.permissions import PERMISSIONS, Actor, Permission, may, require
from planner.text import N_, LocalText
from reports import sheets
from reports.catalogue import DATASETS
from reports.columns import Sheet
from reports.sheets import workforce


@dataclass(frozen=True)
class Kind:
    """A kind of object: what it is called, and the permission to see one.

    `query` gives code, name in Thai, name in English and the key of the ministry it belongs to. With `owned`, people
    of a ministry see only what belongs to theirs; without, everybody with the permission sees each. `sheet` is the one
    of the exchange workbook whose columns are its fields.
    """

    label: str
    permission: Permission
    query: AnySelect
    sheet: Sheet | None = None
    owned: bool = False


@dataclass(frozen=True)
class Subject:
    """One object: its kind, code, name, and the key of the ministry that it belongs to, if any."""

    kind: str
    code: str
    name: LocalText
    ministry_id: int | None

    @property
    def key(self) -> str:
        """`kind:code`."""
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True)
class Mention:
    """An object that something is about: `kind:code`, and its name unless it is gone or not for the reader."""

    subject: str
    name: LocalText | None

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return split(self.subject)[0]

    @property
    def code(self) -> str:
        """Its code."""
        return split(self.subject)[1]


def _named(table: Any, code: ColumnElement[str] | None = None) -> AnySelect:
    return select(table.code if code is None else code, table.name_th, table.name_en, null())


def _titled(table: type[Requirement | Dataset]) -> AnySelect:
    return select(table.code, table.title, table.title, Agency.ministry_id).join(table.agency)


_IMPORT: Final = cast(ImportBatch.id, String)
_PUBLISHED: Final = select(PlanRun.code, PlanRun.name, PlanRun.name, null()).where(
    PlanRun.id.in_(select(Publication.run_id))
)
_YEAR: Final = cast(FiscalYear.year, String)
_KEPT: Final = cast(CoverageSnapshot.taken_on, String)
_NORM: Final = WorkRole.code + "/" + cast(Norm.from_year, String)
_NORMS: Final = select(_NORM, WorkRole.name_th, WorkRole.name_en, null()).select_from(Norm).join(Norm.role)
_POSITION: Final = Agency.code + "/" + WorkRole.code + "/" + cast(Position.from_year, String)
_POSITIONS: Final = (
    select(_POSITION, Agency.name_th, Agency.name_en, Agency.ministry_id)
    .select_from(Position)
    .join(Position.agency)
    .join(Position.role)
)
_AGENCY_DUTIES: Final = select(Agency.code, Agency.name_th, Agency.name_en, Agency.ministry_id).join(AgencyDuty)
_DATASET_DUTIES: Final = _titled(Dataset).join(DatasetDuty)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "requirement": Kind(
            N_("Requirement"), Permission.VIEW_REQUIREMENTS, _titled(Requirement), sheets.REQUIREMENTS, owned=True
        ),
        "dataset": Kind(N_("Dataset"), Permission.VIEW_DATASETS, _titled(Dataset), DATASETS, owned=True),
        "site": Kind(N_("Data centre"), Permission.VIEW_SITES, _named(Site), sheets.SITES),
        "expansion": Kind(N_("Expansion"), Permission.VIEW_SITES, _named(Expansion), sheets.EXPANSIONS),
        "plan": Kind(N_("Plan"), Permission.VIEW_PLANS, select(PlanRun.code, PlanRun.name, PlanRun.name, null())),
        "publication": Kind(N_("Published plan"), Permission.VIEW_OUTCOME, _PUBLISHED),
        "scenario": Kind(
            N_("Scenario"), Permission.VIEW_PLANS, select(Scenario.code, Scenario.name, Scenario.name, null())
        ),
        "sweep": Kind(N_("Sweep"), Permission.VIEW_PLANS, select(Sweep.code, Sweep.name, Sweep.name, null())),
        "round": Kind(N_("Planning round"), Permission.VIEW_REQUIREMENTS, _named(PlanningRound)),
        "import": Kind(
            N_("Import"),
            Permission.IMPORT_DATA,
            select(_IMPORT, ImportBatch.file_name, ImportBatch.file_name, ImportBatch.ministry_id),
            owned=True,
        ),
        "account": Kind(
            N_("Account"),
            Permission.MANAGE_ACCOUNTS,
            select(User.username, User.full_name, User.full_name, User.ministry_id),
        ),
        "webhook": Kind(
            N_("Webhook"), Permission.MANAGE_WEBHOOKS, select(Webhook.code, Webhook.name, Webhook.name, null())
        ),
        "ministry": Kind(N_("Ministry"), Permission.EDIT_REFERENCE, _named(Ministry), sheets.MINISTRIES),
        "agency": Kind(N_("Agency"), Permission.EDIT_REFERENCE, _named(Agency), sheets.AGENCIES),
        "region": Kind(N_("Region"), Permission.EDIT_REFERENCE, _named(Region), sheets.REGIONS),
        "clearance": Kind(N_("Clearance"), Permission.EDIT_REFERENCE, _named(Clearance), sheets.CLEARANCES),
        "priority": Kind(N_("Priority"), Permission.EDIT_REFERENCE, _named(Priority), sheets.PRIORITIES),
        "resource_type": Kind(
            N_("Resource type"), Permission.EDIT_REFERENCE, _named(ResourceType), sheets.RESOURCE_TYPES
        ),
        "fiscal_year": Kind(
            N_("Fiscal year"), Permission.EDIT_REFERENCE, select(_YEAR, _YEAR, _YEAR, null()), sheets.FISCAL_YEARS
        ),
        "skill_level": Kind(N_("Skill level"), Permission.VIEW_WORKFORCE, _named(SkillLevel), workforce.SKILL_LEVELS),
        "work_role": Kind(N_("Data role"), Permission.VIEW_WORKFORCE, _named(WorkRole), workforce.WORK_ROLES),
        "course": Kind(N_("Course"), Permission.VIEW_WORKFORCE, _named(Course), workforce.COURSES),
        "cohort": Kind(
            N_("Cohort"),
            Permission.VIEW_WORKFORCE,
            select(Cohort.code, Cohort.code, Cohort.code, null()),
            workforce.COHORTS,
        ),
        "person": Kind(
            N_("Person"),
            Permission.VIEW_PEOPLE,
            select(Person.code, Person.code, Person.code, Agency.ministry_id).join(Person.agency),
            workforce.PEOPLE,
            owned=True,
        ),
        "coverage": Kind(
            N_("Coverage"), Permission.VIEW_WORKFORCE, select(_KEPT, _KEPT, _KEPT, null()).select_from(CoverageSnapshot)
        ),
        "workforce_plan": Kind(
            N_("Workforce plan"),
            Permission.VIEW_WORKFORCE,
            select(ClosingRun.code, ClosingRun.name, ClosingRun.name, null()),
        ),
        "closing_terms": Kind(
            N_("Terms of workforce plans"),
            Permission.VIEW_WORKFORCE,
            select(
                *(
                    literal_column(f"'{word}'", String)
                    for word in ("terms", "เงื่อนไขของแผนกำลังคน", "Terms of workforce plans")
                ),
                null(),
            ),
        ),
        "norm": Kind(N_("Norm"), Permission.VIEW_WORKFORCE, _NORMS, workforce.NORMS),
        "position": Kind(N_("Position"), Permission.VIEW_WORKFORCE, _POSITIONS, workforce.POSITIONS, owned=True),
        "agency_duty": Kind(
            N_("Duty for an agency"), Permission.VIEW_PEOPLE, _AGENCY_DUTIES, workforce.AGENCY_DUTIES, owned=True
        ),
        "dataset_duty": Kind(
            N_("Duty for a dataset"), Permission.VIEW_PEOPLE, _DATASET_DUTIES, workforce.DATASET_DUTIES, owned=True
        ),
        "policy": Kind(
            N_("Policy"),
            Permission.VIEW_PLANS,
            select(*(literal_column(f"'{word}'", String) for word in ("policy", "นโยบาย", "Policy")), null()),
        ),
    }
)


def split(subject: str) -> tuple[str, str]:
    """Kind and code of a subject."""
    kind, _, code = subject.partition(":")
    return kind, code


def find_subject(session: Session, actor: Actor, subject: str) -> Subject:
    """The object; `NotFoundError` if none is of the actor's ministry, `ForbiddenError` if none is for the role."""
    kind, _ = split(subject)
    if kind not in KINDS:
        raise NotFoundError
    require(actor, KINDS[kind].permission)
    found = load_subjects(session, [subject]).get(subject)
    if found is None or not may_see(actor, found):
        raise NotFoundError
    return found


def load_subjects(session: Session, subjects: Iterable[str]) -> dict[str, Subject]:
    """Those of `subjects` that exist, by their keys, whoever may see them. One query for each kind among them."""
    codes: dict[str, set[str]] = {}
    for subject in subjects:
        kind, code = split(subject)
        codes.setdefault(kind, set()).add(code)
    found: dict[str, Subject] = {}
    for kind in codes.keys() & KINDS.keys():
        query = KINDS[kind].query
        for code, name_th, name_en, ministry_id in session.execute(query.where(_code(query).in_(codes[kind]))):
            known = Subject(kind, code, LocalText(name_th, name_en), ministry_id)
            found[known.key] = known
    return found


def may_see(actor: Actor, subject: Subject) -> bool:
    """Whether `actor` may see the object."""
    return may(actor, KINDS[subject.kind].permission) and _within(actor.ministry_id, subject)


def role_may_see(role: Role, ministry_id: int | None, subject: Subject) -> bool:
    """Whether somebody of that role and ministry works with such an object, and so is told of it."""
    return role in PERMISSIONS[KINDS[subject.kind].permission] and _within(ministry_id, subject)


def _within(ministry_id: int | None, subject: Subject) -> bool:
    return ministry_id is None or not KINDS[subject.kind].owned or ministry_id == subject.ministry_id


def _code(query: AnySelect) -> ColumnElement[str]:
    column: ColumnElement[str] = query.selected_columns[0]
    return column
