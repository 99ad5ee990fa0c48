"""A PostgreSQL from which nothing comes any more, not even a refusal: the network is cut. Nobody waits for it for long."""

import ctypes
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from conftest import CALL_TOKEN, with_token
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from melody_app.calls.exchanges import RINGING
from melody_app.db import UnavailableError, read
from melody_app.lean import LeanStatement

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the network is cut by a filter of Linux's"),
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]

WAIT_S = 1
"""What a write may wait in these tests, in seconds; a second later a silent connection is given up."""

SOON_S = 10
"""Four seconds are what it takes, two to give up a connection and two for another one; the rest is for a slow machine."""

ATTACH_FILTER, DETACH_FILTER = 26, 27
"""SO_ATTACH_FILTER and SO_DETACH_FILTER (socket(7), asm-generic/socket.h); Python has no names for them."""

DROP = struct.pack("HBBI", 0x06, 0, 0, 0)
"""A program of the packet filter: `ret #0`, drop whatever arrives, before TCP sees it and says so (linux/filter.h)."""


class Wire:
    """The network between the application and the server, which can be cut.

    Args:
        url: the server's.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ours: list[socket.socket] = []
        self._ends = [self._listener]
        self._program = ctypes.create_string_buffer(DROP)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Return the URL by which the server is reached over this wire."""
        port = self._listener.getsockname()[1]
        return self._url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)

    def cut(self) -> None:
        """Let every packet of the application be lost, as where somebody has pulled the plug."""
        for each in self._ends:
            each.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("@HP", 1, ctypes.addressof(self._program)))

    def mend(self) -> None:
        """Let new connections through again."""
        self._listener.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)

    def close(self) -> None:
        """Close every connection."""
        for each in [*self._ends, *self._ours]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                end, _ = self._listener.accept()
                ours = self._connect()
                self._ends.append(end)
                self._ours.append(ours)
                for way in ((end, ours), (ours, end)):
                    threading.Thread(target=_pass_on, args=way, daemon=True).start()

    def _connect(self) -> socket.socket:
        host = str(self._url.query.get("host") or self._url.host)
        port = self._url.port or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        ours = socket.socket(socket.AF_UNIX)
        ours.connect(f"{host}/.s.PGSQL.{port}")
        return ours


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # closed
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire(database: str) -> Iterator[Wire]:
    wire = Wire(make_url(database))
    yield wire
    wire.close()


@pytest.fixture
def app(make_app: Callable[..., Flask], wire: Wire) -> Flask:
    return make_app(url=wire.url, write_wait_s=WAIT_S)


def test_a_lookup_over_a_cut_network_is_503_soon_and_right_again_afterwards(app: Flask, wire: Wire) -> None:
    exchange = with_token(app, CALL_TOKEN)
    assert exchange.get("/freeswitch/ringback").status_code == 200
    wire.cut()
    began = time.monotonic()
    answer = exchange.post("/asterisk/musiconhold/single", data={"name": "number-74994088157"})
    assert (answer.status_code, answer.text) == (503, "")
    # The connection that there was is given up; now there is none to be had.
    answer = exchange.get("/melodies/resolve?number=74994088157")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert time.monotonic() - began < SOON_S
    wire.mend()
    assert exchange.get("/freeswitch/ringback").status_code == 200


def test_an_answer_that_the_cut_network_keeps_is_given_up(app: Flask, wire: Wire) -> None:
    with app.app_context():
        threading.Timer(0.5, wire.cut).start()
        began = time.monotonic()
        with pytest.raises(UnavailableError), read(snapshot=True) as lean:
            lean.one(LeanStatement(select(func.pg_sleep(2 * SOON_S))))
        assert 0.5 < time.monotonic() - began < SOON_S


def test_a_server_that_takes_connections_and_says_nothing_is_given_up(
    make_app: Callable[..., Flask], database: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = make_url(database).set(host="127.0.0.1", port=silent.getsockname()[1], query={})
        exchange = with_token(make_app(url=url.render_as_string(hide_password=False)), CALL_TOKEN)
        began = time.monotonic()
        answer = exchange.get("/freeswitch/ringback?number=74994088157")
        assert (answer.status_code, answer.text) == (503, RINGING)
        assert time.monotonic() - began < SOON_S
