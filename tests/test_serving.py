"""The service under gunicorn: nobody's request is lost when it stops or its workers are replaced."""

import fcntl
import json
import os
import runpy
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import MANAGE_TOKEN
from flask import Flask
from service import HOUSE, PATIENCE_S, Client, Service
from sqlalchemy.engine import make_url

from melody_app import worker
from melody_app.db.group import PATIENT

RULES = "/melodies/personal"
CONFIG = runpy.run_path(str(HOUSE / "gunicorn.conf.py"))
THREADS = CONFIG["threads"]
LOOKUP = "/melodies/resolve?number=74994088157"


def rule(number: int) -> dict[str, object]:
    return {"number_capacity_ids": [number], "source_type": "system", "media_id": 50}


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[Service]:
    with Service(database, tmp_path) as running:
        yield running


only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@contextmanager
def held_gate(database: str) -> Iterator[None]:
    """Keep every writer waiting, as a long migration would."""
    with Path(f"{make_url(database).database}.turn").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def clients(service: Service, how_many: int) -> Iterator[list[Client]]:
    made = [service.client(MANAGE_TOKEN) for _ in range(how_many)]
    yield made
    for each in made:
        each.connection.close()


def stop(service: Service) -> None:
    """Send TERM and wait until the workers have heard of it: none takes a new connection any more."""
    service.signal(signal.SIGTERM)
    service.wait(lambda: not service.is_healthy(within_s=0.5))


def numbers(sql: Callable[..., list[tuple[int]]]) -> list[int]:
    return [number for (number,) in sql("SELECT number_capacity_id FROM rule_numbers ORDER BY 1")]


def test_requests_in_flight_at_term_are_answered(service: Service, sql: Callable[..., list[tuple[int]]]) -> None:
    with clients(service, 8) as eight:
        begun = [client.begin(RULES, rule(number)) for number, client in enumerate(eight, 1)]
        stop(service)
        for each in begun:
            each.send_body()
        assert [each.finish().status for each in begun] == [201] * 8
    assert service.master.wait(60) == 0
    assert numbers(sql) == list(range(1, 9))


def test_requests_in_flight_at_hup_are_answered_by_the_old_workers_and_new_ones_by_new(
    service: Service, sql: Callable[..., list[tuple[int]]]
) -> None:
    old = service.worker_pids()
    with clients(service, 8) as eight:
        begun = [client.begin(RULES, rule(number)) for number, client in enumerate(eight, 1)]
        service.signal(signal.SIGHUP)
        service.wait(lambda: len(service.worker_pids() - old) == 2)
        with service.client(MANAGE_TOKEN) as newcomer:
            assert newcomer.call("POST", RULES, rule(100)).status == 201
        for each in begun:
            each.send_body()
        assert [each.finish().status for each in begun] == [201] * 8
        service.wait(lambda: not service.worker_pids() & old)
    assert len(service.worker_pids()) == 2
    assert numbers(sql) == [*range(1, 9), 100]


def test_steady_traffic_over_kept_connections_and_new_ones_loses_nothing_at_hup(
    service: Service, sql: Callable[..., list[tuple[int]]]
) -> None:
    fresh, done = count(1), threading.Event()

    def post(keep: bool) -> list[int]:
        acknowledged = []
        with service.client(MANAGE_TOKEN) as client:
            while not done.is_set():
                number = next(fresh)
                answer = client.call("POST", RULES, rule(number))
                assert answer.status == 201, answer.body
                acknowledged.append(number)
                if not keep:
                    client.connection.close()
        return acknowledged

    with ThreadPoolExecutor(8) as pool:
        posting = [pool.submit(post, index % 2 == 0) for index in range(8)]
        try:
            for _ in range(2):
                service.reload()
        finally:
            done.set()
        acknowledged = [number for each in posting for number in each.result()]
    assert numbers(sql) == sorted(acknowledged)


@only_sqlite
def test_a_write_that_waits_for_its_turn_at_term_is_done(
    service: Service, database: str, sql: Callable[..., list[tuple[int]]]
) -> None:
    with clients(service, 4) as four:
        with held_gate(database):
            begun = [client.begin(RULES, rule(number)) for number, client in enumerate(four, 1)]
            for each in begun:
                each.send_body()
            stop(service)
        assert [each.finish().status for each in begun] == [201] * 4
    assert service.master.wait(60) == 0
    assert numbers(sql) == [1, 2, 3, 4]


