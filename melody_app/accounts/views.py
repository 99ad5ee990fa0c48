"""The pages of people and tokens: the way in and out, one's own password, who else may come in."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, lazy_ngettext
from werkzeug.wrappers import Response

from melody_app.accounts import guard, resuming, service
from melody_app.accounts.forms import SCOPE_LABELS, PasswordForm, PersonForm, SignInForm, TokenForm
from melody_app.errors import Problem, respond
from melody_app.fields import FieldError
from melody_app.http import say

bp = Blueprint("accounts", __name__)

CURL = "curl {url} -H 'Authorization: Bearer {secret}'"

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def local_path(target: str) -> str:
    """Return the target if it is a path of this site, else the first page: a link here must not lead elsewhere.

    Args:
        target: what came as `next`. Browsers take a backslash for a slash, and skip control characters.
    """
    fine = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if fine else url_for("rules.table")


@bp.route("/sign-in", methods=["GET", "POST"])
@guard.public_page
def sign_in() -> Answer:
    """Let a person in."""
    form = SignInForm.from_page(request.form)
    status, headers = 200, {}
    if request.method == "POST" and form.validate():
        try:
            return _welcome(
                service.sign_in(form.name.data, form.password.data, request.remote_addr or "", days=_days())
            )
        except service.WrongPasswordError:
            message = lazy_gettext("Wrong name or password. Check both.")
            form.refuse("name", FieldError("wrong", message, is_shared=True))
            status = 401
        except service.ThrottledError as error:
            form.refuse("name", _throttled(error.seconds))
            status, headers = 429, {"Retry-After": str(error.seconds)}
    return _sign_in_page(form), 422 if form.errors_list and status == 200 else status, headers  # noqa: PLR2004


def _days() -> int:
    return int(current_app.config["SESSION_DAYS"])


def _welcome(key: str) -> Answer:
    session.clear()  # whatever was planted before the sign-in is gone with it
    session["key"] = key
    session.permanent = True
    target = local_path(request.args.get("next", ""))
    carried = resuming.given_back()
    return render_template("accounts/resume.html", target=target, carried=carried) if carried else redirect(target)


def sign_in_again(*, keep: bool) -> Response:
    """Answer a form that was sent after the sign-in had ended.

    Args:
        keep: what was typed into it waits behind the sign-in.
    """
    carried = resuming.take() if keep else []
    page = render_template("accounts/sign_in.html", form=SignInForm(), next=_way_back(), carried=carried, again=True)
    return make_response(page, 401)


def _way_back() -> str:
    """Return the page of the form, or of the button, that was sent; some buttons send to where no page is."""
    addresses = current_app.create_url_adapter(request)
    paths = (request.path, urlsplit(request.referrer or "").path)
    return next((each for each in paths if addresses and addresses.test(each, "GET")), "")


def _throttled(seconds: int) -> FieldError:
    minutes = -(-seconds // 60)
    message = lazy_ngettext(
        "Too many failed attempts. Try again in %(num)s minute.",
        "Too many failed attempts. Try again in %(num)s minutes.",
        minutes,
    )
    return FieldError("throttled", message, is_shared=True)


def _sign_in_page(form: SignInForm) -> str:
    return render_template(
        "accounts/sign_in.html",
        form=form,
        next=request.args.get("next", ""),
        carried=resuming.waiting(),
        no_people=not service.is_anybody_there(),
    )


@bp.post("/sign-out")
@guard.page
def sign_out() -> Response:
    """Let a person out."""
    service.sign_out()
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@bp.route("/password", methods=["GET", "POST"])
@guard.page
def password() -> Answer:
    """Change one's own password."""
    form = PasswordForm.from_page(request.form)
    if request.method == "GET":
        return render_template("accounts/password.html", form=form)
    if form.validate():
        try:
            service.change_own_password(form.current.data, form.new.data)
        except service.WrongPasswordError:
            form.refuse("current", FieldError("wrong", lazy_gettext("This is not your password.")))
        else:
            say(gettext("Your password is changed. Other browsers are signed out."), "success")
            return redirect(url_for("rules.table"))
    return render_template("accounts/password.html", form=form), 422


