"""Fill an empty database with a company that looks like a real one: a furniture factory with shops in several cities."""

from collections.abc import Iterator
from typing import Any

from melody_app.company import service as company
from melody_app.directory import service as directory
from melody_app.directory.store import DEPARTMENTS, NUMBERS
from melody_app.melodies.service import load_catalogue
from melody_app.rules import service as rules
from melody_app.rules.store import RuleValues

# The ranges 495 and 499 of Moscow, 812 of Saint Petersburg and so on, with endings that read like a company's own.
_BLOCKS = (
    # the first id and number, the region, the kind, and what each number is for
    (
        352,
        74994088150,
        "Москва",
        "abc",
        (
            "Единый номер",
            "Отдел продаж",
            "Опт и дилеры",
            "Сервис и гарантия",
            "Бухгалтерия",
            "Доставка и сборка",
            "Отдел кадров",
            "Закупки",
            "Секретарь директора",
            "Горячая линия качества",
        ),
    ),
    (
        446,
        78123092040,
        "Санкт-Петербург",
        "abc",
        (
            "Салон на Лиговском",
            "Салон «Мега Дыбенко»",
            "Салон на Савушкина",
            "Опт Северо-Запад",
            "Доставка СПб",
            "Сервис СПб",
        ),
    ),
    (503, 78432051170, "Казань", "abc", ("Салон на Баумана", "Салон «Парк Хаус»", "Доставка Казань", "Сервис Казань")),
    (517, 73432887720, "Екатеринбург", "abc", ("Салон «Гринвич»", "Салон на Малышева", "Доставка Урал", "Сервис Урал")),
    (
        604,
        79208547430,
        "Нижний Новгород",
        "def",
        (
            "Реклама: Яндекс",
            "Реклама: Авито",
            "Реклама: радио",
            "Сайт, обратный звонок",
            "Выездной замерщик 1",
            "Выездной замерщик 2",
            "Водитель 1",
            "Водитель 2",
        ),
    ),
    (701, 78005553510, "Россия", "toll_free", ("Бесплатная линия", "Бесплатная линия: дилеры")),
    (
        720,
        79661200350,
        "Москва",
        "def",
        ("Шоурум ВДНХ", "Дизайнеры и архитекторы", "Тендеры", "Пресс-служба", "Склад Подольск", "Охрана производства"),
    ),
)
_FROZEN = {"Реклама: радио": "freeze", "Водитель 2": "debt_lock"}

_DEPARTMENTS = (
    (93, "Отдел продаж", "200"),
    (97, "Оптовый отдел", "210"),
    (103, "Сервисный центр", "300"),
    (108, "Бухгалтерия", "400"),
    (112, "Доставка и сборка", "500"),
    (115, "Отдел кадров", "600"),
    (121, "Закупки", "700"),
    (130, "Дирекция", "100"),
)

_RULES = (
    # numbers, departments, melody
    ((352, 701), (), 50),
    ((353,), (93,), 60),
    ((354, 702), (97,), 57),
    ((355, 451, 506, 520), (103,), 51),
    ((356,), (108,), 58),
    ((357, 450, 505, 519), (112,), 52),
    ((), (115,), 59),
    ((360,), (130,), 56),
    ((446, 447, 448), (), 61),
    ((503, 504), (), 54),
    ((517, 518), (), 55),
    ((604, 605), (), 53),
)

FREE_RULE = '{"number_capacity_ids": [359], "employee_group_ids": [121], "source_type": "system", "media_id": 57}'
"""A rule that can be made in the sample company: its number and its department have none yet."""

RINGING_ID = 123


def fill() -> bool:
    """Fill the database, unless the directory holds anything: then it is a real one, or the demo's already.

    Returns:
        Whether anything was added.
    """
    entries, _ = directory.get_all(NUMBERS)
    if entries:
        return False
    load_catalogue()
    for number_id, values in _numbers():
        directory.create(NUMBERS, values, number_id)
    for department_id, name, short_phone in _DEPARTMENTS:
        directory.create(DEPARTMENTS, {"name": name, "short_phone": short_phone}, department_id)
    for numbers, departments, melody in _RULES:
        rules.create(
            RuleValues(
                number_capacity_ids=list(numbers),
                employee_group_ids=list(departments),
                source_type="system",
                media_id=melody,
            )
        )
    company.change(
        {
            "dialing_source_type": "system",
            "dialing_media_id": 50,
            "hold_source_type": "beeps",
            "hold_media_id": RINGING_ID,
        }
    )
    return True


def _numbers() -> Iterator[tuple[int, dict[str, Any]]]:
    for first_id, first, region, kind, comments in _BLOCKS:
        for place, comment in enumerate(comments):
            yield (
                first_id + place,
                {
                    "number": str(first + place),
                    "comment": comment,
                    "type": kind,
                    "state": _FROZEN.get(comment, "active"),
                    "region_name": region,
                },
            )
