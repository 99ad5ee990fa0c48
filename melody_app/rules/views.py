"""The doors to rules: the JSON calls, and the pages beside them."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app import journal
from melody_app.accounts import guard
from melody_app.errors import Problem, respond, unprocessable
from melody_app.http import checked, conditional, page_link, read_json, read_query, say, tag, versions_of, with_tag
from melody_app.rules import listing, page, pickers, queries, refusals, service, telling
from melody_app.rules.forms import (
    ChangedRuleForm,
    DeleteOptions,
    HeldQuery,
    PageForm,
    PickerQuery,
    RuleFilter,
    RuleForm,
    TableQuery,
    UndoQuery,
    WriteOptions,
)
from melody_app.rules.store import StoredRule

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
    rules, total, more = listing.list_rules(**wanted.data)
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
    return conditional(with_tag(jsonify(rule.to_dict()), rule.version))


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
        versions=versions_of(),
        movable=_movable(options),
        dry_run=options.is_dry,
    )
    return _written(outcome, options, form)


@bp.delete("/melodies/personal/<int:rule_id>")
@guard.call("manage")
def delete(rule_id: int) -> Response:
    """Delete a rule."""
    options = read_query(DeleteOptions)
    service.delete(rule_id, versions=versions_of(), dry_run=options.is_dry)
    return jsonify(id=rule_id)


def _movable(options: WriteOptions) -> service.Movable:
    return service.all_moves if options.moves else service.nothing_moves


def _written(outcome: service.Outcome, options: WriteOptions, form: RuleForm) -> Response:
    body = form.respell(outcome.rule.to_dict())
    if options.moves:
        body["moved"] = [each.to_dict() for each in outcome.moved]
    return jsonify(body) if options.is_dry else with_tag(jsonify(body), outcome.rule.version)


@bp.errorhandler(refusals.NoRuleError)
def refuse_no_rule(_error: refusals.NoRuleError) -> Response:
    """Say that there is no such rule."""
    return respond(Problem(404, "no_rule", lazy_gettext("There is no such rule. It may have been deleted.")))


@bp.errorhandler(refusals.StaleRuleError)
def refuse_stale(error: refusals.StaleRuleError) -> Response:
    """Say that the rule has another version by now."""
    return respond(Problem(412, headers={"ETag": tag(error.rule.version)}))


@bp.errorhandler(refusals.UnknownIdsError)
def refuse_unknown(error: refusals.UnknownIdsError) -> Response:
    """Name every id that a directory or a catalogue doesn't know."""
    return respond(unprocessable([each.to_dict(name) for name, each in error.errors]))


@bp.errorhandler(refusals.TakenError)
def refuse_taken(error: refusals.TakenError) -> Response:
    """Name every id that another rule holds."""
    detail = ngettext(
        "%(count)s ID is already in another rule. Nothing was saved. Take it out, or repeat the call with ?on_conflict=move.",
        "%(count)s IDs are already in other rules. Nothing was saved. Take them out, or repeat the call with ?on_conflict=move.",
        len(error.holdings),
        count=format_decimal(len(error.holdings)),
    )
    return respond(Problem(409, detail=detail, conflicts=[each.to_dict() for each in error.holdings]))


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
    found = queries.search_rules(form.q.valid or "", form.sort.valid, form.page.valid)
    first_run = not found.total and not form.q.valid
    return render_template("rules/table.html", page=found, query=form, first_run=first_run, url_with=page_link)


@bp.route("/rules/new", methods=["GET", "POST"])
@guard.form_page
def new() -> Answer:
    """Make a rule on a page."""
    return page.save(None) if request.method == "POST" else page.start()


@bp.route("/rules/<int:rule_id>", methods=["GET", "POST"])
@guard.form_page
def edit(rule_id: int) -> Answer:
    """Change a rule on a page."""
    if request.method == "POST":
        return page.save(rule_id)
    return page.show_form(PageForm(obj=service.get(rule_id)), rule_id)


@bp.route("/rules/<int:rule_id>/delete", methods=["GET", "POST"])
@guard.page
def remove(rule_id: int) -> Answer:
    """Ask whether to delete a rule, and do it."""
    if request.method == "GET":
        return page.show_removal(rule_id)
    try:
        outcome = service.delete(rule_id, versions=page.version_of(PageForm.from_page(request.form)))
    except refusals.StaleRuleError:
        say(gettext("Someone changed this rule in the meantime. Review it before you delete it."), "warning")
        return page.show_removal(rule_id), 412
    undo_url = url_for("rules.undo", entry_id=outcome.entry_id)
    say(gettext("Rule %(id)s was deleted.", id=rule_id), undo_url=undo_url)
    return redirect(url_for("rules.table"))


@bp.post("/rules/undo/<int:entry_id>")
@guard.page
def undo(entry_id: int) -> BaseResponse:
    """Bring a deleted rule back."""
    telling.restore(_deleted(entry_id))
    return redirect(url_for("rules.table"))


@bp.post("/rules/<int:rule_id>/give-back")
@guard.page
def give_back(rule_id: int) -> BaseResponse:
    """Bring rules back that were deleted because this one took all that they held."""
    for rule in [_deleted(each) for each in read_query(UndoQuery).entries.ids]:
        telling.restore(rule, taker_id=rule_id)
    return redirect(url_for("rules.table"))


def _deleted(entry_id: int) -> StoredRule:
    entry = journal.find(entry_id, action="deleted", subject="rule")
    if entry is None:
        raise Problem(404)
    return StoredRule(**(entry.before or {}))


@bp.get("/rules/choices")
@guard.for_script
def choices() -> Response:
    """Answer a picker's script with the numbers or departments that match what was typed."""
    query = read_query(PickerQuery)
    limit = pickers.MOST_AT_ONCE if query.all.data == "1" else pickers.OFFERED
    found = pickers.search(query.field.data, query.q.data or "", ids=query.ids.ids, limit=limit)
    return jsonify(found.to_dict())


@bp.get("/rules/taken")
@guard.for_script
def taken() -> Response:
    """Answer a page's script with the ids that another rule holds."""
    query = read_query(HeldQuery)
    holdings = service.held_by_others(query.ids, besides=query.rule_id.data)
    return jsonify(conflicts=[each.to_dict() for each in pickers.conflicts(holdings)])
