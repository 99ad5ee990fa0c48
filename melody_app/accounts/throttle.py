"""Slow down guessing: failed sign-ins are counted in the database, by name and by address, over all workers and restarts."""

import hashlib
import time

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from melody_app.models import SignInAttempts

WINDOW_S = 15 * 60
LIMITS = {"name": 10, "address": 50}
"""Failures within a window, after which the name, or the address, waits for the next one. An office shares an address."""

# One statement, so that attempts at the same moment count one after the other; both databases know this form of it.
_COUNT = text(
    "INSERT INTO sign_in_attempts (key_hash, window_s, count) VALUES (:key_hash, :window_s, 1)"
    " ON CONFLICT (key_hash) DO UPDATE SET count = sign_in_attempts.count + 1 RETURNING count"
)


def seconds_to_wait(session: Session, name_key: str, address: str) -> int:
    """Count an attempt before it is judged, and return for how many seconds it is refused; 0 lets it be judged.

    Args:
        session: a write transaction.
        name_key: who wants to sign in.
        address: from where.
    """
    now = int(time.time())
    window = now - now % WINDOW_S
    session.execute(delete(SignInAttempts).where(SignInAttempts.window_s < window))
    counts = {
        kind: session.scalar(_COUNT, {"key_hash": _key(kind, whom), "window_s": window}) or 0
        for kind, whom in (("name", name_key), ("address", address))
    }
    return window + WINDOW_S - now if any(counts[kind] > LIMITS[kind] for kind in counts) else 0


def forgive(session: Session, name_key: str, address: str) -> None:
    """Take back what was counted: the name's person has come in.

    Args:
        session: a write transaction.
        name_key: who has signed in.
        address: from where; others there may have failed.
    """
    session.execute(delete(SignInAttempts).where(SignInAttempts.key_hash == _key("name", name_key)))
    at_address = SignInAttempts.key_hash == _key("address", address)
    session.execute(update(SignInAttempts).where(at_address).values(count=SignInAttempts.count - 1))


def _key(kind: str, whom: str) -> str:
    # Hashed, for people type their password where their name belongs.
    return hashlib.sha256(f"{kind}:{whom}".encode("utf-8", "surrogatepass")).hexdigest()
