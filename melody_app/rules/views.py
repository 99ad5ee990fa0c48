"""The doors to rules: the JSON calls, and the pages beside them."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app import journal
from melody_app.accounts import guard
from melody_app.errors import Problem, respond, unprocessable
from melody_app.fields import FieldError
from melody_app.http import checked, page_link, read_json, read_query, say, versions_of, with_tag
from melody_app.rules import pickers, queries, service
from melody_app.rules.forms import (
    ChangedRuleForm,
    DeleteOptions,
    HeldQuery,
    PageForm,
    PickerQuery,
    RuleFilter,
    RuleForm,
    TableQuery,
    WriteOptions,
)
from melody_app.rules.store import Holding, StoredRule

bp = Blueprint("rules", __name__)

Answer = str | BaseResponse | tuple[str, int]


# ---------------------------------------------------------------- JSON calls


@bp.post("/melodies/personal")
@guard.call("manage")
def create() -> Response:
    """Make a rule."""
    body, options = read_json(), read_query(WriteOptions)
    form = checked(RuleForm.from_json(body))
    outcome = service.create(form.values, movable=_movable(options), dry_run=options.is_dry)
    response = _written(outcome, options, form)
    if not options.is_dry:
        response.status_code = 201
        response.headers["Location"] = url_for("rules.show", rule_id=outcome.rule.id)
    return response


@bp.get("/melodies/personal")
@guard.call("manage")
def index() -> Response:
    """List rules."""
    wanted = read_query(RuleFilter)
    rules, total, more = queries.list_rules(**wanted.data)
    response = jsonify([rule.to_dict() for rule in rules])
    response.headers["X-Total-Count"] = str(total)
    if more:
        response.headers["Link"] = f'<{page_link(after=rules[-1].id)}>; rel="next"'
    return response


@bp.get("/melodies/personal/<int:rule_id>")
@guard.call("manage")
def show(rule_id: int) -> Response:
    """Answer a rule."""
    rule = service.get(rule_id)
    response = with_tag(jsonify(rule.to_dict()), rule.version)
    response.make_conditional(request)
    return response


@bp.put("/melodies/personal/<int:rule_id>")
@guard.call("manage")
def replace(rule_id: int) -> Response:
    """Replace a rule."""
    service.get(rule_id)  # that there is no such rule is told before what is wrong with the body
    body, options = read_json(), read_query(WriteOptions)
    form = ChangedRuleForm.from_json(body)
    form.rule_id = rule_id
    checked(form)
    outcome = service.change(
        rule_id,
        form.values,
        versions=versions_of(request.if_match),
        movable=_movable(options),
        dry_run=options.is_dry,
    )
    return _written(outcome, options, form)


@bp.delete("/melodies/personal/<int:rule_id>")
@guard.call("manage")
def delete(rule_id: int) -> Response:
    """Delete a rule."""
    options = read_query(DeleteOptions)
    service.delete(rule_id, versions=versions_of(request.if_match), dry_run=options.is_dry)
    return jsonify(id=rule_id)


def _movable(options: WriteOptions) -> service.Movable:
    return service.all_moves if options.moves else service.nothing_moves


def _written(outcome: service.Outcome, options: WriteOptions, form: RuleForm) -> Response:
    body = form.respell(outcome.rule.to_dict())
    if options.moves:
        body["moved"] = [each.to_dict() for each in outcome.moved]
    return jsonify(body) if options.is_dry else with_tag(jsonify(body), outcome.rule.version)


@bp.errorhandler(service.NoRuleError)
def refuse_no_rule(_error: service.NoRuleError) -> Response:
    """Say that there is no such rule."""
    return respond(Problem(404, "no_rule", lazy_gettext("There is no such rule. It may have been deleted.")))


@bp.errorhandler(service.StaleRuleError)
def refuse_stale(error: service.StaleRuleError) -> Response:
    """Say that the rule has another version by now."""
    detail = lazy_gettext("The rule has changed since you read it. Read it again and repeat the change.")
    return respond(Problem(412, "changed_meanwhile", detail, headers={"ETag": f'"{error.rule.version}"'}))


@bp.errorhandler(service.UnknownIdsError)
def refuse_unknown(error: service.UnknownIdsError) -> Response:
    """Name every id that a directory or a catalogue doesn't know."""
    return respond(unprocessable([each.to_dict(name) for name, each in error.errors]))


@bp.errorhandler(service.TakenError)
def refuse_taken(error: service.TakenError) -> Response:
    """Name every id that another rule holds."""
    detail = ngettext(
        "%(num)s id is in another rule already. Nothing was stored. Take it out, or repeat the call with ?on_conflict=move.",
        "%(num)s ids are in other rules already. Nothing was stored. Take them out, or repeat the call with ?on_conflict=move.",
        len(error.holdings),
    )
    return respond(Problem(409, "taken", detail, conflicts=[each.to_dict() for each in error.holdings]))


# ---------------------------------------------------------------- pages


@bp.get("/")
@guard.page
def home() -> BaseResponse:
    """Lead to the first page."""
    return redirect(url_for("rules.table"))


@bp.get("/rules")
@guard.page
def table() -> str:
    """Show the rules."""
    form = TableQuery.from_page(request.args)
    form.validate()
    query = {"q": form.q.valid or "", "sort": form.sort.valid}
    page = queries.search_rules(query["q"], query["sort"], form.page.valid)
    first_run = not page.total and not query["q"]
    return render_template("rules/table.html", page=page, query=query, first_run=first_run, url_with=page_link)


