"""Ask a service as fast as it answers: one process, raw sockets, so that the asker takes little of the machine.

python -m tests.bench.load '{"port": 8000, "connections": 16, "seconds": 3, …}'
"""

import json
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable

HEADERS_END = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "


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
        at = self.buffer.index(LENGTH) + len(LENGTH)
        length = int(self.buffer[at : self.buffer.index(b"\r", at)])
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
        self.connections = {each.socket.fileno(): each for each in (Connection(port) for _ in range(connections))}
        self.poll = select.epoll()
        for number in self.connections:
            self.poll.register(number, select.EPOLLIN)
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()

    def run(self, seconds: float, warm_up_s: float) -> dict[str, object]:
        """Ask, and return the rate (a second), the median and 99th percentile (ms), and the statuses."""
        for each in self.connections.values():
            each.ask(self.make())
        self._ask_until(time.perf_counter() + warm_up_s)
        self.latencies.clear()
        began = time.perf_counter()
        self._ask_until(began + seconds)
        took = time.perf_counter() - began
        times = sorted(self.latencies)
        for each in self.connections.values():
            each.socket.close()
        return {
            "rate": len(times) / took,
            "p50_ms": 1000 * times[len(times) // 2],
            "p99_ms": 1000 * times[len(times) * 99 // 100],
            "statuses": dict(self.statuses),
        }

    def _ask_until(self, end: float) -> None:
        while time.perf_counter() < end:
            for number, _ in self.poll.poll(1):
                connection = self.connections[number]
                if status := connection.hear():
                    self.latencies.append(time.perf_counter() - connection.began)
                    self.statuses[status] += 1
                    connection.ask(self.make())


def maker(path: str, token: str, first_id: int) -> Callable[[], bytes]:
    """Return what makes the requests: GETs of one path, or POSTs of a new rule each.

    Args:
        path: what to GET, or to POST to when there is a first id.
        token: what to show.
        first_id: the first number of the first rule; 0 for GET.
    """
    host = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    if not first_id:
        request = f"GET {path} HTTP/1.1\r\n{host}\r\n".encode()
        return lambda: request
    body = b'{"number_capacity_ids":[%d,%d,%d],"employee_group_ids":[],"source_type":"system","media_id":50}'
    head = f"POST {path} HTTP/1.1\r\n{host}Content-Type: application/json\r\n".encode()
    next_id = first_id

    def make() -> bytes:
        nonlocal next_id
        text = body % (next_id, next_id + 1, next_id + 2)
        next_id += 3
        return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(text), text)

    return make


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    make = maker(wanted["path"], wanted["token"], wanted["first_id"])
    load = Load(wanted["port"], wanted["connections"], make)
    print(json.dumps(load.run(wanted["seconds"], wanted["warm_up_s"])))
