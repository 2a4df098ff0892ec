"""Work that is done in the background and outlives whoever does it.

A service adds a job in its own transaction (`add_job`); a worker does it (`planner.jobs`), or the caller does it itself
(`run_now`). What a job does is a handler, a function that is given its `Work`.
"""

from planner.services.jobs.reading import SORTABLE, JobInfo, LogLine, find_job, list_jobs, list_workers, load_job
from planner.services.jobs.requests import add_job, cancel_job, retry_job
from planner.services.jobs.running import Handler, run_now
from planner.services.jobs.work import CancelledError, Work

__all__ = [
    "SORTABLE",
    "CancelledError",
    "Handler",
    "JobInfo",
    "LogLine",
    "Work",
    "add_job",
    "cancel_job",
    "find_job",
    "list_jobs",
    "list_workers",
    "load_job",
    "retry_job",
    "run_now",
]
