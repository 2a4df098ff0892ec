"""Tables, and nothing but tables: columns, constraints, relationships. Rules and permissions live in services."""

from models.audit import AuditEntry, AuditHead
from models.base import Base
from models.collaboration import Attachment, Comment, Follower, InboxItem, MailSubscription
from models.datasets import Dataset
from models.demand import DemandLine, Requirement, RequirementStatus
from models.imports import ImportBatch, ImportRow
from models.people import AddressFailures, PasswordLink, Role, SignIn, User
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
from models.reference import Agency, Clearance, FiscalYear, Ministry, Priority, Region, ResourceType
from models.review import PlanningRound, RequirementRevision, RoundExtension
from models.scenarios import Scenario, Sweep
from models.supply import Capacity, Expansion, Site, SiteResource
from models.views import SavedView

__all__ = [
    "AddressFailures",
    "Agency",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Capacity",
    "Clearance",
    "Comment",
    "Dataset",
    "DemandLine",
    "Expansion",
    "Fairness",
    "FiscalYear",
    "Follower",
    "ImportBatch",
    "ImportRow",
    "InboxItem",
    "MailSubscription",
    "Ministry",
    "MinistryBounds",
    "PasswordLink",
    "Pin",
    "Placement",
    "PlanLevel",
    "PlanRun",
    "PlanningRound",
    "Policy",
    "PoolUse",
    "Priority",
    "Purchase",
    "Region",
    "Requirement",
    "RequirementRevision",
    "RequirementStatus",
    "ResourceType",
    "Role",
    "RoundExtension",
    "RunStatus",
    "SavedView",
    "Scenario",
    "ServiceShare",
    "Shortfall",
    "ShortfallReason",
    "SignIn",
    "Site",
    "SiteResource",
    "SolveStatus",
    "Sweep",
    "User",
]
