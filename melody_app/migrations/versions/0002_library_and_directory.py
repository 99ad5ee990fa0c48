"""library and directory."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In the version before, these three stood empty: nothing could write to them.
    for table in ("virtual_numbers", "departments", "melodies"):
        op.drop_table(table)
    op.create_table(
        "audio",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_audio")),
    )
    op.create_table(
        "company_default",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dialing_source_type", sa.String(length=6), server_default="beeps", nullable=False),
        sa.Column("dialing_media_id", sa.BigInteger(), nullable=False),
        sa.Column("hold_source_type", sa.String(length=6), server_default="beeps", nullable=False),
        sa.Column("hold_media_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "dialing_source_type IN ('beeps', 'client', 'system')", name=op.f("ck_company_default_dialing_source_type")
        ),
        sa.CheckConstraint(
            "hold_source_type IN ('beeps', 'client', 'system')", name=op.f("ck_company_default_hold_source_type")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_company_default_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_default")),
    )
    # The one row is always there: plain ringing, until somebody says otherwise.
    op.execute("INSERT INTO company_default (id, dialing_media_id, hold_media_id, changed_by) VALUES (1, 123, 123, '')")
    op.create_table(
        "departments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_phone", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_key", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_departments_short_phone"), "departments", ["short_phone"], unique=False)
    op.create_index(op.f("ix_departments_search_key_id"), "departments", ["search_key", "id"], unique=False)

    op.create_table(
        "virtual_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=15), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=True),
        sa.Column("type", sa.String(length=20), server_default="def", nullable=False),
        sa.Column("state", sa.String(length=20), server_default="active", nullable=False),
        sa.Column("region_name", sa.String(length=100), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_key", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'activation', 'debt_lock', 'unconfirmed', 'freeze')",
            name=op.f("ck_virtual_numbers_state"),
        ),
        sa.CheckConstraint(
            "type IN ('def', 'abc', 'sip_registration', 'sip_redirection', 'toll_free')",
            name=op.f("ck_virtual_numbers_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_virtual_numbers")),
        sa.UniqueConstraint("number", name=op.f("uq_virtual_numbers_number")),
        sqlite_autoincrement=True,
    )
    for column in ("search_key", "type", "state"):
        op.create_index(op.f(f"ix_virtual_numbers_{column}_id"), "virtual_numbers", [column, "id"], unique=False)
    _index_parts_of_numbers()
    op.create_table(
        "melodies",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_type", sa.String(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("original_format", sa.String(length=10), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("sample_rate_hz", sa.Integer(), nullable=False),
        sa.Column("peak_dbfs", sa.Float(), nullable=True),
        sa.Column("loudness_lufs", sa.Float(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("source_type IN ('client', 'system')", name=op.f("ck_melodies_source_type")),
        sa.ForeignKeyConstraint(["original_sha256"], ["audio.sha256"], name=op.f("fk_melodies_original_sha256")),
        sa.ForeignKeyConstraint(["sha256"], ["audio.sha256"], name=op.f("fk_melodies_sha256")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_melodies")),
        sa.UniqueConstraint("source_type", "id", name=op.f("uq_melodies_source_type_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_melodies_original_sha256"), "melodies", ["original_sha256"], unique=False)
    op.create_index(op.f("ix_melodies_sha256"), "melodies", ["sha256"], unique=False)

    op.drop_index(op.f("ix_rules_media_id"), table_name="rules")
    op.create_index(op.f("ix_rules_source_type_media_id_id"), "rules", ["source_type", "media_id", "id"], unique=False)
    op.create_index(op.f("ix_rules_changed_at_id"), "rules", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_rules_changed_by_id"), "rules", ["changed_by", "id"], unique=False)
    op.drop_index(op.f("ix_journal_entries_person"), table_name="journal_entries")
    op.create_index(op.f("ix_journal_entries_person_id"), "journal_entries", ["person", "id"], unique=False)


def _index_parts_of_numbers() -> None:
    """Make the index by which numbers are found by any three letters in a row; one that rebuilds the table makes it anew."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_PARTS:
            op.execute(statement)
        return
    # A server may lack the extension, or forbid it: then such a search reads the table.
    can = op.get_bind().scalar(sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"))
    if can and _is_done("CREATE EXTENSION IF NOT EXISTS pg_trgm"):
        op.execute("CREATE INDEX virtual_numbers_parts ON virtual_numbers USING gin (search_key gin_trgm_ops)")


def _is_done(statement: str) -> bool:
    try:
        with op.get_bind().begin_nested():
            op.execute(statement)
    except sa.exc.DBAPIError:
        return False
    return True


SQLITE_PARTS = [
    (
        "CREATE VIRTUAL TABLE virtual_numbers_parts USING fts5("
        "search_key, content='virtual_numbers', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1')"
    ),
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


def downgrade() -> None:
    op.drop_index(op.f("ix_journal_entries_person_id"), table_name="journal_entries")
    op.create_index(op.f("ix_journal_entries_person"), "journal_entries", ["person"], unique=False)
    for columns in ("source_type_media_id", "changed_at", "changed_by"):
        op.drop_index(op.f(f"ix_rules_{columns}_id"), table_name="rules")
    op.create_index(op.f("ix_rules_media_id"), "rules", ["media_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("virtual_numbers_parts")
    op.drop_index(op.f("ix_melodies_sha256"), table_name="melodies")
    op.drop_index(op.f("ix_melodies_original_sha256"), table_name="melodies")

    op.drop_table("melodies")
    op.drop_table("virtual_numbers")
    op.drop_index(op.f("ix_departments_search_key_id"), table_name="departments")
    op.drop_index(op.f("ix_departments_short_phone"), table_name="departments")

    op.drop_table("departments")
    op.drop_table("company_default")
    op.drop_table("audio")
    op.create_table(
        "departments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
    )
    op.create_table(
        "melodies",
        sa.Column("source_type", sa.String(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.CheckConstraint("source_type IN ('client', 'system')", name=op.f("ck_melodies_source_type")),
        sa.PrimaryKeyConstraint("source_type", "id", name=op.f("pk_melodies")),
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
