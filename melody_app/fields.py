"""How JSON and page text enter the same WTForms fields (the doors themselves are in forms.py).

Stock WTForms takes "50", true and [5] for an integer and answers a list body with an exception: it was made for text. Here a
page's text is first turned into the value it spells; then one strict check decides for both doors.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import LazyString, format_decimal, lazy_gettext
from wtforms import Field, Form
from wtforms.validators import StopValidation

MAX_ID = 2**63 - 1
MAX_ERRORS = 100
"""As many errors of one field are told; the answer to 10,000 wrong elements would be larger than the request."""

_WHOLE = re.compile(r"[+-]?[0-9]+")
_SEPARATORS = re.compile(r"[\s,;]+")
_OTHER_SPACES = re.compile(r"[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True)
class FieldError:
    """Name what is wrong with a field, or with one element of it.

    Args:
        code: the error's stable name.
        message: what is wrong and what to do, in a sentence.
        index: the element's place in its list, from 0.
        is_shared: it concerns several fields together: a page's summary tells it once and without a field's name.
    """

    code: str
    message: str | LazyString
    index: int | None = None
    is_shared: bool = False

    def __str__(self) -> str:
        return str(self.message)

    def to_dict(self, field: str) -> dict[str, Any]:
        """Spell the error as an item of a problem's `errors`."""
        place = {} if self.index is None else {"index": self.index}
        return {"field": field, **place, "code": self.code, "message": str(self.message)}


def required() -> FieldError:
    """Say that a value is missing."""
    return FieldError("required", lazy_gettext("Fill in this field."))


def spell(value: object) -> str:
    """Spell a value for a sentence: as JSON, cut to what a reader takes in."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004


def to_int(digits: str) -> int:
    """Read a whole number; of one that is far out of every range only the beginning, for Python refuses 4,300 digits."""
    return int(digits[:40])


class TypedField(Field):
    """Take a value of one type exactly.

    Args:
        label: what people call it.
        alias: a second name that JSON may use for it.
        optional: nothing may be sent.
        default: the value when nothing was sent.
    """

    def __init__(
        self,
        label: str | LazyString = "",
        *,
        alias: str = "",
        optional: bool = False,
        default: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, default=default, **kwargs)
        self.alias = alias
        self.optional = optional
        self.text = ""

    def from_text(self, texts: list[str]) -> Any:
        """Return the value that a page's text spells; what spells none stays text, for the check to refuse."""
        return texts[-1] or None if texts else None

    def to_text(self, value: Any) -> str:
        """Spell a value as a page shows it."""
        return "" if value is None else str(value)

    def shown_text(self, texts: list[str]) -> str:
        """Return what was typed, to be shown again; of several texts those that say something."""
        return ", ".join(each for each in texts if each.strip())

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Yield what is wrong with a value that was sent."""
        raise NotImplementedError

    @property
    def valid(self) -> Any:
        """Return the value if it is right, else the default: a page with a damaged address is shown all the same."""
        return self.default if self.errors else self.data

    def process_data(self, value: Any) -> None:
        """Take a stored value."""
        self.data = value
        self.text = self.to_text(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the value as it came."""
        if valuelist and valuelist[0] is not None:
            self.data = valuelist[0]

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002
        """Check the type; stop before other validators would erase what was found."""
        if self.data is None:
            problems = [] if self.optional else [required()]
        else:
            problems = list(islice(self.problems(self.data), MAX_ERRORS))
        if problems:
            self.errors.extend(problems)
            raise StopValidation


