"""Write the melodies for an Asterisk that can't ask over HTTP: a musiconhold.conf, and the WAV files that it names.

The classes are of the mode `playlist`, whose entry is the whole path of a file without its ending (musiconhold.conf.sample of
Asterisk 18; older ones may lack the mode): a WAV is there once, however many classes play it. The mode `files` would want a
folder and a copy for each class.
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import and_, bindparam, select

from melody_app.calls.classes import Heard, hear, ringing_tone
from melody_app.calls.resolver import Played, Resolution
from melody_app.db import read
from melody_app.directory import phone
from melody_app.lean import Lean, LeanStatement
from melody_app.melodies.queries import find_wav
from melody_app.models import RuleDepartment, RuleNumber, VirtualNumber

CONF = "musiconhold.conf"
SOUNDS = "melodies"
MARK = "; Written by Melody (flask --app wsgi export asterisk). What is changed here is lost at the next export."
"""The first line of the file: by it we know our own work."""

CHUNK = 1000
LONGEST_COMMENT, LONGEST_PATH = 500, 4000
"""In characters, to be read by people; in bytes, as Linux takes paths (PATH_MAX)."""

_OURS = re.compile(r"([0-9a-f]{64})\.wav(\.part)?")
_ID = bindparam("after", type_=RuleNumber.number_capacity_id.type)
_NUMBERS = LeanStatement(
    select(RuleNumber.number_capacity_id, RuleNumber.rule_id, VirtualNumber.number)
    # Said of both sides: PostgreSQL goes over their indexes side by side, and would begin at the directory's first entry.
    .outerjoin(VirtualNumber, and_(VirtualNumber.id == RuleNumber.number_capacity_id, VirtualNumber.id > _ID))
    .where(RuleNumber.number_capacity_id > _ID)
    .order_by(RuleNumber.number_capacity_id)
    .limit(CHUNK)
)
_DEPARTMENTS = LeanStatement(
    select(RuleDepartment.employee_group_id, RuleDepartment.rule_id)
    .where(RuleDepartment.employee_group_id > _ID)
    .order_by(RuleDepartment.employee_group_id)
    .limit(CHUNK)
)


class ExportError(Exception):
    """The export can't be written; the text says why, and what to do."""


@dataclass
class Done:
    """What an export did.

    Args:
        classes: how many classes the file holds.
        sounds: the hashes of the melodies that they play.
        written: how many WAV files were new, or not as they ought to be.
        removed: how many nothing plays any more.
    """

    classes: int = 0
    sounds: set[str] = field(default_factory=set)
    written: int = 0
    removed: int = 0


def write(folder: Path, *, seen_as: str = "", warn: Callable[[str], None]) -> Done:
    """Bring a folder to what callers hear now: a state of one moment, which the exchange gets whole or not at all.

    Args:
        folder: made if it isn't there; else it has to be empty, or to hold an earlier export.
        seen_as: the folder's path for the exchange; the same as here when empty.
        warn: is told of every class that is left out.

    Raises:
        ExportError: the folder holds something else, or can't be written.
        UnavailableError: the database can't answer now.
    """
    path = _checked(seen_as or str(folder.absolute()))
    with _in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _refuse_foreign(folder)
            (folder / SOUNDS).mkdir(exist_ok=True)
            done = Done()
            with read(snapshot=True) as lean, _replacing(folder / CONF) as conf:
                _write_all(lean, folder, conf, path, done, warn)
            _remove_old(folder / SOUNDS, done)
            return done


def _write_all(lean: Lean, folder: Path, conf: TextIO, path: str, done: Done, warn: Callable[[str], None]) -> None:
    conf.write(f"{MARK}\n")
    for name in _names(lean, warn):
        heard = hear(name, lean)
        melody = heard.melody or (ringing_tone() if name == "default" else None)
        if problem := _problem(heard):
            warn(f"{name} is left out: {problem}")
        elif melody and melody.sha256:
            if melody.sha256 not in done.sounds:
                done.sounds.add(melody.sha256)
                done.written += _write_sound(lean, folder / SOUNDS, melody.sha256)
            about = _comment(heard.resolution, melody)
            conf.write(f"\n; {about}\n[{name}]\nmode=playlist\nentry={path}/{SOUNDS}/{melody.sha256}\n")
            done.classes += 1


