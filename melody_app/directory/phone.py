"""Telephone numbers: read in any spelling, kept as the digits of E.164 (ITU-T), shown as people write them."""

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

Reason = Literal["characters", "shortened", "impossible"]

LONGEST = 100
"""No number is spelled in more characters, whatever stands between its digits."""

# Marks that nobody sees come along from address books and web pages: where a line may break, which way it is written.
_MARKS = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SPELLING = re.compile(rf"[\s({_MARKS}]*(?P<plus>\+?)(?P<rest>[\d\s().\-/\u2010-\u2015\u2212{_MARKS}]+)")
_NO_DIGITS = re.compile(r"\D+")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_E164 = re.compile(r"[1-9][0-9]{6,14}")
# The zone +7, Russia and Kazakhstan: areas and mobile networks begin with these digits.
_ZONE_7 = re.compile(r"7[346789][0-9]{9}")
_DOMESTIC = re.compile(r"[78]?([346789][0-9]{9})")


@dataclass
class NotAPhoneError(Exception):
    """The text spells no telephone number.

    Args:
        reason: it holds other `characters`, a spreadsheet has `shortened` it, or such a number is `impossible`.
    """

    reason: Reason


def to_e164(text: str) -> str:
    """Return the number's digits with its country code, as `79208547433`.

    Digits without a plus are read as Russians dial them wherever such a number can be Russian: `8 499 408-81-57` and
    `499 408-81-57` are +7 499 408-81-57. Any other digits begin with a country code.

    Args:
        text: the number in any spelling.

    Raises:
        NotAPhoneError: it is none.
    """
    if len(text) > LONGEST:
        raise NotAPhoneError("impossible")
    spelled = _SPELLING.fullmatch(text)
    if spelled is None:
        raise NotAPhoneError("shortened" if _SHORTENED.fullmatch(text.strip()) else "characters")
    digits = _digits(spelled["rest"])
    if spelled["plus"]:
        return _checked(digits, sure=True)
    if domestic := _DOMESTIC.fullmatch(digits):
        return "7" + domestic[1]
    if digits.startswith("810"):  # how one dials abroad from Russia
        return _checked(digits.removeprefix("810"), sure=True)
    return _checked(digits.removeprefix("00"), sure=digits.startswith("00"))


def shown(number: str) -> str:
    """Spell a number as people write it: `+7 920 854-74-33`.

    Args:
        number: its digits with the country code.
    """
    if _ZONE_7.fullmatch(number):
        return f"+7 {number[1:4]} {number[4:7]}-{number[7:9]}-{number[9:]}"
    try:
        return phonenumbers.format_number(phonenumbers.parse("+" + number), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return "+" + number


def bare(number: str) -> str:
    """Spell a number for programs, so that it is read again as the same one.

    That is its digits (the operator's spelling), but with a plus where digits alone would be read as a Russian number.

    Args:
        number: its digits with the country code.
    """
    return "+" + number if _DOMESTIC.fullmatch(number) and not _ZONE_7.fullmatch(number) else number


def for_sheet(number: str) -> str:
    """Spell a number for a spreadsheet: no program there takes `7 920 854-74-33` for a figure or a formula.

    Args:
        number: its digits with the country code.
    """
    return shown(number).removeprefix("+") if _ZONE_7.fullmatch(number) else shown(number)


def searched(number: str) -> str:
    """Return the digits by which a number is found: with its country code, and with the 8 that Russians dial."""
    return f"{number} 8{number[1:]}" if _ZONE_7.fullmatch(number) else number


def digits_typed(text: str) -> str:
    """Return the digits of a text that is a part of a number's spelling; empty for any other text."""
    spelled = _SPELLING.fullmatch(text) if len(text) <= LONGEST else None
    return _digits(spelled["rest"]) if spelled else ""


def _digits(text: str) -> str:
    digits = _NO_DIGITS.sub("", text)
    # Digits of other scripts count as digits, for they are pasted too.
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _checked(digits: str, *, sure: bool) -> str:
    """Return the digits if they can be a number.

    Args:
        digits: the number with its country code.
        sure: somebody wrote that it begins with the country code; else it has to be a number that is in use.
    """
    if digits.startswith("7") or not _E164.fullmatch(digits):
        if not _ZONE_7.fullmatch(digits):
            raise NotAPhoneError("impossible")
        return digits
    try:
        number = phonenumbers.parse("+" + digits)
    except NumberParseException:
        raise NotAPhoneError("impossible") from None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if not possible or not (sure or phonenumbers.is_valid_number(number)):
        raise NotAPhoneError("impossible")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
