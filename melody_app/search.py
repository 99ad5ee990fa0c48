"""How texts are found: one key for what is stored and for what is typed."""

import re

_TELEPHONE = re.compile(r"\+?[\d\s().-]+")


def search_key(text: str) -> str:
    """Return the text as it is searched: without regard to case, ё as е, one space between words.

    The databases' own lower() differ, and SQLite's knows ASCII only.
    """
    return " ".join(text.casefold().replace("ё", "е").split())


def digits_typed(text: str) -> str:
    """Return the digits of a text that spells a part of a telephone number, `+7 499 408-81-57`; empty for any other."""
    return "".join(filter(str.isdecimal, text)) if _TELEPHONE.fullmatch(text.strip()) else ""


def like_pattern(key: str) -> str:
    r"""Return the LIKE pattern (escape character ``\``) that finds the key anywhere."""
    for special in ("\\", "%", "_"):
        key = key.replace(special, "\\" + special)
    return f"%{key}%"
