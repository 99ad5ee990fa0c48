"""Who acts: the person, program or operator behind what is being done."""

from typing import NamedTuple

from flask import g


class Actor(NamedTuple):
    """Name who acts, and through which door.

    Args:
        name: the person's or the token's name, or the operator's on the command line.
        door: `page`, `token` or `command`.
        scope: `manage` (everything) or `call` (only what a telephone exchange asks).
        person_id: the person, when one is signed in.
        sign_in_id: the browser's sign-in.
    """

    name: str
    door: str
    scope: str = "manage"
    person_id: int | None = None
    sign_in_id: int | None = None


def set_actor(actor: Actor) -> None:
    """Let what follows in this request or command be done by the actor."""
    g._get_current_object().actor = actor


def get_actor() -> Actor | None:
    """Return who acts, or None for a stranger."""
    actor: Actor | None = g._get_current_object().get("actor")
    return actor


def the_actor() -> Actor:
    """Return who acts; where this is asked, somebody must.

    Raises:
        LookupError: a stranger got past the guard, which must never be.
    """
    actor = get_actor()
    if actor is None:
        raise LookupError("nobody acts")
    return actor
