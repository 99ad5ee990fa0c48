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


def is_current() -> bool:
    """Tell whether the database has the newest schema."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
