"""Tables, and nothing but tables: columns, constraints, relationships. Rules and permissions live in services."""

from models.api_tokens import ApiAnswer, ApiToken
from models.audit import AuditEntry, AuditHead
from models.base import Base
from models.closing import ClosingRun, ClosingTerms
from models.collaboration import Attachment, Comment, Follower, InboxItem, MailSubscription
from models.coverage import CoverageSnapshot
from models.datasets import Dataset
from models.demand import DemandLine, Requirement, RequirementStatus
from models.imports import ImportBatch, ImportRow
from models.jobs import Job, JobKind, JobLine, JobStatus, Worker
from models.people import (
    AddressFailures,
    Identity,
    PasswordLink,
    RecoveryCode,
    Role,
    SecondFactor,
    SignIn,
    User,
)
from models.plans import (
    Placement,
    PlanLevel,
    PlanRun,
    PoolUse,
    Purchase,
    RunStatus,
    ServiceShare,
    Shortfall,
    ShortfallReason,
    SolveStatus,
)
from models.policy import Fairness, MinistryBounds, Pin, Policy
from models.publishing import Publication
from models.reference import Agency, Clearance, FiscalYear, Ministry, Priority, Region, ResourceType
from models.report_sets import ReportArchive
from models.retention import Removal
from models.review import PlanningRound, RequirementRevision, RoundExtension
from models.scenarios import Scenario, Sweep
from models.supply import Capacity, Expansion, Site, SiteResource
from models.views import SavedView
from models.webhooks import DeliveryStatus, Webhook, WebhookAttempt, WebhookDelivery
from models.workforce import (
    AgencyDuty,
    Cohort,
    Course,
    DatasetDuty,
    Enrolment,
    LevelBasis,
    Norm,
    Person,
    PersonRole,
    PlannedLeave,
    Position,
    Secondment,
    SkillLevel,
    WorkRole,
)

__all__ = [
    "AddressFailures",
    "Agency",
    "AgencyDuty",
    "ApiAnswer",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Capacity",
    "Clearance",
    "ClosingRun",
    "ClosingTerms",
    "Cohort",
    "Comment",
    "Course",
    "CoverageSnapshot",
    "Dataset",
    "DatasetDuty",
    "DeliveryStatus",
    "DemandLine",
    "Enrolment",
    "Expansion",
    "Fairness",
    "FiscalYear",
    "Follower",
    "Identity",
    "ImportBatch",
    "ImportRow",
    "InboxItem",
    "Job",
    "JobKind",
    "JobLine",
    "JobStatus",
    "LevelBasis",
    "MailSubscription",
    "Ministry",
    "MinistryBounds",
    "Norm",
    "PasswordLink",
    "Person",
    "PersonRole",
    "Pin",
    "Placement",
    "PlanLevel",
    "PlanRun",
    "PlannedLeave",
    "PlanningRound",
    "Policy",
    "PoolUse",
    "Position",
    "Priority",
    "Publication",
    "Purchase",
    "RecoveryCode",
    "Region",
    "Removal",
    "ReportArchive",
    "Requirement",
    "RequirementRevision",
    "RequirementStatus",
    "ResourceType",
    "Role",
    "RoundExtension",
    "RunStatus",
    "SavedView",
    "Scenario",
    "SecondFactor",
    "Secondment",
    "ServiceShare",
    "Shortfall",
    "ShortfallReason",
    "SignIn",
    "Site",
    "SiteResource",
    "SkillLevel",
    "SolveStatus",
    "Sweep",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WorkRole",
    "Worker",
]
