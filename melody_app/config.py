"""Typed settings from MELODY_* variables; a wrong one stops the start and names itself."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

HOUSE = Path(__file__).resolve().parent.parent
"""The checkout: what stands beside the package (templates, static, instance)."""


DEFAULT_INSTANCE = HOUSE / "instance"


class SettingError(SystemExit):
    """Stop the start with a sentence that names the setting and says what it takes."""


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _database_url(text: str) -> str:
    # Platforms still hand out postgres://, which SQLAlchemy no longer knows; the driver is ours to choose.
    for scheme in ("postgres://", "postgresql://"):
        if text.startswith(scheme):
            text = "postgresql+psycopg://" + text.removeprefix(scheme)
    try:
        url: URL = make_url(text)
    except ArgumentError as error:
        raise ValueError from error
    if url.drivername not in {"sqlite", "postgresql+psycopg"} or not url.database:
        raise ValueError
    return text


def _secret(text: str) -> str:
    if len(text) < 32:  # noqa: PLR2004  (said in the setting's own text)
        raise ValueError
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError
        return text

    return read


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError
    return ZoneInfo(text).key


def _setting(default: object, read: Callable[[str], object], takes: str) -> Any:
    return field(default=default, metadata={"read": read, "takes": takes})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold every setting; the field `name` is read from the variable `MELODY_NAME`."""

    instance_path: Path = _setting(DEFAULT_INSTANCE, _folder, "a folder")  # noqa: RUF009
    database_url: str = _setting(
        "", _database_url, "sqlite:////path/to/file.db or postgresql://user:password@host/name"
    )
    secret_key: str = _setting("", _secret, "a random text of 32 characters or more")
    trusted_proxies: int = _setting(0, _whole(0, 10), "how many proxies stand in front, 0 to 10")
    timezone: str = _setting("Europe/Moscow", _timezone, "a time zone such as Europe/Moscow or UTC")
    write_wait_s: int = _setting(5, _whole(1, 25), "seconds that a write waits for its turn, 1 to 25")
    session_days: int = _setting(14, _whole(1, 90), "days after which a person signs in again, 1 to 90")
    library_mb: int = _setting(
        500, _whole(1, 1_000_000), "megabytes that the company's melodies may take, 1 to 1000000"
    )
    log_level: str = _setting("INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "DEBUG, INFO, WARNING or ERROR")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from environment variables.

        Args:
            env: the variables; the process's own when absent.

        Raises:
            SettingError: a variable's value is wrong, or no setting has its name.
        """
        env = os.environ if env is None else env
        given = {name: text for name, text in env.items() if name.startswith("MELODY_")}
        known = {f"MELODY_{each.name.upper()}": each for each in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in given.items():
            if name not in known:
                # A mistyped name would otherwise leave its default in force without a word.
                raise SettingError(f"{name}: there is no such setting. The settings are {', '.join(sorted(known))}.")
            each = known[name]
            try:
                values[each.name] = each.metadata["read"](text)
            except ValueError:
                # The value stays out of the sentence: it may be a password.
                raise SettingError(f"{name}: this value can't be used. It takes {each.metadata['takes']}.") from None
        return cls(**values)

    @property
    def url(self) -> str:
        """Return the database's URL; the embedded file in the instance folder unless one is set."""
        return self.database_url or f"sqlite:///{self.instance_path / 'melody.db'}"

    def make_secret_key(self) -> str:
        """Return the secret key, making one in the instance folder (mode 600) when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.instance_path / "secret_key"
        try:
            self.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written whole under another name, then linked: of two processes that start at once, one key wins.
            draft = self.instance_path / f"secret_key.{secrets.token_hex(8)}"
            if not path.exists():
                draft.touch(mode=0o600)
                draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
                _link(draft, path)
            return _secret(path.read_text(encoding="ascii").strip())
        except ValueError as error:
            raise SettingError(
                f"{path} holds no secret key of 32 characters or more. Delete the file and one is made; everybody signs in anew."
            ) from error
        except OSError as error:
            raise SettingError(
                f"MELODY_INSTANCE_PATH: {self.instance_path} can't be used: {error.strerror}."
            ) from error


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
