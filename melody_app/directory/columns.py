"""What the columns of a directory's list are called."""

from melody_app.directory.store import DEPARTMENTS, NUMBERS
from melody_app.sheets.columns import Column

_ID = Column("id", "ID", "ID", ("Ид", "Код", "Идентификатор", "number_capacity_id", "employee_group_id"))

# A file that begins with the letters ID is no CSV for Excel, but a damaged SYLK file: the id stands second, as on the pages.
COLUMNS = {
    NUMBERS.name: (
        Column("number", "Number", "Номер", ("Телефон", "Номер телефона", "Виртуальный номер", "Phone")),
        _ID,
        Column("comment", "Comment", "Комментарий", ("Примечание", "Описание", "Note")),
        Column("type", "Kind", "Вид", ("Тип",)),
        Column("state", "State", "Состояние", ("Статус", "Status")),
        Column("region_name", "Region", "Регион"),
    ),
    DEPARTMENTS.name: (
        Column("name", "Name", "Название", ("Отдел", "Наименование", "Department")),
        _ID,
        Column("short_phone", "Internal number", "Внутренний номер", ("Короткий номер", "Добавочный", "Extension")),
    ),
}
