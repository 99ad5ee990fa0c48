"""What the columns of a directory's list are called."""

from melody_app.directory.store import DEPARTMENTS, NUMBERS
from melody_app.sheets.columns import Column

_ID = Column("id", "Id", "Ид", ("Код", "Идентификатор", "number_capacity_id", "employee_group_id"))

COLUMNS = {
    NUMBERS.name: (
        _ID,
        Column("number", "Number", "Номер", ("Телефон", "Номер телефона", "Виртуальный номер", "Phone")),
        Column("comment", "Comment", "Комментарий", ("Примечание", "Описание", "Note")),
        Column("type", "Kind", "Вид", ("Тип",)),
        Column("state", "State", "Состояние", ("Статус", "Status")),
        Column("region_name", "Region", "Регион"),
    ),
    DEPARTMENTS.name: (
        _ID,
        Column("name", "Name", "Название", ("Отдел", "Наименование", "Department")),
        Column("short_phone", "Internal number", "Внутренний номер", ("Короткий номер", "Добавочный", "Extension")),
    ),
}
