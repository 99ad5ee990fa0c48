"""The commands that write and restore backups."""

from datetime import datetime
from pathlib import Path

import click

from melody_app.backups import service
from melody_app.command_line import by_operator
from melody_app.db import CopyError

file = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@file
@by_operator
def backup(file: Path) -> None:
    """Write all that is stored to a new FILE, also while the service runs."""
    try:
        written = service.back_up(file)
    except CopyError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{click.format_filename(file)} was written: {written.bytes / 1e6:.1f} MB, {_rules(written.rules)}.")


@click.command()
@file
@click.option("--yes", is_flag=True, help="Don't ask.")
@by_operator
def restore(file: Path, yes: bool) -> None:  # noqa: FBT001  (click's own way)
    """Put what a backup holds in the place of what is stored, also while the service runs."""
    try:
        with service.prepared(file) as prepared:
            click.echo(
                f"{click.format_filename(file)} was made on {_moment(prepared.made_at)} and holds {_rules(prepared.rules)}. "
                f"Stored now: {_rules(prepared.rules_now)}."
            )
            if not yes and not click.confirm("Whatever was changed since then is taken back. Restore it?"):
                raise click.ClickException("Nothing was changed.")
            kept = service.restore(prepared)
    except CopyError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"Restored: {_rules(prepared.rules)}. {f'What was stored before is in {kept}.' if kept else ''}\n"
        "Everybody signs in anew. People, passwords and tokens are those of the backup: revoke again what was revoked since."
    )


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d at %H:%M} UTC"
