"""Tables, and nothing but tables: columns, constraints, relationships. Rules and permissions live in services."""

from models.audit import AuditEntry, AuditHead
from models.base import Base
from models.datasets import Dataset
from models.demand import DemandLine, Requirement, RequirementStatus
from models.imports import ImportBatch
from models.people import Role, User
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
from models.reference import Agency, Clearance, FiscalYear, Ministry, Priority, Region, ResourceType
from models.supply import Capacity, Expansion, Site, SiteResource

__all__ = [
    "Agency",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Capacity",
    "Clearance",
    "Dataset",
    "DemandLine",
    "Expansion",
    "FiscalYear",
    "ImportBatch",
    "Ministry",
    "Placement",
    "PlanLevel",
    "PlanRun",
    "PoolUse",
    "Priority",
    "Purchase",
    "Region",
    "Requirement",
    "RequirementStatus",
    "ResourceType",
    "Role",
    "RunStatus",
    "ServiceShare",
    "Shortfall",
    "ShortfallReason",
    "Site",
    "SiteResource",
    "SolveStatus",
    "User",
]