@bp.route("/rules/new", methods=["GET", "POST"])
@guard.page
def new() -> Answer:
    """Make a rule on a page."""
    return _save(None) if request.method == "POST" else _edit_page(PageForm(data={"source_type": "system"}))


@bp.route("/rules/<int:rule_id>", methods=["GET", "POST"])
@guard.page
def edit(rule_id: int) -> Answer:
    """Change a rule on a page."""
    if request.method == "POST":
        return _save(rule_id)
    return _edit_page(PageForm(obj=service.get(rule_id)), rule_id)


@bp.route("/rules/<int:rule_id>/delete", methods=["GET", "POST"])
@guard.page
def remove(rule_id: int) -> Answer:
    """Ask whether to delete a rule, and do it."""
    if request.method == "GET" or "resume" in request.form:
        return _remove_page(rule_id)
    try:
        outcome = service.delete(rule_id, versions=_version(PageForm.from_page(request.form)))
    except service.StaleRuleError:
        say(gettext("Somebody has changed the rule meanwhile. Look at it again before you delete it."), "warning")
        return _remove_page(rule_id), 412
    undo_url = url_for("rules.undo", entry_id=outcome.entry_id)
    say(gettext("Rule %(id)s is deleted.", id=rule_id), undo_url=undo_url)
    return redirect(url_for("rules.table"))


@bp.post("/rules/undo/<int:entry_id>")
@guard.page
def undo(entry_id: int) -> BaseResponse:
    """Bring a deleted rule back."""
    entry = journal.find(entry_id, action="deleted", subject="rule")
    if entry is None:
        raise Problem(404)
    text, category = _restore(StoredRule(**(entry.before or {})))
    say(text, category)
    return redirect(url_for("rules.table"))


@bp.get("/rules/choices")
@guard.for_script
def choices() -> Response:
    """Answer a picker's script with the numbers or departments that match what was typed."""
    query = read_query(PickerQuery)
    return jsonify(pickers.search(query.field.data, query.q.data or ""))


@bp.get("/rules/taken")
@guard.for_script
def taken() -> Response:
    """Answer a page's script with the ids that another rule holds."""
    query = read_query(HeldQuery)
    holdings = service.held_by_others(query.ids, besides=query.rule_id.data)
    return jsonify(conflicts=[each.to_dict() for each in pickers.conflicts(holdings)])


def _edit_page(
    form: PageForm,
    rule_id: int | None = None,
    *,
    holdings: list[Holding] | None = None,
    theirs: StoredRule | None = None,
) -> str:
    rule = queries.get_row(rule_id) if rule_id else None
    return render_template(
        "rules/edit.html",
        form=form,
        rule=rule,
        conflicts=pickers.conflicts(holdings or []),
        moves=request.form.getlist("move"),
        theirs=rule if theirs else None,
    )


def _save(rule_id: int | None) -> Answer:
    form = PageForm.from_page(request.form)
    if "resume" in request.form:
        return _edit_page(form, rule_id)  # typed before a sign-in that had to come between: to be looked at once more
    if not form.validate():
        return _edit_page(form, rule_id), 422
    return _attempt(form, rule_id)


def _attempt(form: PageForm, rule_id: int | None) -> Answer:
    try:
        return _saved(_store(form, rule_id), rule_id)
    except service.TakenError as error:
        return _edit_page(form, rule_id, holdings=error.holdings), 409
    except service.UnknownIdsError as error:
        for name, each in error.errors:
            form.refuse(name, each)
        return _edit_page(form, rule_id), 422
    except service.StaleRuleError as error:
        form.version.text = str(error.rule.version)
        return _edit_page(form, rule_id, theirs=error.rule), 412
    except service.NoRuleError:
        # What was typed is not lost with the rule: it can be saved as a new one.
        message = lazy_gettext("Somebody has deleted this rule meanwhile. Save it to make it anew.")
        form.refuse("number_capacity_ids", FieldError("deleted", message))
        return _edit_page(form), 404


def _store(form: PageForm, rule_id: int | None) -> service.Outcome:
    consents = set(request.form.getlist("move"))
    movable = (lambda each: f"{each.field}:{each.id}" in consents) if consents else service.nothing_moves
    if rule_id is None:
        return service.create(form.values, movable=movable)
    return service.change(rule_id, form.values, versions=_version(form), movable=movable)


def _version(form: PageForm) -> set[int]:
    return set() if form.version.data is None else {form.version.data}


def _saved(outcome: service.Outcome, rule_id: int | None) -> BaseResponse:
    done = (
        gettext("Rule %(id)s is saved.", id=rule_id) if rule_id else gettext("Rule %(id)s is made.", id=outcome.rule.id)
    )
    if outcome.moved:
        done += " " + ngettext("%(num)s id was moved here.", "%(num)s ids were moved here.", len(outcome.moved))
    say(done)
    return redirect(url_for("rules.table"))


def _remove_page(rule_id: int) -> str:
    row = queries.get_row(rule_id, shown=20)
    if row is None:
        raise service.NoRuleError
    return render_template("rules/delete.html", rule=row)


def _restore(rule: StoredRule) -> tuple[str, str]:
    try:
        service.restore(rule)
    except service.RestoredAlreadyError:
        return gettext("Rule %(id)s is there already.", id=rule.id), "success"
    except service.TakenError as error:
        ids = ", ".join(str(each.id) for each in error.holdings)
        return gettext("It can't come back: other rules have taken %(ids)s meanwhile.", ids=ids), "danger"
    except service.UnknownIdsError as error:
        return gettext("It can't come back: %(reason)s", reason=error.errors[0][1]), "danger"
    return gettext("Rule %(id)s is back.", id=rule.id), "success"
