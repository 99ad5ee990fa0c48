"""The services that are compared, each on a copy of one and the same database, and what is asked of them."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from melody_app import create_app
from melody_app.accounts.secrets import hash_key, make_token
from melody_app.actor import Actor, set_actor
from melody_app.config import Settings
from melody_app.db import db, write_session
from melody_app.melodies.service import load_catalogue
from melody_app.models import Person, SignIn, Token
from melody_app.schema import bring_up_to_date
from tests.bench.load import Asked
from tests.bench.seed import FIRST_NUMBER, fill
from tests.service import HOUSE, Service

WORKERS = 2
STOCK: dict[str, Any] = {"workers": WORKERS, "GUNICORN_CMD_ARGS": "--worker-class gthread"}
"""The peers are served by gunicorn's own workers, not by ours, with as many threads."""
RULES = "/melodies/personal"
RULE = '{"number_capacity_ids":[%d,%d,%d],"employee_group_ids":[],"source_type":"system","media_id":50}'
FAR_AHEAD = 2**40
"""A time that doesn't come while this runs, in seconds."""


class Uvicorn(Service):
    """The same for an application of ASGI."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", self.app, "--port", str(self.port), "--log-level", "warning"]
        with self.log_path.open("wb") as log:
            self.master = subprocess.Popen(
                [*command, "--workers", str(self.workers_wanted), "--no-access-log"],
                cwd=HOUSE, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait(self.is_healthy)


@dataclass(frozen=True)
class Store:
    """A database that is filled, and who may come in.

    Args:
        folder: where it is.
        rules: how many rules it holds; twice as many numbers are in them.
        numbers: how many the directory holds.
        token: what a program shows.
        key: what a browser's cookie holds.
    """

    folder: Path
    rules: int
    numbers: int
    token: str
    key: str

    @property
    def url(self) -> str:
        """Return the database's URL."""
        return f"sqlite:///{self.folder / 'melody.db'}"

    def copy(self, name: str) -> "Store":
        """Return a copy of it, in a folder of its own beside it."""
        folder = self.folder.with_name(name)
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)

    def lookup(self) -> Asked:
        """Ask what a caller hears, for each of the numbers that a rule holds, in no order that a cache would like."""
        path = "/melodies/resolve?number=%d"
        return Asked(path, token=self.token, first=FIRST_NUMBER + 1, step=7919, span=2 * self.rules)

    def create(self, made: int = 0) -> Asked:
        """Make rules of three numbers that no rule holds yet.

        Args:
            made: how many were made before.
        """
        free = 2 * self.rules + 1
        return Asked(RULES, RULE, token=self.token, first=free + 3 * made, step=3, span=self.numbers)


def make_store(folder: Path, *, rules: int, numbers: int, departments: int = 0, journal: bool = False) -> Store:
    """Make a database and fill it.

    Args:
        folder: a new folder for it.
        rules: how many rules.
        numbers: how many numbers the directory holds.
        departments: how many departments it holds.
        journal: whether the journal tells of the rules.
    """
    folder.mkdir()
    store = Store(folder, rules, numbers, make_token(), make_token())
    app = create_app(Settings(instance_path=folder, database_url=store.url, log_level="ERROR"))
    with app.test_request_context():
        bring_up_to_date()
        set_actor(Actor("bench", "command"))
        load_catalogue()
        with write_session() as session:
            person = Person(name="bench", name_key="bench", password_hash="none")
            session.add(person)
            session.flush()
            session.add(SignIn(person_id=person.id, key_hash=hash_key(store.key), expires_s=FAR_AHEAD))
            said = {"name": "bench", "scope": "manage", "prefix": "mel_", "created_by": "bench"}
            session.add(Token(key_hash=hash_key(store.token), **said))
            fill(session.connection(), rules=rules, numbers=numbers, departments=departments, journal=journal)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return store


@dataclass
class Call:
    """One thing that is asked of one service.

    Args:
        name: what the table calls it.
        service: which service is asked.
        asked: what is asked.
        status: what every answer must be.
    """

    name: str
    service: Service
    asked: Asked
    status: int = 200

    def begin(
        self, connections: int, seconds: float, warm_up_s: float = 0.3, most: int = 0
    ) -> "subprocess.Popen[bytes]":
        """Begin to ask by as many connections, in a process of its own."""
        wanted = {
            "port": self.service.port,
            "asked": asdict(self.asked),
            "connections": connections,
            "seconds": seconds,
            "warm_up_s": warm_up_s,
            "most": most,
        }
        command = [sys.executable, "-m", "tests.bench.load"]
        asker = subprocess.Popen(command, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert asker.stdin
        asker.stdin.write(json.dumps(wanted).encode())
        asker.stdin.close()
        return asker

    def end(self, asker: "subprocess.Popen[bytes]") -> dict[str, Any]:
        """Return the rate and the latencies; what a call creates is not asked for again.

        Raises:
            SystemExit: an answer was none that should come.
        """
        assert asker.stdout
        with asker:
            result: dict[str, Any] = json.load(asker.stdout)
        if list(result["statuses"]) != [str(self.status)]:
            raise SystemExit(f"{self.name}: {result['statuses']}")
        if self.asked.body:
            self.asked = replace(self.asked, first=self.asked.first + self.asked.step * result["asked"])
        return result

    def measure(self, connections: int, seconds: float, warm_up_s: float = 0.3, most: int = 0) -> dict[str, Any]:
        """Ask by as many connections, and return the rate, the latencies and the processor's time for one answer."""
        before = self.service.cpu_s()
        result = self.end(self.begin(connections, seconds, warm_up_s, most))
        return {**result, "cpu_ms": 1000 * (self.service.cpu_s() - before) / result["asked"]}


def melody(store: Store, **settings: str) -> Service:
    """Return Melody on a database."""
    return Service(store.url, store.folder, workers=WORKERS, **settings)


@contextmanager
def running(*services: Service) -> Iterator[None]:
    """Run services as long as the body."""
    with ExitStack() as stack:
        for each in services:
            stack.enter_context(each)
        yield


def peers(store: Store) -> dict[str, Service]:
    """Return the other services by their names, each on a copy of the database."""
    stores = {name: store.copy(f"{store.folder.name}-{name}") for name in ("bare", "django", "fastapi")}
    folders = {name: (each.url, each.folder) for name, each in stores.items()}
    return {
        "bare Flask view": Service(*folders["bare"], app="tests.bench.peers.bare:app", **STOCK),
        "Django REST framework": Service(*folders["django"], app="tests.bench.peers.django_rest:app", **STOCK),
        "FastAPI, SQLAlchemy": Uvicorn(*folders["fastapi"], workers=WORKERS, app="tests.bench.peers.fast_api:app"),
    }
