"""Bring the database's schema up to date, by Alembic's migrations."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import Migrate, upgrade

from melody_app.db import db

MIGRATIONS = Path(__file__).with_name("migrations")

migrate = Migrate(db=db, directory=str(MIGRATIONS), compare_type=True)


def bring_up_to_date() -> None:
    """Run the migrations that the database lacks; none when it lacks none."""
    upgrade()


def newest_revision() -> str | None:
    """Return the revision of this version's schema."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def stored_revision() -> str | None:
    """Return the revision of the database's schema; None where it has none."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Tell whether this version has a migration that leads to the revision."""
    return revision in {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def is_current() -> bool:
    """Tell whether the database has the newest schema."""
    return stored_revision() == newest_revision()
