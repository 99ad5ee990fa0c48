"""What an operator does on the command line: `flask --app wsgi …`."""

import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask import Flask
from flask.cli import AppGroup
from werkzeug.datastructures import MultiDict

from melody_app.accounts import service
from melody_app.accounts.forms import NewPasswordForm, PersonForm, TokenForm
from melody_app.backups.commands import backup, restore
from melody_app.calls import asterisk_files
from melody_app.command_line import by_operator
from melody_app.db import UnavailableError
from melody_app.demo import FREE_RULE, fill
from melody_app.directory import answers, importing, refusals
from melody_app.directory import service as directories
from melody_app.forms import BaseForm
from melody_app.melodies.service import load_catalogue
from melody_app.models import SCOPES
from melody_app.schema import bring_up_to_date
from melody_app.sheets.reading import UnreadableError

FIRST_PERSON = "admin"
FIRST_TOKEN = "first"  # noqa: S105  (a name)

FIRST_RULE = (
    '{"numbercapacityids": [352, 446, 448], "employeegroupids": [93, 103], "source_type": "system", "media_id": 50}'
)
WELCOME = f"""
The database is ready. These two are shown once: keep them.

  Sign in as   {FIRST_PERSON}
  password     {{password}}

  Token        {{secret}}

Try it, once the service runs:

  curl -X POST http://127.0.0.1:{{port}}/melodies/personal \\
    -H 'Authorization: Bearer {{secret}}' -H 'Content-Type: application/json' \\
    -d '{{rule}}'
"""

user = AppGroup("user", help="People who sign in on the pages.")
token = AppGroup("token", help="Tokens by which programs come in.")
catalogue = AppGroup("catalogue", help="The standard melodies.")
directory = AppGroup("directory", help="The company's numbers and departments.")
exports = AppGroup("export", help="Files for a telephone exchange that can't ask over HTTP.")


def register(app: Flask) -> None:
    """Add the commands."""
    for command in (init, demo, user, token, catalogue, directory, exports, backup, restore):
        app.cli.add_command(command)


@click.command()
@by_operator
def init() -> None:
    """Bring the schema up to date; on an empty database make a first person and a first token."""
    bring_up_to_date()
    if not _make_first_accounts(FIRST_RULE):
        click.echo("The database is up to date.")


@click.command()
@by_operator
def demo() -> None:
    """Do what `init` does, and fill an empty directory with a sample company: numbers, departments, melodies and rules."""
    bring_up_to_date()
    click.echo("The sample company is there." if fill() else "The directory isn't empty: nothing was added.")
    _make_first_accounts(FREE_RULE)


def _make_first_accounts(rule: str) -> bool:
    """Let a first person and a first program in, where nobody can sign in yet; say whether that was so.

    Args:
        rule: the body of a rule that can be made.
    """
    if service.is_anybody_there():
        return False
    _, password = service.create_person(FIRST_PERSON)
    _, secret = service.create_token(FIRST_TOKEN, "manage")
    click.echo(WELCOME.format(password=password, secret=secret, rule=rule, port=os.environ.get("PORT", "8000")))
    return True


@user.command("create")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@by_operator
def create_user(name: str, password_stdin: bool) -> None:  # noqa: FBT001  (click's own way)
    """Let somebody sign in."""
    name = _checked(PersonForm, name=name).name.data
    try:
        service.create_person(name, _ask_password(password_stdin))
    except service.NameTakenError:
        raise click.ClickException(f"Someone called {name} already exists.") from None
    click.echo(f"{name} can sign in.")


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@by_operator
def change_password(name: str, password_stdin: bool) -> None:  # noqa: FBT001
    """Give a person a new password, and sign the person out everywhere."""
    person = _person(name)
    service.set_password(person.id, _ask_password(password_stdin))
    click.echo(f"{person.name} has a new password.")


