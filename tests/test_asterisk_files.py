"""The static export: what an Asterisk without HTTP plays is what it would have been answered."""

import configparser
import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from bodies import PERSONAL, rule
from click.testing import Result
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask import Flask
from flask.testing import FlaskClient
from melodies import wav
from rows import add_melody

from melody_app.calls import asterisk_files
from melody_app.db import UnavailableError
from melody_app.melodies import catalogue

Run = Callable[..., Result]
SOUNDS = {its_id: wav(its_id * 100) for its_id in (1, 2, 3)}
HASHES = {its_id: hashlib.sha256(data).hexdigest() for its_id, data in SOUNDS.items()}
TONE = catalogue.tone()


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Run:
    """Export to a folder."""

    def invoke(*words: str, folder: Path = tmp_path / "moh") -> Result:
        result = app.test_cli_runner().invoke(args=["export", "asterisk", str(folder), *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where it is exported to."""
    return tmp_path / "moh"


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> FlaskClient:
    """A company of three numbers and two departments; all but one number and one department have rules."""
    fill(
        api, NUMBERS,
        number(352, "74994088157"), number(353, "74994088158"), number(354, "+7 499 408-81-59"),
        number(355, "+49 30 901820"),
    )  # fmt: skip
    fill(api, DEPARTMENTS, department(93, "Отдел продаж"), department(97, "Сервис", short_phone="102"))
    for its_id, data in SOUNDS.items():
        add_melody(sql, "client", its_id, f"Мелодия {its_id}", f"мелодия {its_id}", HASHES[its_id], data)
    give(api, rule(352, 355, media_id=1))
    give(api, rule(353, media_id=2, employee_group_ids=[93]))
    return api


def give(api: FlaskClient, body: dict[str, Any]) -> None:
    """Make a rule for melodies of the company's own."""
    answer = api.post(PERSONAL, json={**body, "source_type": "client"})
    assert answer.status_code == 201, answer.text


def plays(api: FlaskClient, dialing: int | None, hold: int | None) -> None:
    """Let the company play melodies of its own; None is plain ringing."""
    body: dict[str, Any] = {}
    for kind, its_id in (("dialing", dialing), ("hold", hold)):
        body |= {f"{kind}_source_type": "client" if its_id else "beeps", f"{kind}_media_id": its_id or 123}
    assert api.put("/melodies/main", json=body).status_code == 200


def parse(folder: Path) -> dict[str, str]:
    """Return each class of the file and the entry that it plays, as Asterisk reads them."""
    text = (folder / "musiconhold.conf").read_text(encoding="utf-8")
    lines = (line.partition(";")[0].rstrip() for line in text.splitlines())
    parser = configparser.ConfigParser(interpolation=None, strict=True, delimiters="=", comment_prefixes=None)
    parser.read_string("\n".join(lines))
    assert all(dict(parser[name]) == {"mode": "playlist", "entry": parser[name]["entry"]} for name in parser.sections())
    return {name: parser[name]["entry"] for name in parser.sections()}


def sounds(folder: Path) -> dict[str, bytes]:
    """Return the files beside it."""
    return {path.name: path.read_bytes() for path in (folder / "melodies").iterdir()}


def answered(call_api: FlaskClient, name: str) -> str:
    """Return the hash of what an exchange that asks is told to play."""
    text = call_api.post("/asterisk/musiconhold_entry/multi", data={"name": name}).text
    return Path(urlsplit(parse_qs(text)["entry"][0]).path).stem if text else ""


def test_every_class_plays_what_the_exchange_would_have_been_answered(
    company: FlaskClient, call_api: FlaskClient, run: Run, folder: Path
) -> None:
    plays(company, 3, 1)
    result = run()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "classes: 6 melodies: 3 written: 3 removed: 0\n", "")
    classes = parse(folder)
    assert set(classes) == {
        "default", "hold", "number-74994088157", "number-74994088158", "number-+4930901820", "group-93",
    }  # fmt: skip
    for name, entry in classes.items():
        assert entry == f"{folder}/melodies/{answered(call_api, name)}"
    assert sounds(folder) == {f"{HASHES[its_id]}.wav": data for its_id, data in SOUNDS.items()}
    # Whatever has no class plays `default`, which is what it would have been answered too.
    for name in ("number-74994088159", "group-97", "number-74991112233"):
        assert f"{folder}/melodies/{answered(call_api, name)}" == classes["default"]


def test_plain_ringing_is_the_tone_for_silence_is_none(company: FlaskClient, run: Run, folder: Path) -> None:
    assert run().exit_code == 0
    classes = parse(folder)
    assert classes["default"] == classes["hold"] == f"{folder}/melodies/{TONE.sha256}"
    assert sounds(folder)[f"{TONE.sha256}.wav"] == TONE.wav


def test_a_second_run_brings_it_to_what_is_so_now(company: FlaskClient, run: Run, folder: Path) -> None:
    plays(company, 3, 3)
    run()
    before = {path: path.stat().st_mtime_ns for path in (folder / "melodies").iterdir()}
    assert run().stdout == "classes: 6 melodies: 3 written: 0 removed: 0\n"
    assert {path: path.stat().st_mtime_ns for path in (folder / "melodies").iterdir()} == before
    assert company.delete(f"{PERSONAL}/1").status_code == 200
    assert company.put(f"{PERSONAL}/2", json=rule(354, source_type="client", media_id=2)).status_code == 200
    (folder / "melodies" / f"{HASHES[2]}.wav").write_bytes(b"cut off")
    (folder / "melodies" / f"{HASHES[1]}.wav.part").write_bytes(b"of a run that was killed")
    (folder / "musiconhold.conf.part").write_bytes(b"of a run that was killed")
    assert run().stdout == "classes: 3 melodies: 2 written: 1 removed: 1\n"
    assert set(parse(folder)) == {"default", "hold", "number-74994088159"}
    assert sounds(folder) == {f"{HASHES[its_id]}.wav": SOUNDS[its_id] for its_id in (2, 3)}
    assert {path.name for path in folder.iterdir()} == {"musiconhold.conf", "melodies"}


def test_foreign_files_are_never_touched(company: FlaskClient, run: Run, folder: Path) -> None:
    folder.mkdir()
    (folder / "extensions.conf").write_text("[default]\n")
    refused = run()
    assert refused.exit_code == 1
    assert "is not empty" in refused.stderr
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"extensions.conf": "[default]\n"}
    (folder / "extensions.conf").rename(folder / "musiconhold.conf")
    assert "was not written by Melody" in run().stderr
    assert (folder / "musiconhold.conf").read_text() == "[default]\n"
    (folder / "musiconhold.conf").unlink()
    run()
    foreign = [folder / "notes.txt", folder / "melodies" / "own.wav", folder / "melodies" / f"{'A' * 64}.wav"]
    for path in foreign:
        path.write_text("mine")
    assert run().exit_code == 0
    assert [path.read_text() for path in foreign] == ["mine"] * 3