@only_sqlite
def test_waiting_writes_leave_threads_for_lookups_and_give_up_in_time(database: str, tmp_path: Path) -> None:
    with (
        Service(database, tmp_path, workers=1, MELODY_WRITE_WAIT_S="3") as service,
        clients(service, 24) as writers,
        service.client(MANAGE_TOKEN) as reader,
    ):
        assert reader.call("POST", RULES, rule(1)).status == 201
        with held_gate(database):
            begun = [client.begin(RULES, rule(number)) for number, client in enumerate(writers, 2)]
            for each in begun:
                each.send_body()
            for _ in range(20):
                assert reader.call("GET", f"{RULES}/1").status == 200
            answers = [each.finish() for each in begun]
        assert {(answer.status, answer.headers["Retry-After"]) for answer in answers} == {(503, "1")}
        assert reader.call("POST", RULES, rule(2)).status == 201


@only_sqlite
def test_of_writes_that_get_stuck_only_some_keep_their_threads(
    database: str, tmp_path: Path, sql: Callable[..., list[tuple[int]]]
) -> None:
    with (
        Service(database, tmp_path, workers=1, MELODY_WRITE_WAIT_S="25") as service,
        clients(service, THREADS + 8) as writers,
        service.client(MANAGE_TOKEN) as reader,
    ):
        with held_gate(database):
            for number, client in enumerate(writers, 1):
                client.connection.request("POST", RULES, json.dumps(rule(number)), client.headers)
            assert reader.call("GET", RULES).body == []  # answered while all that are patient still wait
        answers = [client.connection.getresponse() for client in writers]
        statuses = [(answer.status, answer.headers["Retry-After"]) for answer in answers]
    assert statuses.count((503, "1")) == len(writers) - PATIENT
    assert len(numbers(sql)) == statuses.count((201, None)) == PATIENT


def test_where_no_thread_is_left_lookups_are_answered(database: str, tmp_path: Path) -> None:
    with (
        Service(database, tmp_path, workers=1) as service,
        clients(service, THREADS) as writers,
        service.client(MANAGE_TOKEN) as exchange,
    ):
        begun = [client.begin(RULES, rule(number)) for number, client in enumerate(writers, 1)]
        for _ in range(20):
            assert exchange.call("GET", LOOKUP).status == 200
            with service.client(MANAGE_TOKEN) as newcomer:
                assert newcomer.call("GET", LOOKUP).status == 200
        for each in begun:
            each.send_body()
        assert [each.finish().status for each in begun] == [201] * THREADS


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only /proc tells which process has a connection")
def test_workers_share_the_connections(service: Service) -> None:
    def sockets(pid: int) -> int:
        links = [each.readlink().name for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()]
        return len([name for name in links if name.startswith("socket:")])

    idle = min(service.worker_pids())
    before = sockets(idle)
    with clients(service, 20) as first, clients(service, 20) as later:
        os.kill(idle, signal.SIGSTOP)
        for each in first:  # the other one takes them all, sooner or later
            assert each.call("GET", LOOKUP).status == 200
        os.kill(idle, signal.SIGCONT)
        for each in later:
            assert each.call("GET", LOOKUP).status == 200
        assert sockets(idle) - before > 7  # mostly all of them; whoever had been awake would take most


READ_AT_ONCE = 8192
"""As many bytes gunicorn reads at once."""

_QUESTION = f"GET {LOOKUP} HTTP/1.1\r\nHost: x\r\n\r\n"
_HALF = "POST /asterisk/musiconhold/single HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\nX-Filling: %s\r\n\r\n"
# Half of a question is read together with the whole one before it; where its rest should be, what comes looks like a whole one.
BEHIND_A_WHOLE_ONE = _QUESTION + _HALF % ("x" * (READ_AT_ONCE - len(_QUESTION + _HALF) + 2)) + _QUESTION


@pytest.mark.parametrize(
    "sent",
    [
        f"GET {LOOKUP} HTTP/1.1\r\nHost: x\r\n",
        "POST /asterisk/musiconhold/single HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nname=def",
        "POST /asterisk/musiconhold/single HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nname=def",
        BEHIND_A_WHOLE_ONE,
    ],
    ids=["half a head", "half a body", "half a chunk", "half of the next"],
)
def test_lookups_that_never_come_whole_keep_no_other_waiting(service: Service, sent: str) -> None:
    with clients(service, 4 * worker.LOOKUP_THREADS) as slow, clients(service, 8) as exchanges:
        for each in (*slow, *exchanges):
            assert each.call("GET", LOOKUP).status == 200
        for more in (sent, _QUESTION):
            for each in slow:
                each.connection.sock.sendall(more.encode())
            for each in exchanges:
                assert each.call("GET", LOOKUP).status == 200


