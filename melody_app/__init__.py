"""Melody: which melody a caller hears while the call is being connected."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, MapAdapter

from melody_app import bodies, db, errors, headers, health, i18n, logs, problems, security, static_files
from melody_app.accounts import guard
from melody_app.accounts import views as accounts_views
from melody_app.calls import exchanges, lookups
from melody_app.calls import pages as calls_pages
from melody_app.calls import views as calls_views
from melody_app.cli import register as register_commands
from melody_app.company import views as company_views
from melody_app.config import HOUSE, Settings
from melody_app.directory import lists as directory_lists
from melody_app.directory import pages as directory_pages
from melody_app.directory import views as directory_views
from melody_app.fields import MAX_ID
from melody_app.journal import views as journal_views
from melody_app.melodies import media
from melody_app.melodies import pages as melodies_pages
from melody_app.melodies import views as melodies_views
from melody_app.rules import views as rules_views
from melody_app.rules.lists import views as rule_lists_views
from melody_app.schema import migrate

MAX_BODY = 1024 * 1024

HOST = (
    "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme", "SCRIPT_NAME", "HTTP_CONNECTION", "HTTP_UPGRADE",
)  # fmt: skip
"""What a URL map is bound to, by its names in a WSGI environment (`werkzeug.routing.Map.bind_to_environ`), but for the path."""

MOST_HOSTS = 100
"""As many of them are remembered."""


class IdConverter(IntegerConverter):
    """Take an id in a path: one that the database's 64 bits can't hold is told as one that isn't there."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Read the digits; what the database can't hold is no row's id, as 0 is none."""
        number = int(value)
        return number if number <= MAX_ID else 0


class JsonAnswers(DefaultJSONProvider):
    """Flask's JSON, in the order and the letters of what is written, by an encoder that isn't made anew for each answer."""

    sort_keys = False
    ensure_ascii = False
    encode = staticmethod(
        json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=DefaultJSONProvider.default).encode
    )

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Answer with the JSON of the one argument, or of an object of the named ones."""
        text = self.encode(self._prepare_response_obj(args, kwargs))
        return Response(f"{text}\n", mimetype=self.mimetype)


class Melody(Flask):
    """Flask, but for what it looks up at every call and never changes here."""

    json_provider_class = JsonAnswers
    request_class = bodies.Request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bound: dict[tuple[Any, ...], tuple[str, MapAdapter]] = {}

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what matches the request's address; all of it but the path is read once for each host that is asked.

        Raises:
            BadRequest: the request's Host names none.
        """
        if request is None:
            return super().create_url_adapter(None)
        host = tuple(map(request.environ.get, HOST))
        if host in self._bound:
            request.host, known = self._bound[host]
            query = request.query_string.decode(errors="replace")
            return MapAdapter(
                self.url_map, known.server_name, known.script_name, known.subdomain, known.url_scheme,
                request.path, request.method, query,
            )  # fmt: skip
        adapter = super().create_url_adapter(request)
        if not request.host:
            raise BadRequest  # RFC 9112, 3.2: an address that is made of it would lead nowhere
        if adapter and len(self._bound) < MOST_HOSTS:  # anybody may send any
            self._bound[host] = request.host, adapter
        return adapter

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: none of ours is a coroutine, and to ask each of them takes a tenth of a lookup."""
        return func

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Return how long a file may be kept, in seconds."""
        return static_files.max_age_s(filename)


class SessionCookie(SecureCookieSessionInterface):
    """Let the cookie travel only by TLS wherever the request came by it; whoever sends a token has no session."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie, if it is to count."""
        return self.session_class() if "HTTP_AUTHORIZATION" in request.environ else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, if anything looked at what it holds."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  (Flask passes it)
        """Tell whether the cookie is for TLS alone."""
        return request.is_secure


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Args:
        settings: the settings; read from MELODY_* variables when absent.

    Raises:
        SystemExit: a setting is wrong, or the linked SQLite loses data.
    """
    settings = settings or Settings.from_env()
    app = Melody(
        __name__,
        instance_path=str(settings.instance_path),
        template_folder=str(HOUSE / "templates"),
        static_folder=str(HOUSE / "static"),
    )
    app.config.update(
        SECRET_KEY=settings.make_secret_key(),
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_DAYS=settings.session_days,
        SESSION_COOKIE_NAME="melody",
        # Sent only when it changed: the answer to a style sheet asked for before would bring back an older one, and what
        # the page was to say of the last change would be lost.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        LIBRARY_BYTES=settings.library_mb * 1_000_000,
    )
    app.session_interface = SessionCookie()
    app.url_map.converters["int"] = IdConverter

    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    # What stands before every request, in this order.
    logs.init_app(app, settings.log_level)
    guard.init_app(app, accounts_views.sign_in_again)
    i18n.init_app(app, settings.timezone)
    errors.init_app(app)
    static_files.init_app(app)
    headers.init_app(app, security.headers, i18n.headers, logs.headers)

    db.init_app(app, settings.url, wait_s=settings.write_wait_s)
    migrate.init_app(app)
    lookups.init_app(app)
    exchanges.init_app(app)

    for blueprint in (health.bp, problems.bp, accounts_views.bp, rules_views.bp, rule_lists_views.bp, journal_views.bp):
        app.register_blueprint(blueprint)
    for blueprint in (media.bp, melodies_views.bp, melodies_pages.bp, company_views.bp):
        app.register_blueprint(blueprint)
    for blueprint in (directory_views.bp, directory_pages.bp, directory_lists.bp):
        app.register_blueprint(blueprint)
    for blueprint in (calls_views.bp, calls_pages.bp, exchanges.asterisk, exchanges.freeswitch):
        app.register_blueprint(blueprint)
    guard.public(app.view_functions["static"])
    guard.check_all_stated(app)

    register_commands(app)
    return app