def _names(lean: Lean, warn: Callable[[str], None]) -> Iterator[str]:
    """Return the company's classes, and that of each number and department with a rule: whatever else plays `default`."""
    yield from ("default", "hold")
    for its_id, rule_id, digits in _each(lean, _NUMBERS):
        if digits is None:
            warn(f"number {its_id} of rule {rule_id} is left out: it is not in the directory")
        else:
            yield f"number-{phone.bare(digits)}"
    for its_id, _rule_id in _each(lean, _DEPARTMENTS):
        yield f"group-{its_id}"


def _each(lean: Lean, statement: LeanStatement) -> Iterator[Any]:
    after = 0
    while rows := lean.all(statement, after=after):
        yield from rows
        after = rows[-1][0]


def _problem(heard: Heard) -> str:
    """Say why what was chosen can't be played; empty when it can."""
    lost = next(iter(heard.resolution.lost), None) if heard.resolution else None
    if not lost or not lost.melody:
        return ""
    whose = f"rule {lost.rule_id}" if lost.rule_id else "the company default"
    return f"{whose} plays melody {lost.melody.id} ({lost.melody.source_type}), which is not in the library"


def _comment(resolution: Resolution | None, melody: Played) -> str:
    """Say for people what a class is; of a name only what can't end the line or begin a comment of Asterisk's."""
    names = [resolution.decisive.name if resolution else "", melody.name]
    plain = (re.sub(r"[^\w .,:+()«»-]+", " ", each or "") for each in names)
    return ": ".join(each for each in plain if each.strip())[:LONGEST_COMMENT]


# ---------------------------------------------------------------- files


def _checked(path: str) -> str:
    if not path.startswith("/") or not path.isprintable() or ";" in path or path != path.strip():
        raise ExportError(f"Asterisk can't read the path {path!r}: give a whole path without ; by --path.")
    if len(path.encode()) > LONGEST_PATH:
        raise ExportError("The path is too long.")
    return path.rstrip("/")


def _refuse_foreign(folder: Path) -> None:
    conf = folder / CONF
    if conf.exists() or conf.is_symlink():
        with conf.open(encoding="utf-8", errors="replace") as lines:
            if lines.readline().rstrip("\n") != MARK:
                raise ExportError(f"{conf} was not written by Melody. Choose an empty folder, and #include its {CONF}.")
    elif {each.name for each in folder.iterdir()} - {f"{CONF}.part"}:
        raise ExportError(f"{folder} is not empty, and holds no export of Melody's. Choose an empty folder.")
    else:
        with _replacing(conf) as empty:  # from now on the folder is ours, even if we don't come to an end
            empty.write(f"{MARK}\n")


def _write_sound(lean: Lean, folder: Path, sha256: str) -> bool:
    """Write a WAV unless it is there, and say whether that was needed."""
    path = folder / f"{sha256}.wav"
    if path.is_file() and _hash(path) == sha256:
        return False
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with part.open("xb") as file:
        file.write(find_wav(sha256, lean) or b"")
        os.fsync(file.fileno())
    part.replace(path)
    return True


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_old(folder: Path, done: Done) -> None:
    for path in folder.iterdir():
        ours = _OURS.fullmatch(path.name)
        if ours and (ours[2] or ours[1] not in done.sounds):
            path.unlink()
            done.removed += not ours[2]


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Give the body a file that takes the path's place when all of it is on the disk."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other export write there meanwhile."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError(f"Another export is writing to {folder}.") from None
        yield
    finally:
        os.close(handle)


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EACCES: "it may not be written",
            errno.EPERM: "it may not be written",
            errno.EROFS: "its disk is read-only",
        }.get(error.errno or 0, f"{error.strerror} ({error.filename})")
        raise ExportError(f"{folder}: {why}. An export that was there before is still whole.") from None