class IntField(TypedField):
    """Take a whole number within a range."""

    def __init__(self, label: str | LazyString = "", *, least: int = 1, most: int = MAX_ID, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least = least
        self.most = most

    def from_text(self, texts: list[str]) -> Any:
        """Read digits; whatever else was typed stays text."""
        text = (super().from_text(texts) or "").strip()
        return to_int(text) if _WHOLE.fullmatch(text) else text or None

    def problems(self, value: Any, index: int | None = None) -> Iterator[FieldError]:
        """Refuse what is no whole number (true and 5.0 are none) or is out of range."""
        if type(value) is not int:
            message = lazy_gettext("%(value)s is not a whole number. Write digits only.", value=spell(value))
            yield FieldError("not_an_integer", message, index)
        elif not self.least <= value <= self.most:
            message = lazy_gettext(
                "%(value)s is out of range: %(least)s to %(most)s.",
                value=spell(value),
                least=self.least,
                most=self.most,
            )
            yield FieldError("out_of_range", message, index)


class IntListField(IntField):
    """Take a list of different whole numbers; nothing and an empty list are the same."""

    def __init__(self, label: str | LazyString = "", *, most_elements: int = 10_000, **kwargs: Any) -> None:
        super().__init__(label, optional=True, **kwargs)
        self.most_elements = most_elements

    def from_text(self, texts: list[str]) -> Any:
        """Read numbers with any separators between them: `352, 446 448`."""
        words = [word for word in _SEPARATORS.split(" ".join(texts)) if word]
        return [to_int(word) if _WHOLE.fullmatch(word) else word for word in words]

    def to_text(self, value: Any) -> str:
        """Spell a list as a page shows it."""
        return ", ".join(str(each) for each in value or [])

    def problems(self, value: Any, _index: int | None = None) -> Iterator[FieldError]:
        """Refuse what is no list, and each element that is no id or stands there twice."""
        if not isinstance(value, list):
            message = lazy_gettext("%(value)s is not a list of whole numbers.", value=spell(value))
            yield FieldError("not_a_list", message)
        elif len(value) > self.most_elements:
            message = lazy_gettext(
                "That's %(count)s IDs; a rule can have at most %(most)s. Split them into several rules.",
                count=format_decimal(len(value)),
                most=format_decimal(self.most_elements),
            )
            yield FieldError("too_many", message)
        else:
            yield from self._element_problems(value)

    def _element_problems(self, value: list[Any]) -> Iterator[FieldError]:
        seen: set[int] = set()
        for index, element in enumerate(value):
            wrong = next(super().problems(element, index), None)
            if wrong:
                yield wrong
            elif element in seen:
                message = lazy_gettext("%(value)s is listed twice. Keep it once.", value=element)
                yield FieldError("repeated", message, index)
            else:
                seen.add(element)

    @property
    def ids(self) -> list[int]:
        """Return the list, empty for nothing."""
        return self.data or []


class ChoiceField(TypedField):
    """Take one of a few words.

    Args:
        label: what people call it.
        choices: each word, and what a page calls it.
    """

    def __init__(self, label: str | LazyString, choices: Mapping[str, str | LazyString], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = choices

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Refuse any other word."""
        if not isinstance(value, str) or value not in self.choices:
            words = ", ".join(f'"{word}"' for word in self.choices)
            message = lazy_gettext("%(value)s is not one of %(words)s.", value=spell(value), words=words)
            yield FieldError("not_a_choice", message)


class OptionField(ChoiceField):
    """Take an option of a call: named without a word it is refused, for whoever asks for a dry run must not write."""

    def from_text(self, texts: list[str]) -> Any:
        """Return the word as it came."""
        return texts[-1] if texts else None


class TextField(TypedField):
    """Take a text of printable characters.

    Args:
        label: what people call it.
        most: the longest text, in characters.
        least: the shortest one.
        strip: whether spaces around it are nobody's intention.
    """

    def __init__(
        self, label: str | LazyString, *, most: int = 100, least: int = 1, strip: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.most = most
        self.least = least
        self.strip = strip

    def from_text(self, texts: list[str]) -> Any:
        """Read the text as typed; a space that doesn't break, as pages and documents have it, is a space."""
        text = super().from_text(texts)
        if not text or not self.strip:
            return text
        return (text if text.isprintable() else _OTHER_SPACES.sub(" ", text)).strip() or None

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Refuse what is no text, is too short or long, or holds what no screen shows."""
        if not isinstance(value, str):
            yield FieldError("not_a_text", lazy_gettext("%(value)s is not text.", value=spell(value)))
        elif not value.isprintable():
            # A NUL or half of a surrogate pair would reach the database and fail there.
            yield FieldError(
                "not_printable", lazy_gettext("Leave out control characters, such as a line break or a tab.")
            )
        elif not self.least <= len(value) <= self.most:
            message = lazy_gettext(
                "This is %(count)s characters long; use %(least)s to %(most)s.",
                count=len(value),
                least=self.least,
                most=self.most,
            )
            yield FieldError("wrong_length", message)
