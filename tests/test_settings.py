"""Settings: typed, and a wrong one stops the start and names itself."""

import os
import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from melody_app.config import HOUSE, SettingError, Settings


def read(**variables: str) -> Settings:
    """Read settings from these variables alone."""
    return Settings.from_env(variables)


def test_without_any_variable_all_is_beside_the_checkout() -> None:
    settings = read()
    assert settings.instance_path == HOUSE / "instance"
    assert settings.url == f"sqlite:///{HOUSE / 'instance' / 'melody.db'}"
    assert settings.trusted_proxies == 0  # nobody's X-Forwarded-For is believed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@host/melody"),
        ("DATABASE_URL", "nonsense hunter2"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "postgresql://u:hunter2@host"),
        ("DATABASE_URL", "postgresql://u:hunter2@host:port/name"),
        ("DATABASE_URL", ""),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY", ""),
        ("TRUSTED_PROXIES", "yes hunter2"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "11"),
        ("TRUSTED_PROXIES", "1.5"),
        ("TRUSTED_PROXIES", "9" * 5000),
        ("TIMEZONE", "hunter2"),
        ("TIMEZONE", "../../etc/passwd"),
        ("TIMEZONE", ""),
        ("WRITE_WAIT_S", "0"),
        ("WRITE_WAIT_S", "61"),
        ("WRITE_WAIT_S", "soon"),
        ("LIBRARY_MB", "0"),
        ("LIBRARY_MB", "much"),
        ("SESSION_DAYS", "0"),
        ("SESSION_DAYS", "91"),
        ("LOG_LEVEL", "info"),
        ("LOG_LEVEL", "LOUD"),
        ("INSTANCE_PATH", "bad\x00path"),
    ],
)
def test_a_wrong_setting_names_itself_and_not_its_value(name: str, text: str) -> None:
    with pytest.raises(SettingError) as stopped:
        read(**{f"MELODY_{name}": text})
    assert f"MELODY_{name}" in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


def test_every_setting_has_a_wrong_value_that_is_tested() -> None:
    tested = test_a_wrong_setting_names_itself_and_not_its_value.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name.lower() for name, _ in tested} == {each.name for each in fields(Settings)}


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(SettingError) as stopped:
        read(MELODY_DATABASE_URI="sqlite:////tmp/x.db")
    assert "MELODY_DATABASE_URI" in str(stopped.value)
    assert "MELODY_DATABASE_URL" in str(stopped.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_taken(scheme: str) -> None:
    assert read(MELODY_DATABASE_URL=f"{scheme}://u:p@host/name").url == "postgresql+psycopg://u:p@host/name"


def test_every_setting_is_read() -> None:
    settings = read(
        MELODY_INSTANCE_PATH="/tmp/melody",
        MELODY_DATABASE_URL="sqlite:////tmp/melody/x.db",
        MELODY_SECRET_KEY="k" * 32,
        MELODY_TRUSTED_PROXIES="2",
        MELODY_TIMEZONE="Asia/Vladivostok",
        MELODY_WRITE_WAIT_S="9",
        MELODY_SESSION_DAYS="1",
        MELODY_LOG_LEVEL="WARNING",
        HOME="/root",
    )
    assert settings == Settings(
        instance_path=Path("/tmp/melody").resolve(),
        database_url="sqlite:////tmp/melody/x.db",
        secret_key="k" * 32,
        trusted_proxies=2,
        timezone="Asia/Vladivostok",
        write_wait_s=9,
        session_days=1,
        log_level="WARNING",
    )


def test_a_wrong_setting_stops_the_start_without_a_traceback(tmp_path: Path) -> None:
    variables = {**os.environ, "MELODY_INSTANCE_PATH": str(tmp_path), "MELODY_TRUSTED_PROXIES": "many"}
    started = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=HOUSE, env=variables, capture_output=True, text=True, check=False
    )
    assert started.returncode != 0
    assert "MELODY_TRUSTED_PROXIES" in started.stderr
    assert "Traceback" not in started.stderr


# ---------------------------------------------------------------- the secret key


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "instance"
    key = Settings(instance_path=folder).make_secret_key()
    assert len(key) >= 32
    assert Settings(instance_path=folder).make_secret_key() == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [each.name for each in folder.iterdir()] == ["secret_key"]
    assert Settings(instance_path=tmp_path / "other").make_secret_key() != key


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = "import sys; from melody_app.config import *; print(Settings(instance_path=Path(sys.argv[1])).make_secret_key())"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "i")], cwd=HOUSE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1
    assert keys != {""}


def test_a_key_that_is_set_is_taken_and_none_is_made(tmp_path: Path) -> None:
    assert Settings(instance_path=tmp_path, secret_key="k" * 40).make_secret_key() == "k" * 40
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_used_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(SettingError, match="MELODY_INSTANCE_PATH"):
        Settings(instance_path=tmp_path / "file" / "instance").make_secret_key()


def test_an_empty_key_file_is_not_taken_for_a_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("", encoding="ascii")
    with pytest.raises(SettingError, match="secret_key"):
        Settings(instance_path=tmp_path).make_secret_key()
