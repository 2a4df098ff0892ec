"""What stands on this machine: settings that fit together, folders that can be written, room on the disks."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from planner.cli.doctor.findings import Finding, Verdict, found
from planner.config import Settings, known_settings
from planner.environment import PREFIX
from planner.text import N_

ELSEWHERE: Final = frozenset({"PLANNER_LANGUAGE"})
"""Settings that commands read by themselves."""
INSTANCE: Final = Path("instance")
OUT: Final = Path("out")
SHORTEST_KEY: Final = 32
FEWEST_SIGNS: Final = 10
"""Different signs that a random key of that length has at least."""
GIGABYTE: Final = 2**30
LITTLE: Final = GIGABYTE
TOO_LITTLE: Final = GIGABYTE // 4


def check_settings(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Settings that are sound each, and yet misspelt, weak, or at odds with one another."""
    unknown = sorted(name for name in environ if name.startswith(PREFIX))
    unknown = [name for name in unknown if name not in known_settings() | ELSEWHERE]
    if unknown:
        yield found(Verdict.WRONG, N_("There are no such settings: %(names)s"), names=tuple(unknown))
    if len(settings.secret_key) < SHORTEST_KEY or len(set(settings.secret_key)) < FEWEST_SIGNS:
        weak = N_("PLANNER_SECRET_KEY can be guessed: use at least %(signs)s random signs")
        yield found(Verdict.WRONG, weak, signs=SHORTEST_KEY)
    elif not environ.get("PLANNER_SECRET_KEY") and stat.S_IMODE((INSTANCE / "secret_key").stat().st_mode) & 0o077:
        yield found(
            Verdict.WRONG, N_("Others than its owner may read the secret key in %(folder)s"), folder=str(INSTANCE)
        )
    else:
        yield found(Verdict.SOUND, N_("The secret key is long and kept to itself"))
    if settings.attachment_limit > settings.upload_limit:
        yield found(Verdict.WRONG, N_("PLANNER_ATTACHMENT_LIMIT is more than PLANNER_UPLOAD_LIMIT lets through"))
    if settings.address.startswith("https://"):
        if not settings.secure_cookies:
            yield found(Verdict.WRONG, N_("PLANNER_ADDRESS is https, but PLANNER_SECURE_COOKIES is not 1"))
        if not settings.proxies:
            behind = N_("PLANNER_PROXIES is 0: whatever ends https in front of it then counts as one visitor")
            yield found(Verdict.DOUBTFUL, behind)
    if settings.mail_server and not settings.address:
        yield found(Verdict.DOUBTFUL, N_("Mail is sent without links: PLANNER_ADDRESS is not set"))


def check_folders(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether what is written to folders can be, or the folders be made; that for reports may be left out."""
    needed = {settings.attachments: Verdict.WRONG, OUT: Verdict.DOUBTFUL}
    if not (environ.get("PLANNER_DATABASE_URL") and environ.get("PLANNER_SECRET_KEY")):
        needed = {INSTANCE: Verdict.WRONG, **needed}
    for folder, verdict in needed.items():
        place = folder.resolve()
        while not place.exists():
            place = place.parent
        sound = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        msgid = N_("%(folder)s can be written") if sound else N_("%(folder)s cannot be written")
        yield found(Verdict.SOUND if sound else verdict, msgid, folder=str(folder.resolve()))


def check_disks(settings: Settings) -> Iterator[Finding]:
    """Whether there is room where this machine keeps the database's file, attached files and what is under way."""
    url = make_url(settings.database_url)
    own = {Path(url.database).resolve().parent} if url.get_backend_name() == "sqlite" and url.database else set()
    places = {INSTANCE.resolve(), settings.attachments, Path(tempfile.gettempdir())} | own
    for place in sorted(place for place in places if place.exists()):
        free = shutil.disk_usage(place).free
        verdict = Verdict.WRONG if free < TOO_LITTLE else Verdict.DOUBTFUL if free < LITTLE else Verdict.SOUND
        yield found(verdict, N_("%(folder)s has %(free)s GB left"), folder=str(place), free=round(free / GIGABYTE, 1))
