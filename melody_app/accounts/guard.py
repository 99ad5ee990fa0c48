"""Who asks, and whether he may: closed by default.

Every endpoint states who may come in, by one of the decorators here; the application doesn't start while one doesn't.
"""

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import structlog
from flask import Flask, Request, current_app, redirect, request, session, url_for
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import bindparam, select, update
from werkzeug.wrappers import Response as BaseResponse

from melody_app.accounts.secrets import hash_key
from melody_app.actor import Actor, get_actor, set_actor
from melody_app.batches import Batches
from melody_app.current import the_app, the_g, the_request
from melody_app.db import UnavailableError, read, write
from melody_app.errors import Problem
from melody_app.lean import LeanStatement
from melody_app.models import Person, SignIn, Token

View = TypeVar("View", bound=Callable[..., object])

csrf = CSRFProtect()
log = structlog.get_logger()

LAST_USED_STEP_S = 60
"""A token's last use is noted once in as many seconds: a telephone exchange asks at every call."""

NOTE_AFTER_S = 0.2
"""Its note waits as long for others: no answer waits for it."""

MOST_NOTES = 1000
"""As many wait to be written; what is forgotten, a later request notes."""

_TOKEN = LeanStatement(
    select(Token.id, Token.name, Token.scope, Token.last_used_s).where(Token.key_hash == bindparam("key_hash"))
)
_USED = LeanStatement(
    update(Token)
    .where(Token.id == bindparam("token_id"), Token.last_used_s < bindparam("now_s") - LAST_USED_STEP_S)
    .values(last_used_s=bindparam("now_s"))
)
_SIGN_IN = LeanStatement(
    select(SignIn.id, Person.id, Person.name)
    .join_from(SignIn, Person, Person.id == SignIn.person_id)
    .where(SignIn.key_hash == bindparam("key_hash"), SignIn.expires_s > bindparam("now_s"))
)


@dataclass(frozen=True)
class Permission:
    """Who may come in to an endpoint.

    Args:
        scope: what a token must have; empty for an endpoint that anybody may use.
        page: whether it is a page, which a stranger is shown the way in from.
        tokens: whether programs may use it.
        keeps: whether what was typed there waits for a person whose sign-in has ended (resuming.py).
    """

    scope: str
    page: bool
    tokens: bool = True
    keeps: bool = False


def public(view: View) -> View:
    """Let anybody in."""
    return _state(view, Permission("", page=False))


def public_page(view: View) -> View:
    """Let anybody see the page."""
    return _state(view, Permission("", page=True, tokens=False))


def page(view: View) -> View:
    """Let people in who are signed in."""
    return _state(view, Permission("manage", page=True, tokens=False))


def form_page(view: View) -> View:
    """Let people in who are signed in, to a form that brings back what was typed before a sign-in."""
    return _state(view, Permission("manage", page=True, tokens=False, keeps=True))


def for_script(view: View) -> View:
    """Let a page's script in, on behalf of whoever is signed in."""
    return _state(view, Permission("manage", page=False, tokens=False))


def call(scope: str) -> Callable[[View], View]:
    """Let in programs whose token has the scope (or `manage`), and people who are signed in.

    Args:
        scope: `manage` or `call`.
    """
    return lambda view: _state(view, Permission(scope, page=False))


def init_app(app: Flask, sign_in_again: Callable[..., BaseResponse]) -> None:
    """Stand before every endpoint.

    Args:
        app: the application.
        sign_in_again: answers whoever sends a page's form when his sign-in has ended; `keep` says whether his words wait.
    """
    app.extensions["sign_in_again"] = sign_in_again
    csrf.init_app(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked here, for whatever a session writes
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as its session: no typed text is lost to a clock
    app.extensions["melody_token_uses"] = Batches(
        lambda ids: _note_uses(app, ids), name="token uses", after_s=NOTE_AFTER_S, most=MOST_NOTES, keeps_all=False
    )
    app.before_request(let_in)
    app.context_processor(lambda: {"actor": get_actor()})


def check_all_stated(app: Flask) -> None:
    """Refuse to start while an endpoint doesn't state who may come in.

    Raises:
        RuntimeError: it names the endpoints.
    """
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "permission")]
    if silent:
        raise RuntimeError(f"these endpoints don't state who may come in: {', '.join(silent)}")


