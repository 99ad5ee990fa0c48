"""lookups."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lookups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("exchange", sa.String(length=100), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=14), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("source_type", sa.String(length=6), nullable=True),
        sa.Column("media_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("door IN ('asterisk', 'freeswitch', 'json')", name=op.f("ck_lookups_door")),
        sa.CheckConstraint("source IN ('employee_group', 'number', 'company', 'none')", name=op.f("ck_lookups_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookups")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lookups_subject_id"), "lookups", ["subject", "id"], unique=False)
    op.create_index(op.f("ix_lookups_is_known_id"), "lookups", ["is_known", "id"], unique=False)
    op.create_index(op.f("ix_lookups_department_id_id"), "lookups", ["department_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_lookups_department_id_id"), table_name="lookups")
    op.drop_index(op.f("ix_lookups_is_known_id"), table_name="lookups")
    op.drop_index(op.f("ix_lookups_subject_id"), table_name="lookups")
    op.drop_table("lookups")
