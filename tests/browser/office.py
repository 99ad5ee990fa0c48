"""An office as it may be: its numbers, departments, melodies and rules, with names, for pages that are looked at."""

from datetime import UTC, datetime, timedelta

from browser.house import House
from melody_app.melodies import catalogue
from melody_app.models import Audio, CompanyDefault, Department, JournalEntry, Melody, Token, VirtualNumber
from melody_app.search import search_key

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

NUMBERS = {  # 000 begins no subscriber's number: nobody is called by mistake
    352: ("74950000352", "Справочная"),
    446: ("74950000446", "Отдел продаж"),
    447: ("74950000447", "Поддержка"),
    448: ("74950000448", "Отдел продаж, второй номер"),
    501: ("78120000501", "Филиал в Петербурге"),
    502: ("78120000502", "Склад в Петербурге"),
    610: ("78000000610", "Горячая линия"),
    611: ("78000000611", None),
    612: ("78000000612", None),
    700: ("74950000700", "Приёмная"),
    701: ("74950000701", "Приёмная, второй номер"),
}
DEPARTMENTS = {
    93: "Отдел продаж",
    103: "Техническая поддержка",
    104: "Бухгалтерия",
    110: "Отдел кадров",
    111: "Доставка",
    112: "Склад",
    120: "Юридический отдел",
    121: "Производство и контроль качества",
    122: "Закупки",
}
MELODIES = {
    ("system", 50): "Утро в горах",
    ("system", 51): "Лёгкий джаз",
    ("system", 52): "Гитара у окна",
    ("system", 53): "Вальс",
    ("client", 7): "Приветствие компании",
    ("client", 8): "Новогодняя акция",
    ("client", 9): "Как проехать на склад",
    ("client", 10): "Старая заставка",
}
TOLD = {
    7: {},
    8: {"clipped": 0.012, "gain_db": -4.5},
    9: {"nearly_silent": True},
    10: {"gain_db": 3.0, "limited_db": 1.5},
}
"""What is peculiar to the company's own files."""

RULES = [  # numbers, departments, melody, who changed it, how many hours ago
    ([352, 446, 448], [93, 103], ("system", 50), "Анна", 2),
    ([447], [], ("system", 51), "CRM", 3),
    ([501, 502], [112], ("client", 9), "Борис", 26),
    ([610, 611, 612], [], ("client", 8), "CRM", 29),
    ([], [104, 110], ("system", 52), "Анна", 75),
    ([700], [120], ("client", 7), "Анна", 190),
    ([], [111, 121], ("system", 53), "Борис", 500),
]


def fill_directories(house: House) -> None:
    """Put the office's numbers, departments and melodies into an installation that is empty."""
    sound = catalogue.tone()
    with house.session() as session:
        session.add(Audio(sha256=sound.sha256, data=sound.wav))
        session.add(Audio(sha256=sound.original_sha256, data=sound.original_data))
        session.flush()
        for each, (number, comment) in NUMBERS.items():
            key = search_key(f"{number} {comment or ''}")
            session.add(VirtualNumber(id=each, number=number, comment=comment, search_key=key))
        for each, name in DEPARTMENTS.items():
            session.add(Department(id=each, name=name, search_key=search_key(name)))
        for (source, each), name in MELODIES.items():
            session.add(_melody(source, each, name))


def furnish(house: House) -> None:
    """Put all of the office into an installation that is empty."""
    fill_directories(house)
    with house.session() as session:
        session.add(CompanyDefault(id=1, dialing_source_type="client", dialing_media_id=7, hold_source_type="beeps",
                                   hold_media_id=catalogue.tone().id, changed_by="Анна", changed_at=NOW))  # fmt: skip
        for name, scope, hours in (("Asterisk", "call", 0), ("CRM", "manage", 3)):
            session.add(_token(name, scope, NOW - timedelta(hours=hours)))
    for numbers, departments, (source, melody), who, hours in RULES:
        at = NOW - timedelta(hours=hours)
        house.add_rule(numbers, departments, source_type=source, media_id=melody, by=who, changed_at=at)
    _write_journal(house)


