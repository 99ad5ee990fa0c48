"""Run migrations: in one transaction, in the writers' turn."""

from alembic import context

from melody_app.db import UtcDateTime, db, migrating


def render_item(kind, item, _autogen_context):
    """Spell our own types by what they store: a migration of today must run when the application has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


with migrating() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
