"""What holds passwords' hashes is made for its owner alone; what is there already keeps its mode."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """Let whatever is made be readable by everybody, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of a folder and of what stands in it."""
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in (folder, *folder.iterdir())}


def start(make_app: Callable[..., Flask], folder: Path) -> None:
    """Prepare the database in the folder."""
    app = make_app(url=f"sqlite:///{folder / 'melody.db'}")
    assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0


def test_the_folder_and_the_database_are_made_for_their_owner_alone(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    folder = tmp_path / "instance"
    start(make_app, folder)
    files = dict.fromkeys(["", "-wal", "-shm", ".queue", ".turn"], 0o600)
    assert modes(folder) == {"instance": 0o700, **{f"melody.db{end}": mode for end, mode in files.items()}}


def test_what_is_there_keeps_its_mode(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    (folder / "melody.db").touch(mode=0o640)
    start(make_app, folder)
    found = modes(folder)
    assert (found["instance"], found["melody.db"], found["melody.db-wal"]) == (0o755, 0o640, 0o640)


def test_a_place_that_can_not_be_used_stops_the_start_with_a_sentence(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"can't be made: .+\. MELODY_INSTANCE_PATH or MELODY_DATABASE_URL"):
        make_app(url=f"sqlite:///{tmp_path / 'file' / 'melody.db'}")