@user.command("remove")
@click.argument("name")
@by_operator
def remove_user(name: str) -> None:
    """Let a person sign in no more."""
    person = _person(name)
    try:
        service.remove_person(person.id)
    except service.LastPersonError:
        raise click.ClickException("This is the last person who can sign in. Add someone else first.") from None
    click.echo(f"{person.name} was removed and can no longer sign in.")


@token.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), required=True)
@by_operator
def create_token(name: str, scope: str) -> None:
    """Make a token and print it, alone."""
    name = _checked(TokenForm, name=name, scope=scope).name.data
    try:
        _, secret = service.create_token(name, scope)
    except service.NameTakenError:
        raise click.ClickException(f"A token called {name} already exists.") from None
    click.echo(secret)


@token.command("list")
@by_operator
def list_tokens() -> None:
    """Show the tokens: name, scope, what it begins with."""
    for each in service.list_tokens():
        click.echo(f"{each.name}\t{each.scope}\t{each.prefix}…")


@token.command("revoke")
@click.argument("name")
@by_operator
def revoke_token(name: str) -> None:
    """Let a token open nothing from now on."""
    try:
        service.revoke_token(service.find_token(name).id)
    except service.NoAccountError:
        raise click.ClickException(f"There is no token called {name}.") from None
    click.echo(f"The token {name} was revoked and no longer works.")


@catalogue.command("load")
@by_operator
def load() -> None:
    """Bring the standard melodies to what is shipped; what is there already stays."""
    click.echo(f"{load_catalogue()} standard melodies were new or changed.")


@directory.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--keep", is_flag=True, help="Leave entries alone that the file lacks, instead of deleting them.")
@by_operator
def import_directory(file: BinaryIO, dry_run: bool, keep: bool) -> None:  # noqa: FBT001
    """Take over a list of numbers or departments: CSV, or JSON as the operator's API answers it."""
    data = file.read()
    take_over = directories.preview if dry_run else directories.take_over
    try:
        target = importing.meant_for(data)
        click.echo(f"Reading {len(data)} bytes of {target.name}.", err=True)
        sheet = importing.read(target, data)
        done = take_over(target, sheet, keep=keep)
        directories.refuse_impossible(done)
    except UnreadableError as error:
        raise click.ClickException(str(error.message)) from None
    except refusals.RefusedError as error:
        place = "entry" if sheet.is_json else "line"
        for each in error.difference.refused:
            click.echo(f"{place} {each.place}: {each.field}: {each.error}", err=True)
        raise click.ClickException("Nothing was changed.") from None
    except refusals.InUseError as error:
        raise click.ClickException(answers.say_in_use(error.held)) from None
    click.echo(" ".join(f"{name}: {count}" for name, count in done.counts.items()))


@exports.command("asterisk")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--path", default="", help="Where the exchange finds DIR, if it has another path there.")
@by_operator
def export_asterisk(folder: Path, path: str) -> None:
    """Write a musiconhold.conf and the WAV files; in a folder that has them, replace what has changed."""
    try:
        done = asterisk_files.write(folder, seen_as=path, warn=lambda text: click.echo(text, err=True))
    except asterisk_files.ExportError as error:
        raise click.ClickException(str(error)) from None
    except UnavailableError:
        raise click.ClickException("The database can't be read now. Nothing was replaced.") from None
    counts = {"classes": done.classes, "melodies": len(done.sounds), "written": done.written, "removed": done.removed}
    click.echo(" ".join(f"{name}: {count}" for name, count in counts.items()))


def _person(name: str) -> Any:
    person = service.find_person(name)
    if person is None:
        raise click.ClickException(f"There is no person called {name}.")
    return person


def _ask_password(from_stdin: bool) -> str:  # noqa: FBT001
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return str(_checked(NewPasswordForm, new=password).new.data)


def _checked(form_class: type[BaseForm], **texts: str) -> Any:
    """Return the form, filled in as a page would fill it in, if all in it is right."""
    form = form_class.from_page(MultiDict(texts))
    if not form.validate():
        raise click.ClickException("; ".join(f"{form[name].label.text}: {error}" for name, error in form.errors_list))
    return form
