"""indexes of few lookups: those of unknown numbers, and those of departments."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PARTS = {
    "is_known": sa.column("is_known", sa.Boolean()).is_(False),
    "department_id": sa.column("department_id", sa.BigInteger()).is_not(None),
}


def upgrade() -> None:
    for column, part in PARTS.items():
        name = op.f(f"ix_lookups_{column}_id")
        op.drop_index(name, table_name="lookups")
        op.create_index(name, "lookups", [column, "id"], sqlite_where=part, postgresql_where=part)


def downgrade() -> None:
    for column in PARTS:
        name = op.f(f"ix_lookups_{column}_id")
        op.drop_index(name, table_name="lookups")
        op.create_index(name, "lookups", [column, "id"])
