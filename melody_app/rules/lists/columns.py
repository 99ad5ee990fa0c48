"""The columns of a list of rules, and the words that stand in them."""

from melody_app.search import search_key
from melody_app.sheets.columns import Column

COLUMNS = (
    Column("id", "Rule", "Правило", ("ID", "Ид", "Код", "Rule ID", "ID правила", "Ид правила", "rule_id")),
    Column("number_capacity_ids", "Numbers", "Номера", ("Номер", "Number", "numbercapacityids")),
    Column("employee_group_ids", "Departments", "Отделы", ("Отдел", "Department", "employeegroupids")),
    Column("source_type", "Kind of melody", "Вид мелодии", ("Вид", "Kind", "Чья мелодия", "Whose melody", "Source")),
    Column("media_id", "Melody", "Мелодия", ("ID of the melody", "ID мелодии", "Ид мелодии")),
)
NEEDED = {column.name for column in COLUMNS} - {"id"}

FOR_READING = (
    Column("number_names", "Numbers (for reading)", "Номера (для чтения)"),
    Column("department_names", "Departments (for reading)", "Отделы (для чтения)"),
    Column("melody_name", "Melody (for reading)", "Мелодия (для чтения)"),
)
"""What an export says besides, so that people know what they edit; an import passes it over."""

BETWEEN_IDS = "; "
"""What stands between the ids of a cell: a spreadsheet takes `352 446` and `352,446` for the one number 352446."""

_SOURCES = {
    "system": ("standard", "стандартная", "Standard melody", "Стандартная мелодия"),
    "client": ("own", "своя", "Own melody", "Своя мелодия"),
}
_SOURCE_BY_WORD = {search_key(word): source for source, words in _SOURCES.items() for word in (source, *words)}


def spell_source(source_type: str, language: str) -> str:
    """Return the word that says whose melody it is."""
    english, russian, *_ = _SOURCES[source_type]
    return russian if language == "ru" else english


def read_source(text: str) -> str | None:
    """Return whose melody a word says it is; a word that says nothing stays, for the form to refuse."""
    return _SOURCE_BY_WORD.get(search_key(text), text) or None
