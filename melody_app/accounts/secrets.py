"""Passwords and keys: made, hashed, compared."""

import hashlib
import secrets
import string
import threading
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:3"
"""0.24 s and 33 MB a check. More memory would let a few sign-ins at once knock the service over."""

# However many sign in at once, a process spends at most this many checks' memory on them.
_checks = threading.BoundedSemaphore(2)

TOKEN_PREFIX = "mel_"  # noqa: S105  (what people and secret scanners know a token by)
TOKEN_SHOWN = 8
"""As many characters of a token are kept to tell it from others."""
_ALPHABET = string.ascii_letters + string.digits


def hash_password(password: str) -> str:
    """Return the hash under which a password is stored."""
    with _checks:
        return generate_password_hash(password, METHOD)


def is_password(password: str, stored: str | None) -> bool:
    """Tell whether the password is the stored one; for an unknown person it takes the same time, and is False."""
    with _checks:
        return check_password_hash(stored or _nobodys_hash(), password) and stored is not None


@cache
def _nobodys_hash() -> str:
    return generate_password_hash(secrets.token_urlsafe(), METHOD)


def make_password() -> str:
    """Return a new password that can be read out over the telephone: four groups of five letters and digits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def make_token() -> str:
    """Return a new token of some 238 bits."""
    return TOKEN_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(40))


def make_key() -> str:
    """Return a new key for a browser's cookie."""
    return secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """Return the SHA-256 of a key that is random itself, for which a slow hash would only cost time."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
