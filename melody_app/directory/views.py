"""The JSON calls of numbers and departments; either directory answers the same ones."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from melody_app.accounts import guard
from melody_app.directory import answers, queries, refusals, service
from melody_app.directory.difference import Difference
from melody_app.directory.forms import ENTRY_FORMS, FILTERS, DeleteOptions, EntryForm
from melody_app.directory.importing import check_json
from melody_app.directory.reading import read_json as read_list
from melody_app.directory.store import BY_NAME, DEPARTMENTS, NUMBERS, Entry
from melody_app.errors import Problem
from melody_app.http import checked, conditional, page_link, read_json, read_query, versions_of, with_tag
from melody_app.sheets import upload

bp = Blueprint("directory", __name__)
answers.register(bp)
upload.allow(bp, {"directory.replace_all": upload.MAX_LIST})

PATHS = {NUMBERS.name: "/numbers/virtual-number", DEPARTMENTS.name: "/employee-group"}

View = Callable[..., Response]


def _call(method: str, rest: str = "") -> Callable[[View], View]:
    """Answer a method in both directories, with and without a final slash.

    Args:
        method: the HTTP method.
        rest: what follows the directory's path.
    """

    def add(view: View) -> View:
        for kind, path in PATHS.items():
            bp.add_url_rule(
                path + rest, methods=[method], view_func=view, defaults={"kind": kind}, strict_slashes=False
            )
        return view

    return add


@_call("GET")
@guard.call("manage")
def index(kind: str) -> Response:
    """List the entries."""
    wanted = read_query(FILTERS[kind])
    if wanted.is_whole:
        entries, seen = service.get_all(BY_NAME[kind])
        return _whole(entries, seen)
    entries, total, more = queries.list_entries(BY_NAME[kind], **wanted.asked)
    response = _array(entries, total)
    if more:
        response.headers["Link"] = f'<{page_link(after=entries[-1].id)}>; rel="next"'
    return response


@_call("POST")
@guard.call("manage")
def create(kind: str) -> Response:
    """Add an entry."""
    body, options = read_json(), read_query(DeleteOptions)
    form = checked(ENTRY_FORMS[kind].from_json(body))
    entry = service.create(BY_NAME[kind], form.values, form.id.data, dry_run=options.is_dry)
    response = _one(entry, options)
    if not options.is_dry:
        response.status_code = 201
        response.headers["Location"] = url_for("directory.show", kind=kind, entry_id=entry.id)
    return response


@_call("PUT")
@guard.call("manage")
def replace_all(kind: str) -> Response:
    """Let the whole directory say what the body says."""
    sheet = check_json(BY_NAME[kind], _read_array())
    options = read_query(DeleteOptions)
    meant_for = _is_matched if "If-Match" in request.headers else None
    if not options.is_dry:
        return jsonify(counts=service.take_over(BY_NAME[kind], sheet, meant_for=meant_for).counts)
    difference = service.preview(BY_NAME[kind], sheet)
    _refuse_other(difference, meant_for)
    return jsonify(difference.to_dict())


@_call("GET", "/<int:entry_id>")
@guard.call("manage")
def show(kind: str, entry_id: int) -> Response:
    """Answer an entry."""
    entry = service.get(BY_NAME[kind], entry_id)
    return conditional(with_tag(jsonify(entry.to_dict()), entry.version))


@_call("PUT", "/<int:entry_id>")
@guard.call("manage")
def replace(kind: str, entry_id: int) -> Response:
    """Replace an entry."""
    service.get(BY_NAME[kind], entry_id)  # that there is no such entry is told before what is wrong with the body
    body, options = read_json(), read_query(DeleteOptions)
    form: EntryForm = ENTRY_FORMS[kind].from_json(body)
    form.entry_id = entry_id
    checked(form)
    versions = versions_of()
    return _one(
        service.change(BY_NAME[kind], entry_id, form.values, versions=versions, dry_run=options.is_dry), options
    )


@_call("DELETE", "/<int:entry_id>")
@guard.call("manage")
def delete(kind: str, entry_id: int) -> Response:
    """Delete an entry that no rule uses."""
    options = read_query(DeleteOptions)
    service.delete(BY_NAME[kind], entry_id, versions=versions_of(), dry_run=options.is_dry)
    return jsonify(id=entry_id)


def _read_array() -> list[Any]:
    if not request.is_json:
        raise Problem(415, headers={"Accept": "application/json"})
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "not_utf8") from None
    return read_list(text)


def _is_matched(seen: str) -> bool:
    return request.if_match.contains(seen)


def _refuse_other(difference: Difference, meant_for: Callable[[str], bool] | None) -> None:
    if meant_for and not meant_for(difference.seen):
        raise refusals.ChangedMeanwhileError
    service.refuse_impossible(difference)


def _array(entries: list[Entry], total: int) -> Response:
    response = jsonify([entry.to_dict() for entry in entries])
    response.headers["X-Total-Count"] = str(total)
    return response


def _whole(entries: list[Entry], seen: str) -> Response:
    response = _array(entries, len(entries))
    response.set_etag(seen)
    return conditional(response)


def _one(entry: Entry, options: DeleteOptions) -> Response:
    response = jsonify(entry.to_dict())
    return response if options.is_dry else with_tag(response, entry.version)
