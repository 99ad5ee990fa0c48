"""What the documents say is so: examples, settings, commands, calls, links, targets, versions."""

import configparser
import dataclasses
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from conftest import MANAGE_TOKEN
from flask import Flask
from flask.testing import FlaskClient
from sounds import encoded, stereo, tone
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from melody_app.cli import register
from melody_app.config import DEFAULT_INSTANCE, Settings
from melody_app.melodies.limits import BODY_LIMITS
from melody_app.sheets.upload import MAX_PARCEL

HOUSE = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *(HOUSE / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(HOUSE.glob("docs/*.md")),
]
README = (HOUSE / "README.md").read_text(encoding="utf-8")
CALLS = (HOUSE / "docs" / "api.md").read_text(encoding="utf-8")
MAKEFILE = (HOUSE / "Makefile").read_text(encoding="utf-8")
TARGET = re.compile(r"^([a-z]+):.*?(## .+)?$", re.MULTILINE)
OTHER_VARIABLES = {"PORT": "8000", "WEB_CONCURRENCY": "at least 2"}  # gunicorn.conf.py's


def section(title: str) -> str:
    """Return a section of the README, up to the next heading of its level or above."""
    level = title.count("#")
    found = re.search(rf"^{title}\n(.*?)(?=^#{{1,{level}}} |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def table(text: str) -> dict[str, list[str]]:
    """Return the rows of a text's tables: the first cell, without its backticks, and the others."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {first.strip("`"): rest for first, *rest in rows}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


# ---------------------------------------------------------------- the API


SOUND = encoded(stereo(tone(440, 2, 44_100), tone(440, 2, 44_100)), 44_100)


def part(text: str) -> Any:
    """Return what curl makes of the value after -F: a text, or the file that it names."""
    return (io.BytesIO(SOUND), text[1:]) if text.startswith("@") else text


def run_curl(client: FlaskClient, command: str, stdin: str = "") -> TestResponse:
    """Send what a curl command would send."""
    words = iter(shlex.split(command.replace("\\\n", " ").replace("$TOKEN", MANAGE_TOKEN)))
    assert next(words) == "curl"
    sent: dict[str, Any] = {"method": "GET", "headers": {}}
    for word in words:
        match word:
            case "-X":
                sent["method"] = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                sent["headers"][name] = value
            case "-d":
                data = next(words)
                sent["data"] = stdin if data == "@-" else data
            case "-F":
                name, _, value = next(words).partition("=")
                sent.setdefault("data", {})[name] = part(value)
            case _:
                address = urlsplit(word)
                sent |= {"path": address.path, "query_string": address.query}
                sent["base_url"] = f"{address.scheme}://{address.netloc}"
    return client.open(**sent)


def told(text: str) -> list[tuple[str, Any]]:
    """Return what an answer says, in its order; the hash of a sound is the business of other tests."""
    return list(json.loads(re.sub(r"[0-9a-f]{64}", "…", text)).items())


@pytest.mark.parametrize("document", [README, CALLS], ids=["README.md", "docs/api.md"])
def test_every_example_answers_what_is_printed(client: FlaskClient, app: Flask, document: str) -> None:
    if document is CALLS:
        app.test_cli_runner().invoke(args=["catalogue", "load"], catch_exceptions=False)
    commands = [each for each in blocks(document, "sh") if each.startswith("curl")]
    printed = blocks(document, "json")
    assert len(commands) == len(printed) > 0
    for command, text in zip(commands, printed, strict=True):
        assert told(run_curl(client, command).text) == told(text)


def test_the_example_of_a_file_in_base64_sends_a_melody(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "welcome.wav").write_bytes(SOUND)
    (command,) = [each for each in blocks(CALLS, "sh") if "base64" in each]
    writes, sends = command.split(" |\n", 1)
    body = subprocess.run(["sh", "-ec", writes], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    answer = run_curl(client, sends.strip(), body)
    assert (answer.status_code, answer.json and answer.json["name"]) == (201, "Welcome")


def test_the_first_example_is_printed_as_curl_prints_it(client: FlaskClient) -> None:
    answer = run_curl(client, next(each for each in blocks(README, "sh") if each.startswith("curl")))
    assert answer.text == blocks(README, "json")[0]


def call_of(rule: Rule) -> Iterator[str]:
    path = re.sub(r"<(?:\w+:)?\w+>", "{id}", rule.rule.replace("<sha256>", "{sha256}"))
    return (f"{method} {path}" for method in rule.methods or () if method not in {"HEAD", "OPTIONS"})


def test_the_table_of_calls_lists_what_programs_may_call(app: Flask) -> None:
    def is_for_programs(rule: Rule) -> bool:
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        return permission.tokens and not permission.page

    served = {call for rule in app.url_map.iter_rules() if is_for_programs(rule) for call in call_of(rule)}
    beside = {"GET /static/{id}", "GET /problems/{id}"}  # files, and the pages that a problem's type leads to
    assert set(table(CALLS)) == served - beside


# ---------------------------------------------------------------- settings and commands


def default_of(setting: dataclasses.Field[Any]) -> str:
    if setting.default == DEFAULT_INSTANCE:
        return DEFAULT_INSTANCE.relative_to(HOUSE).as_posix()
    return str(setting.default)


def test_the_table_of_settings_is_whole_and_its_defaults_true() -> None:
    settings = {f"MELODY_{each.name.upper()}": default_of(each) for each in dataclasses.fields(Settings)}
    rows = table(section("## Settings"))
    assert set(rows) == set(settings) | set(OTHER_VARIABLES)
    for name, default in {**settings, **OTHER_VARIABLES}.items():
        # A setting without a default of its own says in words what happens.
        assert default in rows[name][0] if default else rows[name][0], name


def test_no_setting_is_named_that_is_not_there() -> None:
    known = {f"MELODY_{each.name.upper()}" for each in dataclasses.fields(Settings)}
    for document in [*DOCUMENTS, *(HOUSE / "docs" / "deploy").iterdir()]:
        text = document.read_text(encoding="utf-8")
        assert set(re.findall(r"MELODY_[A-Z_]+[A-Z]", text)) <= known, document.name


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Return the commands that do something, by their full names."""
    if not isinstance(command, click.Group):
        yield name.strip(), command
        return
    for own, each in command.commands.items():
        yield from leaves(each, f"{name} {own}")


def our_commands() -> dict[str, click.Command]:
    bare = Flask("bare")
    register(bare)
    return dict(leaves(bare.cli))


def test_the_table_of_commands_is_whole_and_their_arguments_true() -> None:
    commands = our_commands()
    listed: dict[str, str] = {}
    for line in table(section("## Commands")):
        name = next(each for each in commands if f"{line} ".startswith(f"{each} "))
        listed[name] = line.removeprefix(name)
    assert set(listed) == set(commands)
    for name, arguments in listed.items():
        words = shlex.split(arguments.replace("NAME", "somebody").replace("FILE", os.devnull).replace("DIR", "."))
        commands[name].make_context(name, words, resilient_parsing=False).close()


def test_options_that_the_text_names_exist() -> None:
    options = {option for each in our_commands().values() for parameter in each.params for option in parameter.opts}
    cells = " ".join(cell for row in table(section("## Commands")).values() for cell in row)
    assert set(re.findall(r"--[a-z-]+", cells)) <= options


# ---------------------------------------------------------------- links, targets, versions


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), f"{document.name} links to {target}"
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE) if fragment else []
        assert not fragment or fragment in {each.lower().replace(" ", "-") for each in headings}, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_paths_named_in_the_text_exist(document: Path) -> None:
    named = re.findall(r"`((?:melody_app|templates|static|tests|docs)/[^`\s]*)`", document.read_text(encoding="utf-8"))
    assert [each for each in named if not (HOUSE / each).exists()] == []