@bp.get("/people")
@guard.page
def people() -> str:
    """Show who may sign in."""
    return render_template("accounts/people.html", people=service.list_people())


@bp.route("/people/new", methods=["GET", "POST"])
@guard.form_page
def new_person() -> Answer:
    """Let somebody else sign in."""
    form = PersonForm.from_page(request.form)
    if request.method == "GET" or resuming.is_resumed():
        return render_template("accounts/new_person.html", form=form)
    if form.validate():
        try:
            person, secret = service.create_person(form.name.data)
        except service.NameTakenError:
            form.refuse(
                "name", FieldError("taken", lazy_gettext("Someone with this name already exists. Choose another name."))
            )
        else:
            return _secret(gettext("The person can sign in now"), person.name, secret, kind="password")
    return render_template("accounts/new_person.html", form=form), 422


@bp.post("/people/<int:person_id>/password")
@guard.page
def reset_password(person_id: int) -> str:
    """Give a person a new password, shown once."""
    person = service.get_person(person_id)
    secret = service.set_password(person_id)
    return _secret(gettext("The person has a new password"), person.name, secret, kind="password")


@bp.route("/people/<int:person_id>/remove", methods=["GET", "POST"])
@guard.page
def remove_person(person_id: int) -> Answer:
    """Ask whether to remove a person, and do it."""
    person = service.get_person(person_id)
    if request.method == "GET":
        return render_template("accounts/remove_person.html", person=person)
    try:
        service.remove_person(person_id)
    except service.LastPersonError:
        say(gettext("This is the last person who can sign in. Add someone else first."), "danger")
    else:
        say(gettext("%(name)s was removed and can no longer sign in.", name=person.name))
    return redirect(url_for("accounts.people"))


@bp.get("/tokens")
@guard.page
def tokens() -> str:
    """Show which programs may come in."""
    return render_template("accounts/tokens.html", tokens=service.list_tokens(), scopes=SCOPE_LABELS)


@bp.route("/tokens/new", methods=["GET", "POST"])
@guard.form_page
def new_token() -> Answer:
    """Make a token, shown once."""
    form = TokenForm.from_page(request.form)
    if request.method == "GET" or resuming.is_resumed():
        return render_template("accounts/new_token.html", form=form)
    if form.validate():
        try:
            token, secret = service.create_token(form.name.data, form.scope.data)
        except service.NameTakenError:
            form.refuse(
                "name", FieldError("taken", lazy_gettext("A token with this name already exists. Choose another name."))
            )
        else:
            url = url_for("rules.index", _external=True)
            curl = CURL.format(url=url, secret=secret) if token.scope == "manage" else ""
            return _secret(gettext("Token created"), token.name, secret, kind="token", curl=curl)
    return render_template("accounts/new_token.html", form=form), 422


@bp.route("/tokens/<int:token_id>/revoke", methods=["GET", "POST"])
@guard.page
def revoke_token(token_id: int) -> Answer:
    """Ask whether to revoke a token, and do it."""
    token = service.get_token(token_id)
    if request.method == "GET":
        return render_template("accounts/revoke_token.html", token=token)
    service.revoke_token(token_id)
    say(gettext("The token “%(name)s” was revoked and no longer works.", name=token.name))
    return redirect(url_for("accounts.tokens"))


@bp.errorhandler(service.NoAccountError)
def no_account(_error: service.NoAccountError) -> Response:
    """Say that there is nothing here."""
    return respond(Problem(404))


def _secret(title: str, name: str, secret: str, *, kind: str, curl: str = "") -> str:
    back = url_for("accounts.tokens" if kind == "token" else "accounts.people")
    return render_template(
        "accounts/secret.html", title=title, name=name, secret=secret, kind=kind, curl=curl, back_url=back
    )
