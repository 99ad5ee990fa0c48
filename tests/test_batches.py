"""What is left to a thread: all of it is done once, in its order, and a log's lines stay whole."""

import errno
import json
import sys
import threading
import time
from select import PIPE_BUF
from types import SimpleNamespace

import pytest

from melody_app.batches import Batches
from melody_app.logs import Answered, _write_lines

SOON_S = 0.001
NEVER_S = 3600.0


def test_what_many_leave_is_done_once_and_in_the_order_of_each() -> None:
    done: list[tuple[int, int]] = []
    batches: Batches[tuple[int, int]] = Batches(done.extend, name="test", after_s=SOON_S, most=100, keeps_all=True)

    def leave(who: int) -> None:
        for turn in range(500):
            batches.put((who, turn))

    threads = [threading.Thread(target=leave, args=(who,)) for who in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    batches.close()
    assert [[turn for by, turn in done if by == who] for who in range(4)] == [list(range(500))] * 4


def test_the_thread_does_what_comes_without_being_told() -> None:
    done, by = threading.Event(), []

    def work(_: list[int]) -> None:
        by.append(threading.current_thread().name)
        done.set()

    batches: Batches[int] = Batches(work, name="test", after_s=SOON_S, most=100, keeps_all=True)
    for _ in range(2):
        batches.put(1)
        assert done.wait(60)
        done.clear()
    batches.close()
    assert by == ["test", "test"]


def test_what_comes_after_a_fault_is_done_all_the_same() -> None:
    done = threading.Event()

    def work(things: list[str]) -> None:
        if things == ["fault"]:
            raise ValueError
        done.set()

    batches: Batches[str] = Batches(work, name="test", after_s=SOON_S, most=100, keeps_all=True)
    batches.put("fault")
    while batches._waiting:
        time.sleep(SOON_S)
    batches.put("fine")
    assert done.wait(60)
    batches.close()


def test_a_log_that_can_not_be_written_stops_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=refuse))
    _write_lines([Answered("1", "GET", "/", 200, 0.1, None, None, 1.5)])


@pytest.mark.parametrize(("keeps_all", "left"), [(True, [0, 1, 2, 3, 4, 5, 6, 7]), (False, [5, 6, 7])])
def test_when_too_many_wait_they_are_done_at_once_or_the_oldest_forgotten(keeps_all: bool, left: list[int]) -> None:
    done: list[int] = []
    batches: Batches[int] = Batches(done.extend, name="test", after_s=NEVER_S, most=3, keeps_all=keeps_all)
    for each in range(8):
        batches.put(each)
        assert len(batches._waiting) <= 3
    batches.close()
    assert done == left


def test_lines_are_written_together_but_no_more_than_a_pipe_takes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=written.append))
    requests = [Answered(f"{index}", "GET", "/мелодии" * 5, 200, 0.0015, "Анна", "::1", 1.5) for index in range(100)]
    _write_lines(requests)
    assert all(text.endswith("\n") and len(text.encode()) <= PIPE_BUF for text in written)
    assert len(written) < 34  # at least three lines at once
    lines = [json.loads(line) for text in written for line in text.splitlines()]
    assert [line["request_id"] for line in lines] == [each.request_id for each in requests]
    assert (lines[0]["ms"], lines[0]["timestamp"]) == (1.5, "1970-01-01T00:00:01.500000Z")