def test_the_paths_are_those_of_the_exchange(
    company: FlaskClient, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--path", "/var/lib/asterisk/melody/")
    assert parse(folder)["group-93"] == f"/var/lib/asterisk/melody/melodies/{HASHES[2]}"
    monkeypatch.chdir(tmp_path)
    run(folder=Path("here"))
    assert parse(tmp_path / "here")["group-93"] == f"{tmp_path}/here/melodies/{HASHES[2]}"


@pytest.mark.parametrize("path", ["relative", "/a;b", "/a\nb", " /a", "/a ", f"/{'a' * 5000}"])
def test_a_path_that_asterisk_could_not_read_is_refused(run: Run, folder: Path, path: str) -> None:
    refused = run("--path", path)
    assert (refused.exit_code, folder.exists()) == (1, False)
    assert "path" in refused.stderr


@pytest.mark.parametrize("name", ["a\n[evil]\nmode=files", "x ;-- y", "][; #exec rm", "й" * 200, "<b>\u2028z", "  "])
def test_a_name_is_a_comment_whatever_it_holds(
    company: FlaskClient, run: Run, folder: Path, sql: Callable[..., Any], name: str
) -> None:
    run()
    before = parse(folder)
    sql("UPDATE melodies SET name = :name", name=name)
    sql("UPDATE departments SET name = :name", name=name)
    assert run().exit_code == 0
    assert parse(folder) == before
    text = (folder / "musiconhold.conf").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1 + 5 * len(before)
    assert not re.search("^.+;", text, re.MULTILINE)
    assert max(len(line.encode()) for line in text.splitlines()) < 2000


def test_what_can_not_be_played_is_left_out_and_named(
    company: FlaskClient, call_api: FlaskClient, run: Run, folder: Path, sql: Callable[..., Any]
) -> None:
    sql("UPDATE rules SET media_id = 9 WHERE id = 2")
    sql("DELETE FROM virtual_numbers WHERE id = 355")
    result = run()
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "number-74994088158 is left out: rule 2 plays melody 9 (client), which is not in the library",
        "number 355 of rule 1 is left out: it is not in the directory",
        "group-93 is left out: rule 2 plays melody 9 (client), which is not in the library",
    ]
    assert set(parse(folder)) == {"default", "hold", "number-74994088157"}
    assert answered(call_api, "group-93") == ""


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EACCES, "it may not be written"),
        (errno.EROFS, "its disk is read-only"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_disk_that_refuses_leaves_the_last_export_whole(
    company: FlaskClient, run: Run, folder: Path, number: int, why: str
) -> None:
    run()
    before = parse(folder), sounds(folder)
    assert company.put(f"{PERSONAL}/2", json=rule(353, source_type="client", media_id=3)).status_code == 200
    with mock.patch.object(asterisk_files.os, "fsync", side_effect=OSError(number, os.strerror(number), "file")):
        refused = run()
    assert refused.exit_code == 1
    assert why in refused.stderr
    now = parse(folder), {name: data for name, data in sounds(folder).items() if not name.endswith(".part")}
    assert now == before
    assert run().exit_code == 0
    assert parse(folder)["number-74994088158"].endswith(HASHES[3])
    assert not list(folder.rglob("*.part"))


def test_what_is_no_folder_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run(folder=tmp_path / "file" / "moh")
    assert refused.exit_code == 1
    assert str(tmp_path / "file") in refused.stderr


def test_two_exports_to_one_folder_do_not_mix(run: Run, folder: Path) -> None:
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert "Another export is writing" in run().stderr
    os.close(handle)
    assert run().exit_code == 0


def test_a_database_that_can_not_be_read_replaces_nothing(company: FlaskClient, run: Run, folder: Path) -> None:
    run()
    before = parse(folder)
    with mock.patch.object(asterisk_files, "read", side_effect=UnavailableError):
        refused = run()
    assert (refused.exit_code, parse(folder)) == (1, before)
    assert "database can't be read" in refused.stderr


def test_all_of_it_is_of_one_moment(company: FlaskClient, run: Run, folder: Path) -> None:
    """A rule that goes between its number and its department is in it with both."""
    hear = asterisk_files.hear

    def delete_meanwhile(name: str, lean: Any) -> Any:
        if name == "number-+4930901820":  # the last of the numbers
            assert company.delete(f"{PERSONAL}/2").status_code == 200
        return hear(name, lean)

    with mock.patch.object(asterisk_files, "hear", delete_meanwhile):
        assert run().exit_code == 0
    assert {"number-74994088158", "group-93"} < set(parse(folder))
    run()
    assert not {"number-74994088158", "group-93"} & set(parse(folder))


def test_more_than_a_chunk_of_numbers(api: FlaskClient, run: Run, folder: Path, sql: Callable[..., Any]) -> None:
    add_melody(sql, "client", 1, "Утро", "утро", HASHES[1], SOUNDS[1])
    its_ids = range(1, asterisk_files.CHUNK + 3)
    fill(api, NUMBERS, *(number(each, f"7499408{each:04}") for each in its_ids))
    give(api, rule(*its_ids, media_id=1))
    assert run().stdout == f"classes: {len(its_ids) + 2} melodies: 2 written: 2 removed: 0\n"
    assert {f"number-7499408{each:04}" for each in its_ids} < set(parse(folder))
