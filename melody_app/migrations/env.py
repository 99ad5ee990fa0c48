"""Run migrations: in one transaction, in the writers' turn."""

from alembic import context

from melody_app.db import UtcDateTime, db, migrating


def render_item(kind, item, _autogen_context):
    """Spell our own types by what they store: a migration of today must run when the application has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def include_name(name, kind, _parents):
    """Leave out the index of the parts of numbers, which on SQLite is tables of its own: no model tells of it."""
    return name is None or not name.startswith("virtual_numbers_parts")


with migrating() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        render_as_batch=True,
        render_item=render_item,
        include_name=include_name,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