def _melody(source: str, its_id: int, name: str) -> Melody:
    """Make a melody that sounds like the ringing tone and looks like one of the standard ones."""
    sound = catalogue.tone()
    like = catalogue.entries()[its_id % 10]
    report = {**like.report, **TOLD.get(its_id, {})}
    return Melody(
        key=its_id if source == "client" else None, source_type=source, id=its_id,
        name=name, search_key=search_key(name), sha256=sound.sha256,
        original_sha256=sound.original_sha256, original_format=like.original_format,
        bytes=len(like.wav) + len(like.original_data), duration_s=report["duration_s"], channels=report["channels"],
        sample_rate_hz=report["sample_rate_hz"], peak_dbfs=report["peak_dbfs"], loudness_lufs=report["loudness_lufs"],
        report=report, changed_by="Анна", changed_at=NOW - timedelta(days=its_id),
        uploaded_by=None if source == "system" else "Борис" if its_id == 9 else "Анна",
        uploaded_at=None if source == "system" else NOW - timedelta(days=its_id),
    )  # fmt: skip


def _token(name: str, scope: str, used: datetime) -> Token:
    made = NOW - timedelta(days=60)
    return Token(
        name=name, scope=scope, prefix=f"mel_{name[:4]}", key_hash=name, created_by="Анна", created_at=made,
        last_used_s=int(used.timestamp()),
    )  # fmt: skip


def _rule(numbers: list[int], departments: list[int], source: str, melody: int) -> dict[str, object]:
    return {
        "number_capacity_ids": numbers, "employee_group_ids": departments, "source_type": source, "media_id": melody
    }  # fmt: skip


def _write_journal(house: House) -> None:
    first, second = _rule([352, 446], [93], "system", 52), _rule([352, 446, 448], [93, 103], "system", 50)
    fourth = _rule([610, 611, 612], [], "client", 8)
    file = {"format": "mp3", "duration_s": 65.3, "sha256": "4f0c1a9e"}
    melody = {"name": "Новогодняя акция", "source_type": "client", "media_id": 8, "file": file}
    ringing = {
        "dialing_source_type": "beeps",
        "dialing_media_id": 123,
        "hold_source_type": "beeps",
        "hold_media_id": 123,
    }
    told = [  # hours ago, who, by which door, what, on which subject, before, after
        (190, "operator", "command", "created", "person", 2, None, {"name": "Борис"}),
        (189, "operator", "command", "imported", "number", 0, None, {"new": 11, "changed": 0, "gone": 0}),
        (80, "Анна", "page", "created", "melody", 8, None, melody),
        (79, "Анна", "page", "changed", "company default", 1, ringing,
         {**ringing, "dialing_source_type": "client", "dialing_media_id": 7}),
        (78, "Анна", "page", "changed", "number", 700, {"name": "+7 495 000-07-00", "comment": None},
         {"name": "+7 495 000-07-00", "comment": "Приёмная"}),
        (76, "Анна", "page", "created", "token", 2, None, {"name": "CRM", "scope": "manage"}),
        (75, "Анна", "page", "created", "rule", 1, None, first),
        (29, "CRM", "token", "created", "rule", 4, None, fourth),
        (4, "Борис", "page", "deleted", "rule", 4, fourth, None),
        (3, "Борис", "page", "restored", "rule", 4, None, fourth),
        (2, "Анна", "page", "changed", "rule", 1, first, second),
        (1, "Анна", "page", "revoked", "token", 3, {"name": "Старая CRM", "scope": "manage"}, None),
    ]  # fmt: skip
    with house.session() as session:
        for hours, who, door, action, subject, its_id, before, after in told:
            session.add(
                JournalEntry(
                    at=NOW - timedelta(hours=hours), person=who, door=door, action=action, subject=subject,
                    subject_id=its_id, before=before, after=after,
                )
            )  # fmt: skip
