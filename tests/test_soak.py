"""An hour's calls while everything is changed: every answer was right at some moment between the request and the answer."""

import http.client
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from bodies import PERSONAL, rule
from conftest import CALL_TOKEN, MANAGE_TOKEN
from entries import DEPARTMENTS, NUMBERS, department, fill, number
from flask.testing import FlaskClient
from rows import add_melody
from service import Service
from soak import TERRITORIES, Director, Writer, call_until_done, digits, is_right, number_id, told

CALLS = 1_800
"""A call every two seconds, for an hour."""


@pytest.fixture
def company(api: FlaskClient, sql: Callable[..., Any]) -> list[list[str]]:
    """Give every territory its numbers, department and melodies; return the hashes of the melodies, the company's last."""
    fill(
        api, NUMBERS,
        *(number(number_id(t, which), digits(t, which)) for t in range(TERRITORIES) for which in range(2)),
    )  # fmt: skip
    fill(api, DEPARTMENTS, *(department(t + 1, f"{t}", short_phone=str(t + 101)) for t in range(TERRITORIES)))
    hashes = []
    for first_id in [*(t * 10 + 1 for t in range(TERRITORIES)), 101]:
        hashes.append([f"{first_id + which:064x}" for which in range(2)])
        for which, sha256 in enumerate(hashes[-1]):
            add_melody(sql, "client", first_id + which, f"{first_id}.{which}", "", sha256)
    return hashes


def test_every_answer_of_an_hours_calls_was_right_at_some_moment_of_it(
    company: list[list[str]], database: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        service = stack.enter_context(Service(database, tmp_path, MELODY_LOG_LEVEL="WARNING"))
        writers = [
            Writer(index, stack.enter_context(service.client(MANAGE_TOKEN)), company[index])
            for index in range(TERRITORIES)
        ]
        director = Director(stack.enter_context(service.client(MANAGE_TOKEN)), company[-1])
        over = threading.Event()
        pool = stack.enter_context(ThreadPoolExecutor(16))
        writing = [pool.submit(each.run, over) for each in (*writers, director)]
        callers = [pool.submit(call_until_done, service, seed, CALLS // 4) for seed in range(4)]
        try:
            calls = [call for caller in callers for call in caller.result()]
        finally:
            over.set()
        for each in writing:
            each.result()
        assert not [line for line in service.log() if '"level": "error"' in line]
    assert {call.status for call in calls} == {200}
    wrong = [call for call in calls if not is_right(call, writers[call.territory].history, director.history)]
    assert wrong == []
    # It was no still life: everybody wrote, and most answers could be told apart from what was so before.
    assert all(writer.acts.keys() == {"make", "change", "delete", "replace"} for writer in writers)
    assert len({call.heard for call in calls}) > 3 * TERRITORIES


# ---------------------------------------------------------------- at once, everywhere


@contextmanager
def client_of_each_worker(service: Service) -> Iterator[list[http.client.HTTPConnection]]:
    """Give a connection to each worker: it is made while all the others stand still."""
    pids = service.worker_pids()
    connections = []
    for pid in sorted(pids):
        others = pids - {pid}
        for each in others:
            os.kill(each, signal.SIGSTOP)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connections.append(connection)
        finally:
            for each in others:
                os.kill(each, signal.SIGCONT)
    yield connections
    for connection in connections:
        connection.close()


def test_a_change_is_heard_by_the_next_call_on_every_worker(
    company: list[list[str]], api: FlaskClient, database: str, tmp_path: Path
) -> None:
    """It is made in another process than those that answer."""
    own = company[0]
    headers = {"Authorization": f"Bearer {CALL_TOKEN}"}
    rule_id = api.post(PERSONAL, json=rule(number_id(0, 0), source_type="client", media_id=1)).get_json()["id"]

    def heard(connection: http.client.HTTPConnection) -> str:
        connection.request("GET", f"/freeswitch/ringback?number={digits(0, 0)}", headers=headers)
        return told("", connection.getresponse().read().decode())

    with Service(database, tmp_path, workers=3) as service, client_of_each_worker(service) as connections:
        assert len(connections) == 3
        for turn in range(20):
            which = turn % 2
            body = rule(number_id(0, 0), source_type="client", media_id=which + 1)
            assert api.put(f"{PERSONAL}/{rule_id}", json=body).status_code == 200
            assert [heard(connection) for connection in connections] == [own[which]] * 3
        assert api.delete(f"{PERSONAL}/{rule_id}").status_code == 200
        assert [heard(connection) for connection in connections] == [""] * 3