def test_who_takes_no_answers_keeps_no_other_waiting(database: str, tmp_path: Path) -> None:
    with (
        Service(database, tmp_path, workers=1) as service,
        clients(service, 4 * worker.LOOKUP_THREADS) as deaf,
        service.client(MANAGE_TOKEN) as exchange,
    ):
        for each in deaf:
            assert each.call("GET", LOOKUP).status == 200
            each.connection.sock.settimeout(0.05)
            with suppress(TimeoutError):
                while True:  # until nothing more is taken
                    each.connection.sock.sendall(_QUESTION.encode() * 100)
        for _ in range(20):
            assert exchange.call("GET", LOOKUP).status == 200
            assert exchange.call("GET", RULES).status == 200


def test_a_question_is_answered_at_once_when_it_is_whole_and_the_last_answer_was_taken() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = SimpleNamespace(sock=ours, parser=None)
        assert not worker.is_lookup(connection)
        theirs.sendall(_QUESTION[:-1].encode())
        assert not worker.is_lookup(connection)
        theirs.sendall(_QUESTION[-1:].encode())
        assert worker.is_lookup(connection)
        ours.sendall(b"the last answer")
        assert not worker.is_lookup(connection)
        theirs.recv(100)
        assert worker.is_lookup(connection)


def test_who_does_not_close_his_side_keeps_no_other_waiting(database: str, tmp_path: Path) -> None:
    with (
        Service(database, tmp_path, workers=1) as service,
        clients(service, PATIENCE_S) as lingering,  # gunicorn waits for each of them, for two seconds
        service.client(MANAGE_TOKEN) as exchange,
    ):
        for each in lingering:
            each.connection.connect()
            each.connection.sock.sendall(f"GET {LOOKUP} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert exchange.call("GET", LOOKUP).status == 200


def test_a_lookup_that_is_slow_keeps_no_other_request_waiting(database: str, tmp_path: Path) -> None:
    with (
        Service(database, tmp_path, workers=1, app="tests.slow_disk:app") as service,
        clients(service, 3) as (first, second, other),
    ):
        assert first.call("GET", LOOKUP).status == 200  # from here on they are left to threads
        second.connection.request("GET", LOOKUP, headers=second.headers)
        assert other.call("GET", "/healthz").status == 200
        assert not select.select([second.connection.sock], [], [], 0)[0]  # nothing has come yet
        assert second.connection.getresponse().status == 200


@only_sqlite
def test_while_exchanges_ask_all_else_has_its_turn(
    database: str, tmp_path: Path, sql: Callable[..., list[tuple[int]]]
) -> None:
    done = threading.Event()

    def ask() -> None:
        with service.client(MANAGE_TOKEN) as exchange:
            while not done.is_set():
                assert exchange.call("GET", LOOKUP).status == 200

    with (
        Service(database, tmp_path, workers=1, MELODY_WRITE_WAIT_S="25") as service,
        clients(service, PATIENT) as writers,
        service.client(MANAGE_TOKEN) as reader,
        ThreadPoolExecutor(1) as pool,
    ):
        asking = pool.submit(ask)
        with held_gate(database):
            for number, client in enumerate(writers, 1):
                client.connection.request("POST", RULES, json.dumps(rule(number)), client.headers)
            assert reader.call("GET", RULES).body == []  # though more wait than are begun at a time
        assert {client.connection.getresponse().status for client in writers} == {201}
        done.set()
        asking.result()
    assert len(numbers(sql)) == PATIENT


def test_what_exchanges_ask_is_a_lookup_and_nothing_else(app: Flask) -> None:
    for each in app.url_map.iter_rules():
        for method in {"GET", "POST"} & (each.methods or set()):
            is_asked = each.endpoint.partition(".")[0] in {"calls", "asterisk", "freeswitch"}
            assert (worker._LOOKUP.match(f"{method} {each.rule}".encode()) is not None) == is_asked, each


@only_sqlite
def test_every_line_of_the_log_is_json_and_stands_there_once(service: Service) -> None:
    def ask(index: int) -> None:
        with service.client(MANAGE_TOKEN) as client:
            for turn in range(25):
                client.call("GET", RULES, **{"X-Request-ID": f"{index}.{turn}"})

    for generation in range(2):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(8 * generation, 8 * generation + 8)))
        service.reload()
    assert service.stop() == 0
    lines = [json.loads(line) for line in service.log()]
    asked = [line["request_id"] for line in lines if line.get("path") == RULES]
    assert sorted(asked) == sorted(f"{index}.{turn}" for index in range(16) for turn in range(25))
    events = [line["event"] for line in lines]
    assert len([event for event in events if event.startswith("Booting worker")]) == 6
    assert events.count("Shutting down: Master") == 1
