"""What every command has in common: the operator does it, and a database that can't be used is told in a sentence."""

import getpass
from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError

from melody_app.actor import Actor, set_actor
from melody_app.db import UnavailableError
from melody_app.schema import is_current

BUSY = "The database is busy, or out of reach. Try again."


def by_operator(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let what the command does be done by the operator, under the name he has on the machine."""

    def run(*args: Any, **kwargs: Any) -> Any:
        set_actor(Actor(_login(), "command"))
        try:
            return command(*args, **kwargs)
        except UnavailableError as error:
            raise click.ClickException(BUSY) from error
        except DBAPIError as error:
            raise click.ClickException(_explain(error)) from error

    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    return with_appcontext(run)


def _explain(error: DBAPIError) -> str:
    """Say why the database can't be used.

    Raises:
        DBAPIError: that isn't why: it is a fault of ours.
    """
    has_answered = error.statement is not None
    if has_answered and not is_current():
        return "The database has not the schema of this version. Run: flask --app wsgi init"
    if has_answered and not isinstance(error, OperationalError):
        raise error
    # The driver's text names the server and the person, never the password.
    return f"The database can't be used now: {' '.join(str(error.orig).split())}"


def _login() -> str:
    try:
        return getpass.getuser()[:100]
    except OSError:  # a container's user may have no name
        return "operator"
