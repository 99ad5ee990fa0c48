"""Group commit: who waits together is committed together, and what goes wrong with one is that one's alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from melody_app.group import Group, WaitTimeoutError, Write


class Disk:
    """Keep what is committed, and how many were committed at once; the first commit waits until it is let go."""

    def __init__(self) -> None:
        self.commits: list[int] = []
        self.stored: list[object] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.breaks = False

    def commit(self, writes: list[Write]) -> None:
        draft: list[object] = []
        for each in writes:
            each.do(draft)
        self.begun.set()
        self.go_on.wait(10)
        if self.breaks:
            raise OSError("the disk is full")
        self.stored += draft
        self.commits.append(len(writes))


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_those_who_wait_are_committed_together(disk: Disk) -> None:
    group = Group(disk.commit, 10)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"))
        assert disk.begun.wait(10)
        others = [pool.submit(group.run, lambda draft, each=each: draft.append(each)) for each in range(8)]
        while len(group._waiting) < 8:
            threading.Event().wait(0.001)
        disk.go_on.set()
        for each in (first, *others):
            each.result(10)
    assert disk.commits == [1, 8]
    assert sorted(map(str, disk.stored)) == [*"01234567", "first"]


def test_each_gets_its_own_result_and_its_own_error(disk: Disk) -> None:
    disk.go_on.set()
    group = Group(disk.commit, 10)
    assert group.run(lambda draft: "mine") == "mine"
    with pytest.raises(KeyError):
        group.run(lambda draft: {}["nothing"])
    assert group.run(lambda draft: "next") == "next"


def test_work_is_done_on_behalf_of_whoever_asked(disk: Disk) -> None:
    person: ContextVar[str] = ContextVar("person")
    group = Group(disk.commit, 10)

    def ask(name: str) -> str:
        person.set(name)
        return str(group.run(lambda draft: person.get()))

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(ask, "Anna")
        assert disk.begun.wait(10)
        others = [pool.submit(ask, name) for name in ("Boris", "Vera")]
        disk.go_on.set()
        assert [each.result(10) for each in (first, *others)] == ["Anna", "Boris", "Vera"]


def test_nobody_is_told_of_success_when_the_commit_fails(disk: Disk) -> None:
    disk.breaks = True
    disk.go_on.set()
    group = Group(disk.commit, 10)
    with pytest.raises(OSError, match="full"):
        group.run(lambda draft: draft.append("lost"))
    disk.breaks = False
    group.run(lambda draft: draft.append("kept"))
    assert disk.stored == ["kept"]


def test_a_wait_has_an_end_and_what_is_given_up_is_never_done(disk: Disk) -> None:
    group = Group(disk.commit, 0.2)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.run, lambda draft: draft.append("first"))
        assert disk.begun.wait(10)
        late = pool.submit(group.run, lambda draft: draft.append("late"))
        with pytest.raises(WaitTimeoutError):
            late.result(10)
        disk.go_on.set()
        first.result(10)
    group.run(lambda draft: draft.append("last"))
    assert disk.stored == ["first", "last"]
