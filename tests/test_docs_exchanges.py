"""What the pages on telephone exchanges tell to copy is what Melody answers; what they tell to type can be typed."""

import base64
import configparser
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bodies import PERSONAL, rule
from conftest import CALL_TOKEN
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask.testing import FlaskClient
from rows import add_melody
from test_docs import blocks, our_commands
from werkzeug.test import TestResponse

from melody_app.calls.asterisk_files import CONF
from melody_app.calls.exchanges import RINGING
from melody_app.melodies import catalogue

DOCS = Path(__file__).resolve().parent.parent / "docs"
ASTERISK = (DOCS / "asterisk.md").read_text(encoding="utf-8").replace("TOKEN", CALL_TOKEN)
DEPLOYMENT = (DOCS / "deployment.md").read_text(encoding="utf-8")
FREESWITCH = (DOCS / "freeswitch.md").read_text(encoding="utf-8").replace("TOKEN", CALL_TOKEN)
HOST = "melody.example:8000"
EXTEN = "74994088157"


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    """A company in which everything that the pages name plays a melody of its own."""
    fill(api, NUMBERS, number(352, EXTEN))
    fill(api, DEPARTMENTS, department(93, short_phone="200"))
    for source_type, its_id in (("client", 7), ("client", 8), ("client", 9), ("system", 50)):
        add_melody(sql, source_type, its_id, f"{its_id}", f"{its_id}", f"{its_id:064}")
    for body in (rule(352, media_id=8), rule(number_capacity_ids=[], employee_group_ids=[93], media_id=9)):
        assert api.post(PERSONAL, json={**body, "source_type": "client"}).status_code == 201
    default = {
        "dialing_source_type": "client",
        "dialing_media_id": 7,
        "hold_source_type": "system",
        "hold_media_id": 50,
    }
    assert api.put("/melodies/main", json=default).status_code == 200


def fetch(client: FlaskClient, url: str, *, form: str | None = None, authorization: str = "") -> TestResponse:
    """Fetch an address as an exchange or curl does: who asks stands in it, or in a header."""
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.port) == ("http", *HOST.split(":")[:1], 8000)
    if parts.password:
        authorization = "Basic " + base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    return client.open(
        parts.path, query_string=parts.query, base_url=f"http://{HOST}", method="GET" if form is None else "POST",
        data=form, content_type=form and "application/x-www-form-urlencoded",
        headers={"Authorization": authorization} if authorization else {},
    )  # fmt: skip


def ini(name: str) -> configparser.ConfigParser:
    """Return the page's block of a file of Asterisk's."""
    (block,) = [each for each in blocks(ASTERISK, "ini") if each.startswith(f"; {name}\n")]
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=>", "="), comment_prefixes=(";",))
    parser.read_string(block)
    return parser


def dialplan() -> str:
    """Return all of the page's dialplan."""
    return "\n".join(each for each in blocks(ASTERISK, "ini") if "exten =>" in each)


def commands(text: str) -> Iterator[list[str]]:
    """Return the words of each command that a page tells to type."""
    for block in blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            yield shlex.split(line)


