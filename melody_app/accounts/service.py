"""What happens to people, their sign-ins and tokens."""

import time
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from melody_app import journal
from melody_app.accounts import secrets, throttle
from melody_app.actor import the_actor
from melody_app.db import db, write_session
from melody_app.models import Person, SignIn, Token
from melody_app.search import search_key

DAY_S = 24 * 3600


class NameTakenError(Exception):
    """Another person, or another token, has this name."""


class NoAccountError(Exception):
    """There is no such person or token."""


class LastPersonError(Exception):
    """Nobody could sign in any more."""


class WrongPasswordError(Exception):
    """The name and the password don't fit together; which of them is wrong is not told."""


class ThrottledError(Exception):
    """Too many sign-ins failed."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def sign_in(name: str, password: str, address: str, *, days: int) -> str:
    """Sign a person in and return the key for the browser's cookie.

    Args:
        name: the person's name, in any case.
        password: the password.
        address: where the attempt comes from.
        days: after how many days the person signs in again.

    Raises:
        ThrottledError: too many attempts failed under this name, or from this address.
        WrongPasswordError: the two don't fit.
    """
    name_key = search_key(name)
    with write_session() as session:
        wait = throttle.seconds_to_wait(session, name_key, address)
    if wait:
        raise ThrottledError(wait)
    person = find_person(name)
    # Outside of any transaction: it takes a quarter of a second.
    if not secrets.is_password(password, person.password_hash if person else None) or person is None:
        raise WrongPasswordError
    with write_session() as session:
        throttle.forgive(session, name_key, address)
        key = _open_sign_in(session, person.id, days)
        session.get_one(Person, person.id).last_sign_in_at = func.current_timestamp()
    return key


def sign_out() -> None:
    """End the sign-in of this browser: its key opens nothing any more."""
    with write_session() as session:
        session.execute(delete(SignIn).where(SignIn.id == the_actor().sign_in_id))


def find_person(name: str) -> Person | None:
    """Return the person of a name, in any case, or None."""
    return db.session.scalar(select(Person).where(Person.name_key == search_key(name)))


def get_person(person_id: int) -> Person:
    """Return a person.

    Raises:
        NoAccountError: there is none.
    """
    person = db.session.get(Person, person_id)
    if person is None:
        raise NoAccountError
    return person


def list_people() -> list[Person]:
    """Return all people in the order of their names."""
    return list(db.session.scalars(select(Person).order_by(Person.name_key)))


def is_anybody_there() -> bool:
    """Tell whether there is anybody who could sign in."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def create_person(name: str, password: str | None = None) -> tuple[Person, str]:
    """Let somebody sign in from now on, and return the person and the password.

    Args:
        name: under which name.
        password: a password of his own; a new one is made when absent.

    Raises:
        NameTakenError: another person has the name.
    """
    password = password or secrets.make_password()
    person = Person(name=name, name_key=search_key(name), password_hash=secrets.hash_password(password))
    with _unique_name(), write_session() as session:
        session.add(person)
        session.flush()
        session.refresh(person)
        journal.record(session, "created", "person", person.id, after=_spell_person(person))
    return person, password


def set_password(person_id: int, password: str | None = None, *, keep_sign_in: int | None = None) -> str:
    """Give a person a new password, sign him out everywhere, and return the password.

    Args:
        person_id: who.
        password: the new password; one is made when absent.
        keep_sign_in: the one sign-in that goes on.

    Raises:
        NoAccountError: there is no such person.
    """
    password = password or secrets.make_password()
    password_hash = secrets.hash_password(password)
    with write_session() as session:
        person = _get(session, Person, person_id)
        person.password_hash = password_hash
        session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.id != (keep_sign_in or 0)))
        journal.record(session, "password", "person", person_id, after=_spell_person(person))
    return password


def change_own_password(current: str, new: str) -> None:
    """Change one's own password and sign oneself out everywhere else.

    Raises:
        WrongPasswordError: the current one is another.
        NoAccountError: the person has been removed meanwhile.
    """
    actor = the_actor()
    person = get_person(actor.person_id or 0)
    if not secrets.is_password(current, person.password_hash):
        raise WrongPasswordError
    set_password(person.id, new, keep_sign_in=actor.sign_in_id)


def remove_person(person_id: int) -> Person:
    """Let a person sign in no more, end his sign-ins, and return him as he was.

    Raises:
        NoAccountError: there is no such person.
        LastPersonError: it is the last one.
    """
    with write_session() as session:
        # Every row is locked: of two last people who remove each other, one stays.
        people = session.scalars(select(Person).with_for_update().order_by(Person.id)).all()
        person = next((each for each in people if each.id == person_id), None)
        if person is None:
            raise NoAccountError
        if len(people) == 1:
            raise LastPersonError
        session.delete(person)
        journal.record(session, "deleted", "person", person_id, before=_spell_person(person))
        return person


def list_tokens() -> list[Token]:
    """Return all tokens in the order of their names."""
    return list(db.session.scalars(select(Token).order_by(Token.name)))


def create_token(name: str, scope: str) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is nowhere to be had again.

    Args:
        name: what it is for.
        scope: `manage` or `call`.

    Raises:
        NameTakenError: another token has the name.
    """
    secret = secrets.make_token()
    token = Token(
        name=name,
        scope=scope,
        prefix=secret[: secrets.TOKEN_SHOWN],
        key_hash=secrets.hash_key(secret),
        created_by=the_actor().name,
    )
    with _unique_name(), write_session() as session:
        session.add(token)
        session.flush()
        session.refresh(token)
        journal.record(session, "created", "token", token.id, after=_spell_token(token))
    return token, secret


def get_token(token_id: int) -> Token:
    """Return a token.

    Raises:
        NoAccountError: there is none.
    """
    token = db.session.get(Token, token_id)
    if token is None:
        raise NoAccountError
    return token


def find_token(name: str) -> Token:
    """Return the token of a name.

    Raises:
        NoAccountError: there is none.
    """
    token = db.session.scalar(select(Token).where(Token.name == name))
    if token is None:
        raise NoAccountError
    return token


def revoke_token(token_id: int) -> Token:
    """Let a token open nothing from now on, and return it as it was.

    Raises:
        NoAccountError: there is none.
    """
    with write_session() as session:
        token: Token = _get(session, Token, token_id)
        session.delete(token)
        journal.record(session, "revoked", "token", token_id, before=_spell_token(token))
        return token


class _unique_name:  # noqa: N801  (used as a function)
    """Turn the unique constraint's refusal into a NameTakenError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, IntegrityError):
            raise NameTakenError from error


def _open_sign_in(session: Session, person_id: int, days: int) -> str:
    now = int(time.time())
    session.execute(delete(SignIn).where(SignIn.expires_s < now))
    key = secrets.make_key()
    session.add(SignIn(person_id=person_id, key_hash=secrets.hash_key(key), expires_s=now + days * DAY_S))
    return key


def _get(session: Session, model: type[Any], its_id: int) -> Any:
    found = session.get(model, its_id, with_for_update=True)
    if found is None:
        raise NoAccountError
    return found


def _spell_person(person: Person) -> dict[str, Any]:
    return {"name": person.name}


def _spell_token(token: Token) -> dict[str, Any]:
    return {"name": token.name, "scope": token.scope, "prefix": token.prefix}
