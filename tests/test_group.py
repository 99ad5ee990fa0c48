"""Group commit: who waits together is committed together, and what goes wrong with one is that one's alone."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from itertools import chain, repeat
from typing import Any

import pytest
from flask import Flask

from melody_app.db import DuplicateError, UnavailableError, write
from melody_app.db.group import Group, Take
from melody_app.lean import Lean

INSERT = "INSERT INTO rules (id, source_type, media_id, changed_by) VALUES ({}, 'system', 50, 'a program')"


class Disk:
    """Keep what is committed, and how many were committed at once; the first commit waits until it is let go."""

    def __init__(self) -> None:
        self.turn = threading.Semaphore(1)
        self.commits: list[int] = []
        self.stored: list[object] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.breaks = False

    def commit(self, take: Take, wait_s: float) -> None:
        if not self.turn.acquire(timeout=wait_s):
            raise TimeoutError("the turn did not come")
        with contextlib.closing(self):
            writes, draft = take(), []
            for each in writes:
                each.do(draft)
            self.begun.set()
            self.go_on.wait(10)
            if self.breaks:
                raise OSError("the disk is full")
            self.stored += draft
            self.commits.append(len(writes))

    def close(self) -> None:
        self.turn.release()


@pytest.fixture
def disk() -> Disk:
    return Disk()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until it is so; a broken rule is to fail here, not to hang."""
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.001)


def test_those_who_wait_are_committed_together(disk: Disk) -> None:
    group = Group(disk.commit)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"), 10)
        assert disk.begun.wait(10)
        others = [pool.submit(group.run, lambda draft, each=each: draft.append(each), 10) for each in range(8)]
        wait_until(lambda: len(group._waiting) == 8)
        disk.go_on.set()
        for each in (first, *others):
            each.result(10)
    assert disk.commits == [1, 8]
    assert sorted(map(str, disk.stored)) == [*"01234567", "first"]


def test_each_gets_its_own_result_and_its_own_error(disk: Disk) -> None:
    disk.go_on.set()
    group = Group(disk.commit)
    assert group.run(lambda draft: "mine", 10) == "mine"
    with pytest.raises(KeyError):
        group.run(lambda draft: {}["nothing"], 10)
    assert group.run(lambda draft: "next", 10) == "next"


def test_work_is_done_on_behalf_of_whoever_asked(disk: Disk) -> None:
    person: ContextVar[str] = ContextVar("person")
    group = Group(disk.commit)

    def ask(name: str) -> str:
        person.set(name)
        return str(group.run(lambda draft: person.get(), 10))

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(ask, "Anna")
        assert disk.begun.wait(10)
        others = [pool.submit(ask, name) for name in ("Boris", "Vera")]
        disk.go_on.set()
        assert [each.result(10) for each in (first, *others)] == ["Anna", "Boris", "Vera"]


def test_nobody_is_told_of_success_when_the_commit_fails(disk: Disk) -> None:
    disk.breaks = True
    group = Group(disk.commit)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"), 10)
        assert disk.begun.wait(10)
        # One of these leads the next commit, and the other follows: neither is on the disk.
        others = [pool.submit(group.run, lambda draft: draft.append("other"), 10) for _ in range(2)]
        wait_until(lambda: len(group._waiting) == 2)
        disk.go_on.set()
        for each in (first, *others):
            with pytest.raises(OSError, match="full"):
                each.result(10)
    disk.breaks = False
    group.run(lambda draft: draft.append("kept"), 10)
    assert (disk.commits, disk.stored) == ([1], ["kept"])


def test_a_wait_has_an_end_and_what_is_given_up_is_never_done(disk: Disk) -> None:
    group = Group(disk.commit)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"), 10)
        assert disk.begun.wait(10)
        late = pool.submit(group.run, lambda draft: draft.append("late"), 0.2)
        with pytest.raises(UnavailableError):
            late.result(10)
        disk.go_on.set()
        first.result(10)
    group.run(lambda draft: draft.append("last"), 10)
    assert disk.stored == ["first", "last"]


def test_what_comes_while_the_turn_is_awaited_goes_along(disk: Disk) -> None:
    disk.go_on.set()
    disk.turn.acquire()
    group = Group(disk.commit)
    with ThreadPoolExecutor(3) as pool:
        waiting = []
        for each in range(3):
            waiting.append(pool.submit(group.run, lambda draft, each=each: draft.append(each), 10))
            wait_until(lambda count=each + 1: len(group._waiting) == count)
        disk.turn.release()
        for each in waiting:
            each.result(10)
    assert (disk.commits, disk.stored) == ([3], [0, 1, 2])