def curls(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Return the address, the form and the Authorization of each curl command."""
    for words in commands(text):
        if words[0] == "curl":
            options = dict(pairwise(words))
            (url,) = [each for each in words if each.startswith("http")]
            yield url, options.get("-d"), options.get("-H", "").partition(": ")[2]


# ---------------------------------------------------------------- Asterisk


def test_the_addresses_of_extconfig_answer_as_realtime_does(company: None, client: FlaskClient) -> None:
    settings = {name: value.partition(",") for name, value in ini("extconfig.conf")["settings"].items()}
    assert {each[0] for each in settings.values()} == {"curl"}
    single = fetch(client, f"{settings['musiconhold'][2]}/single", form=f"name=number-{EXTEN}")
    assert single.text == f"name=number-{EXTEN}&mode=playlist"
    multi = fetch(client, f"{settings['musiconhold_entry'][2]}/multi", form=f"position%20%3E%3D=0&name=number-{EXTEN}")
    assert f"{8:064}" in multi.text


def test_the_waits_are_short_and_the_fall_back_is_where_the_tone_is_put(client: FlaskClient) -> None:
    assert {name: int(value) <= 2 for name, value in ini("res_curl.conf")["globals"].items()} == {
        "conntimeout": True, "httptimeout": True,
    }  # fmt: skip
    assert ini("res_http_media_cache.conf")["general"].getint("timeout_secs") <= 5
    classes = ini("musiconhold.conf")
    assert not classes["general"].getboolean("cachertclasses")
    (make,) = [each for each in commands(ASTERISK) if each[0] == "mkdir"]
    (copy,) = [each for each in commands(ASTERISK) if each[:2] == ["curl", "-fo"]]
    assert classes["default"]["directory"] == make[-1] == str(Path(copy[2]).parent)
    assert fetch(client, copy[-1]).data == catalogue.tone().wav


def test_every_class_that_the_page_names_is_answered(company: None, client: FlaskClient) -> None:
    listed = {
        name for line in ASTERISK.splitlines() if line.startswith("| `") for name in re.findall("`([a-z0-9-]+)`", line)
    }
    used = set(re.findall(r"[,(]m\(([\w-]+(?:\$\{EXTEN\})?)\)", dialplan())) | {"hold"}
    names = {each for each in listed if re.match("number-|group-|media-|default|hold", each)} | used
    assert {"group-93", "media-client-7", "default", "hold", "number-${EXTEN}"} < names
    multi = ini("extconfig.conf")["settings"]["musiconhold_entry"].partition(",")[2] + "/multi"
    for name in names:
        answer = fetch(client, multi, form=f"name={name.replace('${EXTEN}', EXTEN)}")
        assert "&entry=http" in answer.text, name


def test_the_dialplan_is_whole_and_its_lookup_is_answered(company: None, client: FlaskClient) -> None:
    contexts = set(re.findall(r"^\[(.+)\]$", dialplan(), re.MULTILINE))
    for line in dialplan().splitlines():
        assert re.fullmatch(r"(; .*|\[[a-z-]+\]|exten => [\w+][\w+.]*,1,.+\)| same => n(\([a-z]+\))?,.+)?", line), line
        assert [line.count(each) for each in "({["] == [line.count(each) for each in ")}]"], line
    assert set(re.findall(r"Local/\w+@([a-z-]+)", dialplan())) <= contexts
    assert set(re.findall(r"\?(\w+)\)", dialplan())) <= set(re.findall(r"n\((\w+)\)", dialplan()))
    (url,) = re.findall(r"\$\{CURL\(([^,]+)\)\}\)$", dialplan(), re.MULTILINE)
    answer = fetch(client, url.replace("${EXTEN}", EXTEN))
    assert re.fullmatch("class=media-client-9&url=http.*", answer.text)
    assert set(re.findall(r"HASH\(melody,(\w+)\)", dialplan())) <= {"class", "url"}


# ---------------------------------------------------------------- FreeSWITCH


def test_the_dialplan_of_freeswitch_asks_and_falls_back(company: None, client: FlaskClient) -> None:
    (block,) = blocks(FREESWITCH, "xml")
    tree = ElementTree.fromstring(block)
    (curl,) = [each for each in tree.iter("action") if each.get("application") == "curl"]
    url, *options = (curl.get("data") or "").split()
    assert set(options[:-2:2]) == {"connect-timeout", "timeout"}
    assert (curl.get("inline"), options[-2]) == ("true", "append_headers")
    answer = fetch(client, url.replace("$1", EXTEN), authorization=options[-1].removeprefix("Authorization:"))
    assert answer.text == f"http_cache://http://{HOST}/media/{8:064}.wav"
    (asked,) = {
        each.get("expression") or "" for each in tree.iter("condition") if "number" in (each.get("field") or "")
    }
    assert re.fullmatch(asked, f"+{EXTEN}")[1] == EXTEN  # type: ignore[index]
    fall_back = {each.get("data") for each in tree.iter("anti-action")}
    assert fall_back == {f"ringback={RINGING}", f"transfer_ringback={RINGING}"}
    for query in re.findall(r"&amp;(\w+=\d+)", FREESWITCH):
        answer = fetch(client, f"{url.replace('$1', EXTEN)}&{query}", authorization=CALL_TOKEN)
        assert f"{9:064}" in answer.text


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("document", [ASTERISK, FREESWITCH], ids=["asterisk.md", "freeswitch.md"])
def test_what_is_to_be_typed_can_be_typed(company: None, client: FlaskClient, document: str) -> None:
    for words in commands(document):
        if words[:1] == ["melody"]:
            name = " ".join(words[1:3])
            our_commands()[name].make_context(name, words[3:]).close()
    for url, form, authorization in curls(document):
        assert fetch(client, url, form=form, authorization=authorization).status_code == 200, url


def test_what_is_included_is_what_is_exported() -> None:
    (exported,) = [words[-1] for words in commands(ASTERISK) if "export" in words]
    assert re.findall(r"`#include (.+)`", ASTERISK) == [f"{exported}/{CONF}"]
    assert re.findall(r"`--path (\S+)`", ASTERISK) == [exported]


# ---------------------------------------------------------------- without HTTP

FOLDER = "/var/lib/melody-asterisk"
STUBS = {
    "systemd-run": """#!/bin/sh -e
while :; do
  case $1 in
    --working-directory) echo "$1 $2" >>"$TOLD"; cd "$2"; shift 2 ;;
    --uid | --property | --setenv) echo "$1 $2" >>"$TOLD"; shift 2 ;;
    --*) shift ;;
    *) exec "$@" ;;
  esac
