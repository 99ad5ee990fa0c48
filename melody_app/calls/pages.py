"""The pages of calls: what callers of every number hear, and what exchanges have asked lately."""

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale

from melody_app.accounts import guard
from melody_app.calls import asking, coverage, exporting, history, tally, words
from melody_app.calls.page_forms import CoverageQuery, LookupsQuery
from melody_app.calls.selection import MOST, SelectionQuery
from melody_app.http import page_link
from melody_app.melodies import catalogue
from melody_app.sheets.writing import download

bp = Blueprint("coverage", __name__, url_prefix="/calls")
bp.add_app_template_filter(words.explain)
bp.add_app_template_filter(words.melody, "melody_name")
bp.add_app_template_filter(words.missing)


@bp.get("")
@guard.page
def table() -> str:
    """Show every number and department with what its callers hear, and answer what was asked in the box."""
    query = CoverageQuery.from_page(request.args)
    selection = SelectionQuery.from_page(request.args)
    query.validate()
    selection.validate()
    tallies = tally.take()
    return render_template(
        "calls/table.html",
        query=query,
        totals=tally.totals(tallies),
        page=coverage.find_page(query.view, tallies, query.page.valid),
        box=asking.ask(request.args),
        selection=selection,
        most_selected=MOST,
        tone=catalogue.tone(),
        url_with=_link,
    )


def _link(**changed: object) -> str:
    """Return this page's address with some of it changed; what was left empty or asked just now is not kept."""
    empty = [name for name, text in request.args.items() if not text]
    return page_link(**{**dict.fromkeys(["select", "ask", *empty]), **changed})


@bp.get("/export.csv")
@guard.page
def export() -> Response:
    """Give the rows that a filter shows away as CSV."""
    query = CoverageQuery.from_page(request.args)
    query.validate()
    language = str(get_locale())
    return download(exporting.COLUMNS, exporting.rows(query.view, language), language, "calls.csv")


@bp.get("/lookups")
@guard.page
def lookups() -> str:
    """Show what exchanges have asked lately, of all numbers."""
    query = LookupsQuery.from_page(request.args)
    query.validate()
    found, older = history.latest(query.q.valid or "", query.before.valid)
    return render_template(
        "calls/lookups.html",
        query=query,
        lookups=found,
        older_url=page_link(before=older) if older else None,
        newest_url=page_link(before=None) if query.before.valid else None,
    )