def test_only_whose_time_is_over_gives_up(disk: Disk) -> None:
    disk.go_on.set()
    disk.turn.acquire()
    group = Group(disk.commit)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"), 0.2)
        wait_until(lambda: len(group._waiting) == 1)
        second = pool.submit(group.run, lambda draft: draft.append("second"), 10)
        with pytest.raises(TimeoutError):
            first.result(10)
        disk.turn.release()
        second.result(10)
    assert disk.stored == ["second"]


def test_whoever_is_to_lead_before_he_waits_leads(disk: Disk) -> None:
    group = Group(disk.commit)
    lock, is_late = group._lock, threading.Event()

    class Slow:
        """Keep whoever comes second from waiting until the lead has been handed over to him."""

        def __enter__(self) -> None:
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()
            if len(group._waiting) == 1 and disk.begun.is_set() and not is_late.is_set():
                is_late.set()
                disk.go_on.set()
                wait_until(lambda: group._waiting[0].leads)

    group._lock = Slow()  # type: ignore[assignment]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"), 10)
        assert disk.begun.wait(10)
        second = pool.submit(group.run, lambda draft: draft.append("second"), 10)
        first.result(10)
        second.result(10)
    assert is_late.is_set()
    assert disk.stored == ["first", "second"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_fails_is_undone_alone(app: Flask, sql: Callable[[str], list[Any]]) -> None:
    begun: list[int] = []

    def run(rule_id: int, number_id: int) -> None:
        def work(lean: Lean) -> None:
            begun.append(rule_id)
            lean.begin([INSERT.format(rule_id), f"INSERT INTO rule_numbers VALUES ({rule_id}, 0, {number_id})"])

        with app.app_context():
            write(work)

    group: Group = app.extensions["melody_group"]
    with ThreadPoolExecutor(3) as pool:
        with app.extensions["melody_gate"].turn():
            waiting = []
            for count, job in enumerate([(1, 352), (2, 352), (3, 446)], 1):
                waiting.append(pool.submit(run, *job))
                wait_until(lambda count=count: len(group._waiting) == count)
        waiting[0].result(10)
        with pytest.raises(DuplicateError):
            waiting[1].result(10)
        waiting[2].result(10)
    assert sql("SELECT id FROM rules ORDER BY id") == [(1,), (3,)]
    assert begun == [1, 2, 1, 2, 3]  # in savepoints only when one has failed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_transaction_that_cannot_begin_is_its_leaders_trouble_alone(
    app: Flask, sql: Callable[[str], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, group = app.extensions["melody_kind"], app.extensions["melody_group"]
    beginnings = chain([["NO SUCH STATEMENT"]], repeat(["BEGIN IMMEDIATE"]))
    monkeypatch.setattr(kind, "begin_writing", lambda *_, **__: next(beginnings))

    def run(rule_id: int) -> None:
        with app.app_context():
            write(lambda lean: lean.begin([INSERT.format(rule_id)]))

    with ThreadPoolExecutor(2) as pool:
        with app.extensions["melody_gate"].turn():
            waiting = []
            for rule_id in (1, 2):
                waiting.append(pool.submit(run, rule_id))
                wait_until(lambda count=rule_id: len(group._waiting) == count)
        with pytest.raises(UnavailableError):
            waiting[0].result(10)
        waiting[1].result(10)
    assert sql("SELECT id FROM rules") == [(2,)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_transaction_that_the_database_gave_up_takes_everybody_along(
    app: Flask, sql: Callable[[str], list[Any]]
) -> None:
    gate = app.extensions["melody_gate"]

    def run(statement: str) -> None:
        with app.app_context():
            write(lambda lean: lean.begin([statement]))

    def fails(lean: Lean) -> None:
        lean.begin(["ROLLBACK"])  # as SQLite does by itself when the disk is full
        raise OSError("the disk is full")

    def run_failing() -> None:
        with app.app_context():
            write(fails)

    group: Group = app.extensions["melody_group"]
    with ThreadPoolExecutor(3) as pool:
        with gate.turn():
            waiting = []
            jobs = (lambda: run(INSERT.format(1)), run_failing, lambda: run(INSERT.format(2)))
            for count, job in enumerate(jobs, 1):
                waiting.append(pool.submit(job))
                wait_until(lambda count=count: len(group._waiting) == count)
        for each in waiting:
            with pytest.raises(UnavailableError):
                each.result(10)
    assert sql("SELECT id FROM rules") == []
