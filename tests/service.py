"""A real gunicorn on the project's own gunicorn.conf.py, to be started, signalled and killed by tests."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

HOUSE = Path(__file__).resolve().parent.parent
PATIENCE_S = 60
"""Whatever takes longer than this is taken for dead. It is no measure of speed."""


class Answer(NamedTuple):
    """What a request was answered with."""

    status: int
    headers: http.client.HTTPMessage
    body: Any


class Client:
    """One client that keeps its connection, as an integrator's program does.

    Args:
        port: where the service listens on this machine.
        token: what it shows.
    """

    def __init__(self, port: int, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request and return its answer; OSError or HTTPException when there is none."""
        text = None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, text, {**self.headers, **headers})
        response = self.connection.getresponse()
        content = response.read()
        return Answer(response.status, response.headers, json.loads(content) if content else None)

    def begin(self, path: str, body: Any) -> "Begun":
        """Send a POST without its body yet, and return once a worker has taken it up."""
        return Begun(self, path, json.dumps(body).encode())


class Begun:
    """A request that a worker has in its hands: it has asked for the body (RFC 9110, 10.1.1) and waits for it."""

    def __init__(self, client: Client, path: str, body: bytes) -> None:
        self.client = client
        self.body = body
        connection = client.connection
        connection.putrequest("POST", path)
        for name, value in {**client.headers, "Content-Length": str(len(body)), "Expect": "100-continue"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += connection.sock.recv(1) or b"(closed)\r\n\r\n"
        assert said.startswith(b"HTTP/1.1 100"), said

    def send_body(self) -> None:
        """Send what the worker waits for."""
        self.client.connection.send(self.body)

    def finish(self) -> Answer:
        """Read the answer."""
        response = self.client.connection.getresponse()
        return Answer(response.status, response.headers, json.loads(response.read()))


class Service:
    """The service as it is deployed: its own processes, its own port, stopped at the end of the `with`.

    Args:
        url: the database's.
        folder: where its log and its instance folder are.
        workers: how many.
        app: what gunicorn serves.
        settings: further environment variables.
    """

    def __init__(self, url: str, folder: Path, *, workers: int = 2, app: str = "wsgi:app", **settings: str) -> None:
        self.app = app
        self.log_path = folder / "gunicorn.log"
        own = {name: value for name, value in os.environ.items() if not name.startswith(("MELODY_", "GUNICORN_"))}
        self.environment = {
            **own,
            "MELODY_DATABASE_URL": url,
            "MELODY_INSTANCE_PATH": str(folder),
            "WEB_CONCURRENCY": str(workers),
            "PORT": "0",  # the kernel chooses: no other test's port is taken
            **settings,
        }
        self.workers_wanted = workers
        self.prefix: list[str] = []
        """A command that runs it, as strace does."""

    def __enter__(self) -> "Service":
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.log_path.unlink(missing_ok=True)
        with self.log_path.open("wb") as log:
            self.master = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "gunicorn", self.app],
                cwd=HOUSE, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        (listening,) = self.wait(lambda: [text for text in self.events() if text.startswith("Listening at")])
        self.port = int(listening.split()[2].rpartition(":")[2])
        self.wait(lambda: len(self.worker_pids()) == self.workers_wanted)
        self.wait(self.is_healthy)

    def stop(self) -> int:
        """Stop it as systemd does, and return the master's exit status."""
        self.signal(signal.SIGTERM)
        return self.master.wait(PATIENCE_S)

    def reload(self) -> None:
        """Replace the workers by new ones, and return when the old ones are gone."""
        old = self.worker_pids()
        self.signal(signal.SIGHUP)
        self.wait(lambda: len(now := self.worker_pids()) == self.workers_wanted and not now & old)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master, and return when it has taken it up."""
        line = f"Handling signal: {number.name.removeprefix('SIG').lower()}"
        before = self.events().count(line)
        self.master.send_signal(number)
        self.wait(lambda: self.events().count(line) > before)

    def kill(self) -> None:
        """Kill -9 all of it at once, as a crash of the machine's memory would."""
        with suppress(ProcessLookupError):  # it may have stopped before
            os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait(PATIENCE_S)

    def kill_master(self) -> None:
        """Kill -9 the master alone; its workers find out by themselves."""
        self.master.kill()
        self.master.wait(PATIENCE_S)

    def worker_pids(self) -> set[int]:
        """Return the master's living children."""
        try:
            text = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text(encoding="ascii")
        except FileNotFoundError:
            return set()
        return {int(pid) for pid in text.split()}

    def cpu_s(self) -> float:
        """Return the seconds of processor time that its workers have taken."""
        ticks = 0
        for pid in self.worker_pids():
            # The name may hold spaces; what follows it is counted from the state, the third field (proc(5)).
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def is_healthy(self, *, within_s: float = PATIENCE_S) -> bool:
        """Tell whether it answers on a new connection."""
        try:
            with self.client("") as client:
                client.connection.timeout = within_s
                return client.call("GET", "/healthz").status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def client(self, token: str) -> Client:
        """Return a client with a connection of its own."""
        return Client(self.port, token)

    def log(self) -> list[str]:
        """Return the lines that it has written, those that are whole."""
        return self.log_path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()

    def events(self) -> list[str]:
        """Return what gunicorn itself says, in the order of the log."""
        return [json.loads(line)["event"] for line in self.log() if '"gunicorn.error"' in line]

    def wait(self, is_so: Callable[[], Any]) -> Any:
        """Wait until something is so, and return it."""
        until = time.monotonic() + PATIENCE_S
        while not (found := is_so()):
            if time.monotonic() > until:
                raise TimeoutError("\n".join(self.log()[-30:]))
            time.sleep(0.05)
        return found
