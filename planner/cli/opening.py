"""Opening what the commands need: settings and the database."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from planner import db
from planner.cli.console import Console
from planner.config import Settings, load_settings
from planner.errors import ConflictError, PlannerError
from planner.text import N_, Phrase


def settings() -> Settings:
    """The settings; where some are bad, `SettingsError` names each."""
    return load_settings()


def open_sessions() -> sessionmaker[Session]:
    """Sessions on the database; `ConflictError` if its tables are not the newest."""
    engine = db.open_engine(settings().database_url)
    try:
        present, newest = db.pending_revisions(engine)
    except OperationalError as error:
        reason = Phrase(N_("The database cannot be reached: %(reason)s"), {"reason": str(error.orig)})
        raise PlannerError(reason) from None
    if present != newest:
        raise ConflictError(Phrase(N_("The database is not up to date. Run `planner init` first.")))
    return db.open_sessions(engine)


def migrate_database(console: Console) -> None:
    """Create the database or bring it up to date."""
    with console.step(N_("Preparing the database")):
        engine = db.open_engine(settings().database_url)
        db.migrate(engine)
        engine.dispose()