def let_in() -> BaseResponse | None:
    """Find out who asks, and refuse whoever may not."""
    asked = the_request()
    permission = _permission(asked)
    the_g().answers_page = permission.page if permission else None
    if permission and not permission.scope:
        _check_csrf()
        return None
    actor = _identify(asked)
    if actor is None:
        return _show_way_in(permission)
    set_actor(actor)
    if permission and not _may(actor, permission):
        raise Problem(403)
    if actor.door == "page":
        _check_csrf()
    return None


def _permission(asked: Request) -> Permission | None:
    """Return what the endpoint states; None for an address that leads nowhere, which strangers needn't learn."""
    endpoint = asked.endpoint
    if endpoint is None:
        return None
    permission: Permission = getattr(the_app().view_functions[endpoint], "permission")  # noqa: B009  (mypy)
    return permission


def _may(actor: Actor, permission: Permission) -> bool:
    if actor.door == "token" and not permission.tokens:
        return False
    return actor.scope in {"manage", permission.scope}


def _state(view: View, permission: Permission) -> View:
    view.permission = permission  # type: ignore[attr-defined]
    return view


def _identify(asked: Request) -> Actor | None:
    shown = asked.environ.get("HTTP_AUTHORIZATION")
    if shown is not None:
        return _by_token(_sent_token(shown))
    key = session.get("key")
    return _by_key(key) if isinstance(key, str) else None


def _sent_token(header: str) -> str:
    """Return the token from `Bearer TOKEN`, from HTTP Basic (RFC 7617) as the password, or as it stands."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return scheme if not rest else ""


def _by_token(token: str) -> Actor | None:
    with read() as lean:
        row = lean.one(_TOKEN, key_hash=hash_key(token))
    if row is None:
        return None
    token_id, name, scope, last_used_s = row
    if time.time() - last_used_s > LAST_USED_STEP_S:
        the_app().extensions["melody_token_uses"].put(token_id)
    return Actor(name, "token", scope)


def _note_uses(app: Flask, token_ids: list[int]) -> None:
    used = [{"token_id": each, "now_s": int(time.time())} for each in set(token_ids)]
    try:
        with app.app_context():
            write(lambda lean: lean.many(_USED, used))
    except UnavailableError:
        log.info("token use not noted", count=len(used))


def _by_key(key: str) -> Actor | None:
    with read() as lean:
        row = lean.one(_SIGN_IN, key_hash=hash_key(key), now_s=int(time.time()))
    if row is None:
        return None
    sign_in_id, person_id, name = row
    return Actor(name, "page", person_id=person_id, sign_in_id=sign_in_id)


def _check_csrf() -> None:
    try:
        csrf.protect()
    except CSRFError:
        detail = lazy_gettext("This page was opened before you signed in. Reload it and try again.")
        raise Problem(403, "csrf", detail) from None


def _show_way_in(permission: Permission | None) -> BaseResponse:
    session.pop("key", None)  # what it opened is over; the rest belongs to a sign-in page that may stand open
    if permission and permission.page:
        if request.method != "GET":
            answer: BaseResponse = current_app.extensions["sign_in_again"](keep=permission.keeps)
            return answer
        return redirect(url_for("accounts.sign_in") + f"?next={quote(request.full_path.rstrip('?'), safe='')}")
    challenge = 'Bearer realm="melody"'
    if permission and permission.scope == "call":
        # Only where telephone exchanges ask: a browser would put a window of its own before the page.
        challenge += ', Basic realm="melody"'
    raise Problem(401, headers={"WWW-Authenticate": challenge})
