"""Ask a service as fast as it answers: one process, raw sockets, so that the asker takes little of the machine.

python -m tests.bench.load '{"port": 8000, "connections": 16, "seconds": 3, "asked": {…}}' on its standard input.
"""

import json
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

HEADERS_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "


@dataclass(frozen=True)
class Asked:
    """What is asked, again and again; each `%d` stands for an id, the next `%d` of the same request for the one after it.

    Args:
        path: the address; with ids or without.
        body: what is sent, by POST; empty for a GET.
        type: the body's media type.
        token: what is shown.
        first: the first id.
        step: by how much the id grows from one request to the next.
        span: after as many ids it begins anew.
    """

    path: str
    body: str = ""
    type: str = "application/json"
    token: str = ""
    first: int = 1
    step: int = 1
    span: int = 1

    def maker(self) -> Callable[[], bytes]:
        """Return what makes the requests, one after the other."""
        verb = "POST" if self.body else "GET"
        head = f"{verb} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
        typed = f"{head}Content-Type: {self.type}\r\n" if self.body else head
        in_path, in_body = self.path.count("%d"), self.body.count("%d")
        offset = -self.step

        def make() -> bytes:
            nonlocal offset
            offset = (offset + self.step) % self.span
            ids = tuple(range(self.first + offset, self.first + offset + max(in_path, in_body)))
            body = self.body % ids[:in_body]
            length = f"Content-Length: {len(body)}\r\n" if self.body else ""
            return f"{typed % ids[:in_path]}{length}\r\n{body}".encode()

        return make


class Connection:
    """A kept connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> None:
        self.buffer = b""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> int:
        """Read what has come; return the status when the answer is whole, else 0."""
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("the service closed a connection in the midst of an answer")
        self.buffer += more
        end = self.buffer.find(HEADERS_END)
        if end < 0:
            return 0
        head = self.buffer[: end + 2].lower()
        at = head.index(LENGTH) + len(LENGTH)
        length = int(head[at : head.index(b"\r", at)])
        return int(self.buffer[9:12]) if len(self.buffer) >= end + len(HEADERS_END) + length else 0


class Load:
    """Keep every connection busy for a time.

    Args:
        port: where the service listens.
        connections: how many ask at once.
        make: makes each request.
    """

    def __init__(self, port: int, connections: int, make: Callable[[], bytes]) -> None:
        self.make = make
        self.connections: dict[int, Connection] = {}
        self.poll = select.epoll()
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        for _ in range(connections):
            self._open(port)

    def _open(self, port: int) -> None:
        """Open a connection and hear its first answer: of many at once, most would go to whichever worker is awake."""
        connection = Connection(port)
        connection.ask(self.make())
        while not (status := connection.hear()):
            pass
        self.statuses[status] += 1
        self.connections[connection.socket.fileno()] = connection
        self.poll.register(connection.socket, select.EPOLLIN)

    def run(self, seconds: float, warm_up_s: float, most: int = 0) -> dict[str, object]:
        """Ask, and return the rate (a second), the median and 99th percentile (ms), and the statuses.

        Args:
            seconds: how long what is asked counts.
            warm_up_s: how long it doesn't yet, in seconds.
            most: stop after as many answers; 0 for no matter how many.
        """
        for each in self.connections.values():
            each.ask(self.make())
        self._ask_until(time.perf_counter() + warm_up_s, most)
        self.latencies.clear()
        began = time.perf_counter()
        self._ask_until(began + seconds, most)
        took = time.perf_counter() - began
        times = sorted(self.latencies) or [took]
        for each in self.connections.values():
            each.socket.close()
        return {
            "rate": len(times) / took,
            "p50_ms": 1000 * times[len(times) // 2],
            "p99_ms": 1000 * times[len(times) * 99 // 100],
            "statuses": dict(self.statuses),
            "asked": self.statuses.total() + len(self.connections),
        }

    def _ask_until(self, end: float, most: int) -> None:
        while time.perf_counter() < end and not (most and self.statuses.total() >= most):
            for number, _ in self.poll.poll(1):
                connection = self.connections[number]
                if status := connection.hear():
                    self.latencies.append(time.perf_counter() - connection.began)
                    self.statuses[status] += 1
                    connection.ask(self.make())


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    load = Load(wanted["port"], wanted["connections"], Asked(**wanted["asked"]).maker())
    print(json.dumps(load.run(wanted["seconds"], wanted["warm_up_s"], wanted.get("most", 0))))
