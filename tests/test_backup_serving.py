"""Backups and restores while the service runs: nobody is stopped, nothing that was acknowledged is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from backups import ask, command, content, numbers, path_of
from bodies import PERSONAL, rule
from conftest import MANAGE_TOKEN
from service import Answer, Service

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

WRITERS = 4
BEFORE, SINCE = 1_000_001, 1_000_002
"""The number whose rule a backup holds, and the one whose rule came after it."""


class Traffic:
    """Programs that make rules, and an exchange that asks, for as long as the body of `running` lasts."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.acknowledged: set[int] = set()
        self.statuses: set[int] = set()
        self.lookups: set[tuple[int, bool, bool]] = set()
        self._fresh = count(1)
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            working = [pool.submit(work) for work in (*[self._write] * WRITERS, self._ask)]
            try:
                self.settle()
                yield
                self.settle()
            finally:
                self._over.set()
            for each in working:
                each.result(60)

    def settle(self) -> None:
        """Wait until some more rules are made."""
        before = len(self.acknowledged)
        self.service.wait(lambda: len(self.acknowledged) > before + 10)

    def _write(self) -> None:
        with self.service.client(MANAGE_TOKEN) as client:
            while not self._over.is_set():
                number = next(self._fresh)
                status = client.call("POST", PERSONAL, rule(number)).status
                self.statuses.add(status)
                time.sleep(0.01)  # the commands need the processor, too
                if status == 201:
                    self.acknowledged.add(number)

    def _ask(self) -> None:
        path = "/melodies/resolve?number_capacity_id="
        with self.service.client(MANAGE_TOKEN) as client:
            while not self._over.is_set():
                before, since = (client.call("GET", f"{path}{number}") for number in (BEFORE, SINCE))
                self.lookups.add((before.status, before.body["rule_id"] is not None, since.body["rule_id"] is not None))
                time.sleep(0.002)


def call(service: Service, *request: Any) -> Answer:
    """Ask on a connection that is used once: one that waits for a command is closed meanwhile."""
    with service.client(MANAGE_TOKEN) as client:
        return client.call(*request)


def test_a_service_in_use_is_backed_up_and_restored_without_a_pause(database: str, tmp_path: Path) -> None:
    live, path = path_of(database), tmp_path / "backup.db"
    ask(live, "INSERT INTO audio SELECT hex(randomblob(32)), zeroblob(10000000)")
    with Service(database, tmp_path) as service:
        first = call(service, "POST", PERSONAL, rule(BEFORE)).body["id"]
        traffic = Traffic(service)
        with traffic.running():
            known = set(traffic.acknowledged)
            assert command(database, "backup", str(path))[0] == 0
            held = numbers(path)
            assert known < held  # who was answered before it began is in it
            assert call(service, "DELETE", f"{PERSONAL}/{first}").status == 200
            assert call(service, "POST", PERSONAL, rule(SINCE)).status == 201
            status, said, refused = command(database, "restore", str(path), "--yes")
            assert (status, refused) == (0, ""), said
            # By whichever worker, on a connection from before: the next call hears what was restored.
            for _ in range(10):
                assert call(service, "GET", f"/melodies/resolve?number_capacity_id={BEFORE}").body["rule_id"] == first
                assert call(service, "GET", f"/melodies/resolve?number_capacity_id={SINCE}").body["rule_id"] is None
        assert traffic.statuses == {201}
        # An exchange is answered all the time, and never by a part of the one and a part of the other.
        assert traffic.lookups <= {(200, True, False), (200, False, False), (200, False, True)}
        assert {(200, True, False), (200, False, True)} <= traffic.lookups
        assert service.stop() == 0
    (kept,) = live.parent.glob("melody-before-restore-*.db")
    for file in (path, kept, live):
        rows = content(file)
        told = [entry[4] for entry in rows["journal_entries"]]
        assert told.count("created") - told.count("deleted") == len(rows["rules"])
    assert SINCE in numbers(kept)
    assert traffic.acknowledged <= numbers(kept) | numbers(live)
    assert held < numbers(live)
    ids = [{row[0] for row in content(file)["rules"]} for file in (kept, live, path)]
    assert ids[0] & ids[1] == ids[2] - {first}  # no id stands for a rule of before and for another one since
