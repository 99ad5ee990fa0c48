"""The doors to the company default: the JSON calls, and the page beside them."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app.accounts import guard, resuming
from melody_app.company import service
from melody_app.company.forms import DefaultForm, from_page
from melody_app.errors import Problem, respond, unprocessable
from melody_app.fields import FieldError
from melody_app.forms import NoOptions
from melody_app.http import checked, conditional, read_json, read_query, say, tag, versions_of, with_tag
from melody_app.melodies import picker
from melody_app.melodies.queries import KINDS

bp = Blueprint("company", __name__)

Answer = str | BaseResponse | tuple[str, int]


@bp.get("/melodies/main")
@guard.call("manage")
def show() -> Response:
    """Answer the company default, in a list of one as the operator does."""
    default = service.get()
    return conditional(with_tag(jsonify([service.spell(default)]), default.version))


@bp.put("/melodies/main")
@guard.call("manage")
def replace() -> Response:
    """Replace the company default."""
    read_query(NoOptions)
    form = checked(DefaultForm.from_json(read_json()))
    default = service.change(form.values, versions=versions_of())
    return with_tag(jsonify(service.spell(default)), default.version)


@bp.put("/melodies/main/<int:default_id>")
@guard.call("manage")
def replace_by_id(default_id: int) -> Response:
    """Replace the company default under the id that the operator's clients send: 1, the only one."""
    if default_id != 1:
        raise Problem(404)
    return replace()


@bp.errorhandler(service.StaleDefaultError)
def refuse_stale(error: service.StaleDefaultError) -> Response:
    """Say that the company default has another version by now."""
    detail = lazy_gettext("The company default has changed since you read it. Read it again and repeat the change.")
    return respond(Problem(412, "changed_meanwhile", detail, headers={"ETag": tag(error.version)}))


@bp.errorhandler(service.UnknownMelodyError)
def refuse_unknown(error: service.UnknownMelodyError) -> Response:
    """Name every melody that its catalogue doesn't hold."""
    return respond(unprocessable([each.to_dict(name) for name, each in error.errors]))


@bp.route("/company", methods=["GET", "POST"])
@guard.form_page
def edit() -> Answer:
    """Show and change the company default."""
    if request.method == "GET":
        return _page(DefaultForm(obj=service.get()))
    form = from_page(request.form)
    if resuming.is_resumed():
        return _page(form)
    if form.validate():
        return _save(form)
    for kind in KINDS:
        picker.tell_one_choice(form[f"{kind}_source_type"], form[f"{kind}_media_id"], is_only=False)
    return _page(form), 422


def _save(form: DefaultForm) -> Answer:
    try:
        service.change(form.values, versions=None if form.version.data is None else {form.version.data})
    except service.UnknownMelodyError as error:
        for name, each in error.errors:
            form.refuse(name, each)
        return _page(form), 422
    except service.StaleDefaultError as error:
        form.version.text = str(error.version)
        message = lazy_gettext("Someone changed this in the meantime. Save again to keep your choice.")
        form.refuse("dialing_media_id", FieldError("changed_meanwhile", message, is_shared=True))
        return _page(form), 412
    say(gettext("Saved. Callers will hear it from the next call."))
    return redirect(url_for("company.edit"))


def _page(form: DefaultForm) -> str:
    offers = {
        kind: picker.offer(form[f"{kind}_source_type"].text, form[f"{kind}_media_id"].text, ringing=True)
        for kind in KINDS
    }
    return render_template("company/edit.html", form=form, offers=offers, default=service.get())
