"""`planner backup` and `planner restore`: everything in one file, and back."""

from pathlib import Path

import click

from planner import db
from planner.cli.console import Console, speaks
from planner.cli.files import EXISTING, FILE, replacing
from planner.cli.opening import open_sessions, settings
from planner.services.attachments import Shelf
from planner.services.backups import restore_backup, write_backup
from planner.services.permissions import OPERATOR
from planner.text import N_


@click.command("backup")
@click.argument("file", metavar="OUT.tar.gz", type=FILE)
@click.option("--recipient", help="An age public key (age1…): only its secret key reads the backup.")
@speaks
def backup(console: Console, file: Path, recipient: str | None) -> None:
    """Write everything that the installation holds to one file, while people go on working.

    The database as it stands at one moment, and the attached files. What can be made again is left out: reports in
    folders, and the settings, among them the secret key, which belong elsewhere.
    """
    sessions, shelf = open_sessions(), Shelf(settings().attachments)
    with console.step(N_("Writing %(file)s"), file=str(file)), replacing(file) as stream:
        kept = write_backup(sessions, OPERATOR, shelf, stream, recipient)
    console.say(N_("The backup holds %(rows)s rows and %(files)s attached files."), rows=kept.rows, files=kept.files)
    for token in kept.missing:
        console.say(N_("The attached file %(token)s is not where it should be."), token=token)


@click.command("restore")
@click.argument("file", metavar="FILE", type=EXISTING)
@click.option("--identity", type=EXISTING, help="File with the age secret key (AGE-SECRET-KEY-…).")
@speaks
def restore(console: Console, file: Path, identity: Path | None) -> None:
    """Put a backup back into an empty database, SQLite or PostgreSQL, whichever it came from.

    The file is checked to its end first, and nothing is stored unless the database then holds just what the backup
    does.
    """
    engine = db.open_engine(settings().database_url)
    try:
        with console.step(N_("Restoring %(file)s"), file=str(file)), file.open("rb") as stream:
            secret = _secret_key(identity) if identity else None
            manifest, kept = restore_backup(engine, OPERATOR, Shelf(settings().attachments), stream, secret)
    finally:
        engine.dispose()
    console.say(
        N_("Restored %(rows)s rows and %(files)s attached files of %(moment)s; the hashes of all tables are equal."),
        rows=kept.rows,
        files=kept.files,
        moment=manifest.written_at,
    )


def _secret_key(path: Path) -> str:
    """The key among the lines of a key file, which also holds comments."""
    lines = path.read_text().splitlines()
    return next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
