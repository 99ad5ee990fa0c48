"""numbers without a kind: what nobody has said is no longer taken for a mobile number."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _alter_type(nullable=True, server_default=None)


def downgrade() -> None:
    op.execute("UPDATE virtual_numbers SET type = 'def' WHERE type IS NULL")
    _alter_type(nullable=False, server_default="def")


def _alter_type(**values: Any) -> None:
    # SQLite rebuilds the table, and its triggers go with the old one.
    with op.batch_alter_table("virtual_numbers", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("type", existing_type=sa.String(length=20), **values)
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_PARTS:
            op.execute(statement)


SQLITE_PARTS = [
    (
        "CREATE TRIGGER virtual_numbers_parts_insert AFTER INSERT ON virtual_numbers BEGIN"
        " INSERT INTO virtual_numbers_parts (rowid, search_key) VALUES (new.id, new.search_key); END"
    ),
    (
        "CREATE TRIGGER virtual_numbers_parts_delete AFTER DELETE ON virtual_numbers BEGIN"
        " INSERT INTO virtual_numbers_parts (virtual_numbers_parts, rowid, search_key)"
        " VALUES ('delete', old.id, old.search_key); END"
    ),
    (
        "CREATE TRIGGER virtual_numbers_parts_update AFTER UPDATE OF id, search_key ON virtual_numbers BEGIN"
        " INSERT INTO virtual_numbers_parts (virtual_numbers_parts, rowid, search_key)"
        " VALUES ('delete', old.id, old.search_key);"
        " INSERT INTO virtual_numbers_parts (rowid, search_key) VALUES (new.id, new.search_key); END"
    ),
]
