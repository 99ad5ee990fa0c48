"""uploads: who uploaded a melody's file, and when, apart from the last change."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MELODIES = sa.table(
    "melodies",
    *map(sa.column, ("source_type", "id", "changed_at", "changed_by", "uploaded_at", "uploaded_by")),
)
JOURNAL = sa.table(
    "journal_entries",
    *map(sa.column, ("id", "at", "person", "action", "subject", "subject_id")),
    sa.column("before", sa.JSON()),
    sa.column("after", sa.JSON()),
)


def upgrade() -> None:
    op.add_column("melodies", sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("melodies", sa.Column("uploaded_by", sa.String(length=100), nullable=True))
    own = sa.update(MELODIES).where(MELODIES.c.source_type == "client")
    op.execute(own.values(uploaded_at=MELODIES.c.changed_at, uploaded_by=MELODIES.c.changed_by))
    # Where a melody was changed after its last upload, the row knows the change only; the journal knows both.
    for melody_id, entry_id in _uploads_before_a_change().items():
        entry = JOURNAL.c.id == entry_id
        told = {
            "uploaded_at": sa.select(JOURNAL.c.at).where(entry).scalar_subquery(),
            "uploaded_by": sa.select(JOURNAL.c.person).where(entry).scalar_subquery(),
        }
        op.execute(own.where(MELODIES.c.id == melody_id).values(told))


def _uploads_before_a_change() -> dict[int, int]:
    """Return the journal's entry of the last upload of each of the company's melodies that was changed since."""
    told = sa.select(JOURNAL).where(JOURNAL.c.subject == "melody", JOURNAL.c.action.in_(("created", "changed")))
    uploads: dict[int, int] = {}
    last: dict[int, int] = {}
    for entry in op.get_bind().execute(told.order_by(JOURNAL.c.id)):
        if entry.after.get("source_type") == "client":
            last[entry.subject_id] = entry.id
            if (entry.before or {}).get("file") != entry.after.get("file"):
                uploads[entry.subject_id] = entry.id
    return {melody_id: entry_id for melody_id, entry_id in uploads.items() if entry_id != last[melody_id]}


def downgrade() -> None:
    op.drop_column("melodies", "uploaded_by")
    op.drop_column("melodies", "uploaded_at")
