"""What a page says when something was done with a rule, and which way back it offers."""

from flask import url_for
from flask_babel import format_decimal, gettext, ngettext

from melody_app.http import say
from melody_app.rules import refusals, service
from melody_app.rules.store import Holding, StoredRule

NAMED = 5
"""As many rules or ids are named: what is said on the next page waits in a cookie, and browsers drop one that is too large."""


def tell_saved(outcome: service.Outcome, rule_id: int | None) -> None:
    """Say that a rule was saved.

    Args:
        outcome: what was done.
        rule_id: which rule; None for a new one.
    """
    if rule_id is None:
        _tell(gettext("Rule %(id)s was created.", id=outcome.rule.id), outcome)
    else:
        _tell(gettext("Rule %(id)s was saved.", id=rule_id), outcome)


def restore(rule: StoredRule, *, taker_id: int | None = None) -> None:
    """Bring a deleted rule back, and say so.

    Args:
        rule: the rule as it was.
        taker_id: the rule that took its ids, and that they are taken back from.
    """
    movable = (lambda each: each.rule_id == taker_id) if taker_id else service.nothing_moves
    try:
        outcome = service.restore(rule, movable=movable)
    except refusals.RestoredAlreadyError:
        say(gettext("Rule %(id)s is already there.", id=rule.id))
    except refusals.TakenError as error:
        say(gettext("The rule can't be restored: other rules now use %(ids)s.", ids=_first(error.holdings)), "danger")
    except refusals.UnknownIdsError as error:
        say(gettext("The rule can't be restored: %(reason)s", reason=error.errors[0][1]), "danger")
    else:
        _tell(gettext("Rule %(id)s was restored.", id=rule.id), outcome)


def _tell(done: str, outcome: service.Outcome) -> None:
    """Say what was done with a rule, and what that did to others."""
    if outcome.moved:
        done += " " + ngettext(
            "%(count)s ID was moved to it from another rule.",
            "%(count)s IDs were moved to it from other rules.",
            len(outcome.moved),
            count=format_decimal(len(outcome.moved)),
        )
    say(done)
    if len(outcome.emptied) > NAMED:
        _tell_many_emptied(len(outcome.emptied))
    elif outcome.emptied:
        _tell_emptied(outcome)


def _tell_emptied(outcome: service.Outcome) -> None:
    text = ngettext(
        "Rule %(rules)s was deleted: nothing was left in it.",
        "Rules %(rules)s were deleted: nothing was left in them.",
        len(outcome.emptied),
        rules=", ".join(map(str, outcome.emptied)),
    )
    # A rule that took all that another held has to give it back, or the other can't be there again.
    entries = ",".join(map(str, outcome.emptied.values()))
    say(text, undo_url=url_for("rules.give_back", rule_id=outcome.rule.id, entries=entries))


def _tell_many_emptied(count: int) -> None:
    text = ngettext(
        "%(count)s rule was deleted: nothing was left in it. The journal shows what it was.",
        "%(count)s rules were deleted: nothing was left in them. The journal shows what they were.",
        count,
        count=format_decimal(count),
    )
    say(text)


def _first(holdings: list[Holding]) -> str:
    words = [str(each.id) for each in holdings[:NAMED]]
    more = len(holdings) - len(words)
    return ", ".join([*words, *([ngettext("and %(num)s more", "and %(num)s more", more)] if more else [])])