def test_every_target_says_what_it_does_and_help_shows_it() -> None:
    targets = dict(TARGET.findall(MAKEFILE))
    assert [name for name, says in targets.items() if not says] == []
    shown = subprocess.run(["make"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\S+)\t\S", shown, re.MULTILINE)) == set(targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_targets_that_a_document_names_exist(document: Path) -> None:
    targets = {name for name, _ in TARGET.findall(MAKEFILE)}
    assert set(re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8"))) <= targets


def test_a_python_that_is_too_old_is_refused_by_its_name(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 3.10.2\n")
    old.chmod(0o755)
    command = ["make", "run", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"]
    refused = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert f"Melody needs Python 3.11 or newer, and '{old}' is Python 3.10.2." in refused.stderr


def test_the_newest_version_is_the_packages() -> None:
    metadata = configparser.ConfigParser()
    metadata.read(HOUSE / "setup.cfg", encoding="utf-8")
    changelog = (HOUSE / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", changelog, re.MULTILINE)
    assert newest
    assert newest[1] == metadata["metadata"]["version"]


# ---------------------------------------------------------------- running an installation


def test_nginx_lets_through_what_melody_takes(app: Flask) -> None:
    site = (HOUSE / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    general, large = (int(each) * 1024**2 for each in re.findall(r"client_max_body_size (\d+)m;", site))
    path = re.search(r"location ~ (\S+) \{[^}]*client_max_body_size", site)
    assert path
    taken = {"lists.apply": MAX_PARCEL, "rule_lists.apply": MAX_PARCEL, **BODY_LIMITS}
    for rule in app.url_map.iter_rules():
        is_large = re.search(path[1], re.sub(r"<any\((\w+),.*?>", r"\1", rule.rule))
        assert taken.get(rule.endpoint, 0) <= (large if is_large else general), rule.rule


def deployment_commands(words: str) -> list[str]:
    """Return what the page on production lets one run, where it has these words."""
    text = (HOUSE / "docs" / "deployment.md").read_text(encoding="utf-8")
    return [line for block in blocks(text, r"\w+") for line in block.splitlines() if words in line]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_backup_commands_copy_a_database_in_use_and_bring_it_back(
    client: FlaskClient, database: str, tmp_path: Path
) -> None:
    run_curl(client, next(each for each in blocks(README, "sh") if each.startswith("curl")))
    lines = [*deployment_commands("melody backup"), *deployment_commands("melody restore")]
    (nightly,) = deployment_commands("nightly-$(")
    assert len(lines) == 2
    # What cron runs stands behind the five fields of the time and the user; it takes a bare % for the end of a line.
    lines.append("cd /; " + nightly.split(maxsplit=6)[6].replace("\\%", "%"))
    folder = str(Path(database.removeprefix("sqlite:///")).parent)
    script = "\n".join(['melody() { /opt/melody/.venv/bin/python -m flask --app wsgi "$@"; }', *lines])
    for theirs, ours in {"/opt/melody/.venv/bin/python": sys.executable, "/opt/melody": str(HOUSE)}.items():
        script = script.replace(theirs, shlex.quote(ours))
    script = script.replace("/var/lib/melody", folder).replace("melody restore", "melody restore --yes")
    settings = {"PATH": os.environ["PATH"], "MELODY_INSTANCE_PATH": folder}
    subprocess.run(["sh", "-ec", script], check=True, cwd=HOUSE, env=settings, stdout=subprocess.DEVNULL)
    rules = client.get("/melodies/personal", headers={"Authorization": f"Bearer {MANAGE_TOKEN}"}).json
    assert [rule["number_capacity_ids"] for rule in rules] == [[352, 446, 448]]
    assert len(list(Path(folder).glob("nightly-2*-*-*.db"))) == 1
