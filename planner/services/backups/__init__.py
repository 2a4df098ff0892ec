"""Backups: everything that an installation holds in one file, taken while it is in use, and put back whole.

A backup is a compressed archive: `tables/NAME.jsonl` for every table, first the names of its columns and then a row a
line, `attachments/TOKEN` for every attached file, and at its end `manifest.json` with a hash of each. It is the same
whatever database it came from, so it also carries an installation from SQLite to PostgreSQL. With the public key of
somebody (the `age` format) nobody else can read it.
"""

from planner.services.backups.restoring import restore_backup
from planner.services.backups.writing import Kept, write_backup

__all__ = ["Kept", "restore_backup", "write_backup"]
