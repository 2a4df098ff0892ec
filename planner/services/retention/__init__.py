"""What is removed in time: runs and plans that nobody needs any more, and what has expired.

Never removed: a plan that was ever published and what belongs to it, the newest plans, what somebody wrote about, what
is under way, and the audit log.
"""

from planner.services.retention.purging import Purge, purge

__all__ = ["Purge", "purge"]
