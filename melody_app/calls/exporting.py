"""Write what callers hear as a list, for reading: no spreadsheet takes a cell of it for a formula."""

from collections.abc import Iterator

from flask_babel import gettext

from melody_app.calls import words
from melody_app.calls.coverage import Row, View, every_row
from melody_app.directory import phone
from melody_app.directory.forms import STATES
from melody_app.rules.lists.columns import spell_source
from melody_app.sheets.columns import Column, harmless_throughout

# A file that begins with the letters ID is no CSV for Excel, but a damaged SYLK file: the id doesn't stand first.
COLUMNS = (
    Column("name", "Number or department", "Номер или отдел"),
    Column("id", "ID", "ID"),
    Column("kind", "Kind", "Вид"),
    Column("comment", "Comment", "Комментарий"),
    Column("short_phone", "Internal number", "Внутренний номер"),
    Column("state", "State", "Состояние"),
    Column("melody", "Callers hear", "Звонящие слышат"),
    Column("source_type", "Kind of melody", "Вид мелодии"),
    Column("media_id", "Melody ID", "ID мелодии"),
    Column("why", "Why", "Почему"),
    Column("rule_id", "Rule", "Правило"),
)


def rows(view: View, language: str) -> Iterator[list[str]]:
    """Yield the cells of every row.

    Args:
        view: which rows.
        language: `ru` or `en`.
    """
    kinds = {"numbers": gettext("Number"), "departments": gettext("Department")}
    states = {code: str(title) for code, title in STATES.items()}
    for row in every_row(view):
        cells = [_name(row), str(row.id), kinds[row.kind], *_notes(row), states.get(row.state or "", "")]
        yield [harmless_throughout(cell) for cell in (*cells, *_melody(row, language), words.why(row.resolution))] + [
            str(row.rule_id or "")
        ]


def _name(row: Row) -> str:
    name = row.resolution.stages[0].name or ""
    return phone.for_sheet(name) if name and row.kind == "numbers" else name


def _notes(row: Row) -> list[str]:
    note = row.note or ""
    return [note, ""] if row.kind == "numbers" else ["", note]


def _melody(row: Row, language: str) -> list[str]:
    played = row.resolution.playable.melody
    name = words.melody(played)
    return [name, spell_source(played.source_type, language), str(played.id)] if played else [name, "", ""]
