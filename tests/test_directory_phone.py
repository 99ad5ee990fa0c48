"""Telephone numbers: every spelling of one number is that number, and what is none is refused."""

import pytest

from melody_app.directory import phone


@pytest.mark.parametrize(
    "text",
    [
        "+7 920 854-74-33",
        "89208547433",
        "8 (920) 854-74-33",
        "79208547433",
        "9208547433",
        "(920) 854 74 33",
        "8-920-854-74-33",
        " +7(920)854.74.33 ",
        "+7\u00a0920\u2009854\u201174\u201133",
        "(+7) 920 854 74 33",
        "\u202d+7 920 854\u201174\u201133\u202c",
        "8920\u00ad854\u200b74\u206933\ufeff",
        "8\t920\t854\t7433",
        "８９２０８５４７４３３",
        "007 920 854 74 33",
    ],
)
def test_every_spelling_is_one_number(text: str) -> None:
    assert phone.to_e164(text) == "79208547433"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("84994088157", "74994088157"),
        ("8 800 555-35-35", "78005553535"),
        ("8 812 123 45 67", "78121234567"),
        ("+7 701 234 56 78", "77012345678"),  # Kazakhstan
        ("+49 30 123456", "4930123456"),
        ("8 10 49 30 123456", "4930123456"),  # as one dials it from Russia
        ("0049 30 123456", "4930123456"),
        ("375291234567", "375291234567"),
        ("+84 91 234 56 78", "84912345678"),
        ("81312345678", "81312345678"),  # no area of Russia begins with 1, so the 8 is no prefix
    ],
)
def test_numbers_of_other_kinds_keep_their_country(text: str, digits: str) -> None:
    assert phone.to_e164(text) == digits


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "characters"),
        ("+", "characters"),
        ("номер", "characters"),
        ("8-800-FLOWERS", "characters"),
        ("+7 920 854-74-33 доб. 5", "characters"),
        ("7920+8547433", "characters"),
        ("++79208547433", "characters"),
        ("7,92085E+10", "shortened"),
        ("7.92085e10", "shortened"),
        ("112", "impossible"),
        ("8547433", "impossible"),
        ("+7 920 854-74-3", "impossible"),
        ("+7 920 854-74-333", "impossible"),
        ("+7 120 854-74-33", "impossible"),
        ("0000000000", "impossible"),
        ("+999 123456789", "impossible"),
        ("9" * 16, "impossible"),
        ("9" * 10_000, "impossible"),
        ("()", "impossible"),
        (" " * 1_000_000 + "x", "impossible"),  # at once: to look anew from each of the spaces would take hours
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(phone.NotAPhoneError) as caught:
        phone.to_e164(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("digits", "shown", "bare", "for_sheet"),
    [
        ("79208547433", "+7 920 854-74-33", "79208547433", "7 920 854-74-33"),
        ("78005553535", "+7 800 555-35-35", "78005553535", "7 800 555-35-35"),
        ("375291234567", "+375 29 123-45-67", "375291234567", "+375 29 123-45-67"),
        ("4930123456", "+49 30 123456", "+4930123456", "+49 30 123456"),
        ("84912345678", "+84 912 345 678", "+84912345678", "+84 912 345 678"),
    ],
)
def test_each_way_to_write_a_number_is_read_as_the_same_one(digits: str, shown: str, bare: str, for_sheet: str) -> None:
    assert (phone.shown(digits), phone.bare(digits), phone.for_sheet(digits)) == (shown, bare, for_sheet)
    assert {phone.to_e164(text) for text in (shown, bare, for_sheet)} == {digits}
