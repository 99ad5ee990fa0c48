"""The gate: one writer at a time, over threads and processes; a wait has an end."""

import fcntl
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bodies import PERSONAL, rule
from conftest import MANAGE_TOKEN, with_token
from flask import Flask

from melody_app.db.errors import UnavailableError
from melody_app.db.gate import Gate


def count_up(gate: Gate, counter: Path, times: int) -> None:
    """Read a number and write the next, which loses counts wherever two do it at once."""
    for _ in range(times):
        with gate.turn():
            number = int(counter.read_text(encoding="ascii"))
            time.sleep(0.0005)
            counter.write_text(str(number + 1), encoding="ascii")


def in_threads(path: Path, counter: Path, threads: int, times: int) -> None:
    """Count up in several threads that share one gate."""
    gate = Gate(path, 30)
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(count_up, gate, counter, times) for _ in range(threads)]:
            future.result()


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    """Give a file with a 0 in it."""
    path = tmp_path / "counter"
    path.write_text("0", encoding="ascii")
    return path


def test_one_thread_at_a_time_is_let_in(tmp_path: Path, counter: Path) -> None:
    in_threads(tmp_path / "db", counter, 8, 20)
    assert counter.read_text(encoding="ascii") == "160"


def test_one_process_at_a_time_is_let_in(tmp_path: Path, counter: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=in_threads, args=(tmp_path / "db", counter, 3, 20)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert counter.read_text(encoding="ascii") == str(2 * 3 * 20)


def test_the_turn_is_given_back_after_a_failure(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "db", 1)
    with pytest.raises(ValueError, match="failed"), gate.turn():
        raise ValueError("failed")
    with gate.turn():
        pass


def test_a_wait_for_another_thread_has_an_end(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "db", 0.2)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with gate.turn():
            inside.set()
            leave.wait(10)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        inside.wait(10)
        began = time.monotonic()
        with pytest.raises(UnavailableError), gate.turn():
            pass
        assert 0.1 < time.monotonic() - began < 5
        leave.set()
        held.result()
    with gate.turn():
        pass


@pytest.mark.parametrize("name", ["queue", "turn"])
def test_a_wait_for_another_process_has_an_end_and_leaves_nothing_locked(tmp_path: Path, name: str) -> None:
    gate = Gate(tmp_path / "db", 0.2)
    with (tmp_path / f"db.{name}").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UnavailableError), gate.turn():
            pass
    with gate.turn():
        pass


def test_a_write_whose_turn_does_not_come_is_503_and_reading_goes_on(
    make_app: Callable[..., Flask], database: str
) -> None:
    app = make_app(write_wait_s=1)
    api = with_token(app, MANAGE_TOKEN)
    gate = app.extensions["melody_gate"]
    if gate is None:
        assert database.startswith("postgresql")  # whose transactions wait for each other by themselves
        assert api.post(PERSONAL, json=rule()).status_code == 201
        return
    with gate.turn():
        answer = api.post(PERSONAL, json=rule())
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) >= 1
        assert api.get(PERSONAL).get_json() == []
    assert api.post(PERSONAL, json=rule()).status_code == 201
