"""`planner doctor`: is this installation sound?"""

import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from planner import __version__, db
from planner.cli.console import WRONG, Console, speaks
from planner.cli.opening import settings
from planner.i18n import to_words
from planner.services.overview import is_synthetic
from planner.services.wording import SYNTHETIC
from planner.text import N_, Phrase, Value

PACKAGES: Final = ("planner", "models", "reports")
DISTRIBUTIONS: Final = ("flask", "sqlalchemy", "alembic", "pulp", "highspy", "numpy", "openpyxl", "gunicorn")
FOLDERS: Final = (Path("instance"), Path("out"))


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is as it should be, and what was seen."""

    sound: bool
    message: Phrase


@click.command("doctor")
@speaks
def doctor(console: Console) -> None:
    """Check this installation; exit code 1 if something is wrong."""
    findings = [*check_packages(), *check_folders(), *check_database(settings().database_url)]
    for finding in findings:
        mark = console.words(N_("ok") if finding.sound else N_("WRONG"))
        click.echo(f"{mark}: {to_words(finding.message, console.language)}")
    if not all(finding.sound for finding in findings):
        sys.exit(WRONG)


def _finding(sound: bool, msgid: str, /, **params: Value) -> Finding:
    return Finding(sound, Phrase(msgid, params))


def check_packages() -> Iterator[Finding]:
    """Versions, and whether our packages and the migrations stand side by side."""
    yield _finding(
        True,
        N_("planner %(version)s on Python %(python)s: %(libraries)s"),
        version=__version__,
        python=platform.python_version(),
        libraries=", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS),
    )
    homes = {str(package_home(name)) for name in PACKAGES} | {str(db.MIGRATIONS.parent)}
    if len(homes) == 1:
        yield _finding(db.MIGRATIONS.is_dir(), N_("All packages come from %(place)s"), place=homes.pop())
    else:
        yield _finding(False, N_("Packages come from different places: %(places)s"), places=tuple(sorted(homes)))


def package_home(name: str) -> Path:
    """The folder that holds the package `name`."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).resolve().parent.parent


def check_folders() -> Iterator[Finding]:
    """Whether the database's and the reports' folders can be written, or made."""
    for folder in FOLDERS:
        place = folder if folder.exists() else Path()
        sound = os.access(place, os.W_OK | os.X_OK) and place.is_dir()
        msgid = N_("%(folder)s can be written") if sound else N_("%(folder)s cannot be written")
        yield _finding(sound, msgid, folder=str(folder.resolve()))


def check_database(url: str) -> Iterator[Finding]:
    """Whether the database answers and has the newest tables, and whether its data is synthetic."""
    engine = db.open_engine(url)
    try:
        present, newest = db.pending_revisions(engine)
        if present == newest:
            yield _finding(True, N_("The database is up to date (%(revision)s)"), revision=present)
            yield _finding(True, _say_whether_synthetic(engine))
        else:
            yield _finding(
                False,
                N_("The database is at %(present)s instead of %(newest)s. Run `planner init`."),
                present=present,
                newest=newest,
            )
    except SQLAlchemyError as error:
        yield _finding(False, N_("The database cannot be reached: %(reason)s"), reason=str(error))
    finally:
        engine.dispose()


def _say_whether_synthetic(engine: Engine) -> str:
    with db.open_sessions(engine)() as session:
        if is_synthetic(session):
            return SYNTHETIC
    return N_("No synthetic data was ever imported")