done
""",
    "asterisk": """#!/bin/sh -e
echo "asterisk $*" >>"$TOLD"
""",
}
"""What stands in for the machine's own: one runs the command that systemd would, the other says that it was called."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_export_of_an_installation_runs_as_it_stands(company: None, database: str, tmp_path: Path) -> None:
    (command,) = [each for each in blocks(ASTERISK, "sh") if "export asterisk" in each]
    for name, stub in STUBS.items():
        (tmp_path / name).write_text(stub, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    here = {
        " -o melody -g asterisk": "",
        FOLDER: str(tmp_path / "export"),
        "/usr/local/sbin": str(tmp_path),
        "/usr/sbin/asterisk": str(tmp_path / "asterisk"),
        "/opt/melody/.venv/bin/python": shlex.quote(sys.executable),
        "/opt/melody": str(DOCS.parent),
    }
    for theirs, ours in here.items():
        assert theirs in command
        command = command.replace(theirs, ours)
    told = tmp_path / "told"
    environment = {
        **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TOLD": str(told),
        "MELODY_DATABASE_URL": database, "MELODY_INSTANCE_PATH": str(tmp_path),
    }  # fmt: skip
    subprocess.run(["sh", "-ec", command], check=True, env=environment, cwd="/")
    assert f"[number-{EXTEN}]" in (tmp_path / "export" / CONF).read_text(encoding="utf-8")
    assert (tmp_path / "export").stat().st_mode & 0o7777 == 0o2750
    *options, last = told.read_text(encoding="utf-8").splitlines()
    assert last == "asterisk -rx moh reload"
    # As the page on deployment runs every command of an installation's.
    (function,) = [each for each in blocks(DEPLOYMENT, "sh") if each.startswith("melody() {")]
    for option in options:
        assert option.replace("=-/", "=/").replace(str(DOCS.parent), "/opt/melody") in function
    assert len(options) == 4


def test_cron_runs_the_command_that_was_made() -> None:
    (line,) = [each for block in blocks(ASTERISK, "cron") for each in block.splitlines() if not each.startswith("#")]
    made = re.search(r"^cat >(\S+) <<", ASTERISK, re.MULTILINE)
    assert made
    assert re.fullmatch(rf"\*/5( \*){{4}} root {re.escape(made[1])} >/dev/null", line)
    assert f"chmod 755 {made[1]}\n" in ASTERISK
