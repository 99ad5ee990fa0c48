"""first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("door", sa.String(length=7), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("request_id", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("door IN ('page', 'token', 'command')", name=op.f("ck_journal_entries_door")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_journal_entries_at"), "journal_entries", ["at"], unique=False)
    op.create_index(op.f("ix_journal_entries_person"), "journal_entries", ["person"], unique=False)
    op.create_index(
        op.f("ix_journal_entries_subject_subject_id"), "journal_entries", ["subject", "subject_id"], unique=False
    )

    op.create_table(
        "melodies",
        sa.Column("source_type", sa.String(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.CheckConstraint("source_type IN ('client', 'system')", name=op.f("ck_melodies_source_type")),
        sa.PrimaryKeyConstraint("source_type", "id", name=op.f("pk_melodies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name_key", name=op.f("uq_people_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_type", sa.String(length=6), nullable=False),
        sa.Column("media_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("source_type IN ('client', 'system')", name=op.f("ck_rules_source_type")),
        sa.CheckConstraint("media_id >= 1", name=op.f("ck_rules_media_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rules_media_id"), "rules", ["media_id"], unique=False)

    op.create_table(
        "sign_in_attempts",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("window_s", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_window_s"), "sign_in_attempts", ["window_s"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=6), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("last_used_s", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("scope IN ('manage', 'call')", name=op.f("ck_tokens_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_tokens_key_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_tokens_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "virtual_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=15), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=True),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_virtual_numbers")),
        sa.UniqueConstraint("number", name=op.f("uq_virtual_numbers_number")),
    )
    op.create_table(
        "rule_departments",
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("employee_group_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("employee_group_id >= 1", name=op.f("ck_rule_departments_employee_group_id")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["rules.id"], name=op.f("fk_rule_departments_rule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule_id", "position", name=op.f("pk_rule_departments")),
        sa.UniqueConstraint("employee_group_id", name=op.f("uq_rule_departments_employee_group_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rule_numbers",
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number_capacity_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number_capacity_id >= 1", name=op.f("ck_rule_numbers_number_capacity_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rule_numbers_rule_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rule_id", "position", name=op.f("pk_rule_numbers")),
        sa.UniqueConstraint("number_capacity_id", name=op.f("uq_rule_numbers_number_capacity_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_sign_ins_key_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_ins_expires_s"), "sign_ins", ["expires_s"], unique=False)
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_ins_person_id"), table_name="sign_ins")
    op.drop_index(op.f("ix_sign_ins_expires_s"), table_name="sign_ins")

    op.drop_table("sign_ins")
    op.drop_table("rule_numbers")
    op.drop_table("rule_departments")
    op.drop_table("virtual_numbers")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_sign_in_attempts_window_s"), table_name="sign_in_attempts")

    op.drop_table("sign_in_attempts")
    op.drop_index(op.f("ix_rules_media_id"), table_name="rules")

    op.drop_table("rules")
    op.drop_table("people")
    op.drop_table("melodies")
    op.drop_index(op.f("ix_journal_entries_subject_subject_id"), table_name="journal_entries")
    op.drop_index(op.f("ix_journal_entries_person"), table_name="journal_entries")
    op.drop_index(op.f("ix_journal_entries_at"), table_name="journal_entries")

    op.drop_table("journal_entries")
    op.drop_table("departments")
