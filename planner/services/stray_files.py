"""Attached files against the rows that name them: files that no row names, and rows whose file is gone."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Attachment
from planner.services.attachments import Shelf

SETTLED: Final = dt.timedelta(days=1)
"""A file is put on the shelf before its row is committed, and taken off after: a younger one may be on its way."""
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


def stray_files(session: Session, shelf: Shelf, now: dt.datetime) -> tuple[str, ...]:
    """The tokens of the settled files that no row names, sorted: what a process left that was killed."""
    found = set(_settled(shelf, now - SETTLED))
    return tuple(sorted(found - set(session.scalars(select(Attachment.token))))) if found else ()


def lost_files(session: Session, shelf: Shelf) -> tuple[str, ...]:
    """The tokens of the rows whose file is not on the shelf, sorted."""
    return tuple(
        token
        for token in session.scalars(select(Attachment.token).order_by(Attachment.token))
        if not shelf.path(token).is_file()
    )


def _settled(shelf: Shelf, before: dt.datetime) -> Iterator[str]:
    """Every file that lies where the shelf would have put it, and is from before then."""
    for path in shelf.folder.glob("[0-9a-f][0-9a-f]/*"):
        if _TOKEN.fullmatch(path.name) and path == shelf.path(path.name) and path.stat().st_mtime < before.timestamp():
            yield path.name
