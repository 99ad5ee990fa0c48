"""A company of which the table of what callers hear can tell everything apart."""

from collections.abc import Callable
from typing import Any

from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask.testing import FlaskClient
from rows import add_melody, add_rule

MORNING, EVENING, LOST = ("client", 1), ("client", 2), ("client", 99)
SCRIPT = "<script>alert('я')</script>"
FORMULA = '=HYPERLINK("http://x";"y")'


def fill_company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    """Fill the directories and the library, and make the rules 1 to 4."""
    fill(
        api,
        NUMBERS,
        number(352, "74994088150", comment="Единый номер"),
        number(353, "74994088151", comment=SCRIPT, state="freeze"),
        number(354, "74994088152", comment=FORMULA, state="freeze"),
        number(355, "74994088153", comment=None, state="debt_lock"),
        number(356, "78005553510", comment="Чёрный вход"),
    )
    fill(
        api,
        DEPARTMENTS,
        department(93, "Отдел продаж", short_phone="200"),
        department(97, "Сервис", short_phone="93"),
        department(98, "<b>Отдел</b> снов", short_phone=None),
    )
    for (source, its_id), name in ((MORNING, "Утро"), (EVENING, "Вечер & ночь")):
        add_melody(sql, source, its_id, name, name.lower(), f"{its_id}" * 64)
    add_rule(sql, 1, (352,), (93,), melody=MORNING)
    add_rule(sql, 2, (354,), (98, 901), melody=LOST)
    add_rule(sql, 3, (900,), melody=EVENING)
    add_rule(sql, 4, (355,), melody=MORNING)


def company_plays(sql: Callable[..., Any], source_type: str, media_id: int = 123) -> None:
    """Let the company play this while callers wait."""
    sql("DELETE FROM company_default")
    sql(
        "INSERT INTO company_default (id, dialing_source_type, dialing_media_id, hold_source_type, hold_media_id, changed_by)"
        " VALUES (1, :source_type, :media_id, 'beeps', 123, 'tests')",
        source_type=source_type,
        media_id=media_id,
    )
