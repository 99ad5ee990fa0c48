"""Kill -9 in the middle of writing: what was acknowledged is there, whole, and nothing else is there by halves."""

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import MANAGE_TOKEN
from service import Client, Service
from sqlalchemy.engine import make_url

from melody_app.db import sqlite_driver

WRITERS = 8
RULES = "/melodies/personal"

Rule = tuple[tuple[int, ...], tuple[int, ...], int]
"""A rule's numbers, departments and melody."""

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass
class Ledger:
    """What the clients were told, and what they asked for without getting to know.

    Args:
        rules: the rules as acknowledged, by their ids.
        unsure: what a rule may have become instead; None stands for deleted.
        unsure_new: rules that may have been made.
    """

    rules: dict[int, Rule] = field(default_factory=dict)
    unsure: dict[int, Rule | None] = field(default_factory=dict)
    unsure_new: list[Rule] = field(default_factory=list)
    fresh: Iterator[int] = field(default_factory=lambda: count(1))

    def new_rule(self) -> Rule:
        numbers = tuple(next(self.fresh) for _ in range(3))
        return numbers, (numbers[0],), 50 + numbers[0] % 50

    def settle(self, stored: dict[int, Rule]) -> None:
        """Compare with what is stored, and go on from there."""
        for rule_id, rule in self.rules.items():
            possible = [rule, self.unsure[rule_id]] if rule_id in self.unsure else [rule]
            assert stored.get(rule_id) in possible, rule_id
        unasked = [rule for rule_id, rule in stored.items() if rule_id not in self.rules]
        assert [rule for rule in unasked if rule not in self.unsure_new] == []
        self.rules, self.unsure, self.unsure_new = stored, {}, []


def as_body(rule: Rule) -> dict[str, Any]:
    return {
        "number_capacity_ids": rule[0],
        "employee_group_ids": rule[1],
        "source_type": "system",
        "media_id": rule[2],
    }


class Writer:
    """A client that makes, changes and deletes rules of its own until the service breaks down."""

    def __init__(self, ledger: Ledger, client: Client, seed: int) -> None:
        self.ledger = ledger
        self.client = client
        self.choose = random.Random(seed)
        self.own: list[int] = []

    def run(self, begun: threading.Event, over: threading.Event) -> None:
        while not over.is_set():
            try:
                act = self.choose.choice([self._create, self._create, self._change, self._delete])
                act() if self.own else self._create()
            except (OSError, http.client.HTTPException):
                return
            begun.set()

    def _create(self) -> None:
        rule = self.ledger.new_rule()
        self.ledger.unsure_new.append(rule)
        answer = self.client.call("POST", RULES, as_body(rule))
        assert answer.status == 201
        self.ledger.rules[answer.body["id"]] = rule
        self.ledger.unsure_new.remove(rule)
        self.own.append(answer.body["id"])

    def _change(self) -> None:
        rule_id, rule = self.choose.choice(self.own), self.ledger.new_rule()
        self.ledger.unsure[rule_id] = rule
        assert self.client.call("PUT", f"{RULES}/{rule_id}", as_body(rule)).status == 200
        self.ledger.rules[rule_id] = rule
        del self.ledger.unsure[rule_id]

    def _delete(self) -> None:
        rule_id = self.own.pop()
        self.ledger.unsure[rule_id] = None
        assert self.client.call("DELETE", f"{RULES}/{rule_id}").status == 200
        del self.ledger.rules[rule_id], self.ledger.unsure[rule_id]


def write_until(service: Service, ledger: Ledger, seed: int, crash: Callable[[], None]) -> None:
    """Let clients write, crash in the midst of it at a moment that the seed chooses, and see the clients off."""
    begun, over = threading.Event(), threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        clients = [service.client(MANAGE_TOKEN) for _ in range(WRITERS)]
        writers = [Writer(ledger, client, seed * WRITERS + index) for index, client in enumerate(clients)]
        writing = [pool.submit(writer.run, begun, over) for writer in writers]
        service.wait(lambda: begun.is_set() or all(each.done() for each in writing))
        time.sleep(random.Random(seed).uniform(0, 0.3))
        crash()
        over.set()
        for each in writing:
            each.result(60)
    for client in clients:
        client.connection.close()


def read_soundly(database: str) -> dict[int, Rule]:
    """Check the file as SQLite does, and return the rules that it holds."""
    connection = sqlite_driver.connect(str(make_url(database).database))
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        ids: dict[str, dict[int, list[int]]] = {}
        for table, column in (("rule_numbers", "number_capacity_id"), ("rule_departments", "employee_group_id")):
            by_rule = ids.setdefault(table, {})
            rows = connection.execute(f"SELECT rule_id, {column} FROM {table} ORDER BY rule_id, position")
            for rule_id, each in rows:
                by_rule.setdefault(rule_id, []).append(each)
        rules = connection.execute("SELECT id, media_id FROM rules").fetchall()
        told = connection.execute("SELECT count(*) FROM journal_entries WHERE action = 'created'").fetchone()
        deleted = connection.execute("SELECT count(*) FROM journal_entries WHERE action = 'deleted'").fetchone()
        assert told[0] - deleted[0] == len(rules)
    finally:
        connection.close()
    numbers, departments = ids["rule_numbers"], ids["rule_departments"]
    return {
        rule_id: (tuple(numbers.get(rule_id, ())), tuple(departments.get(rule_id, ())), media_id)
        for rule_id, media_id in rules
    }


def test_whatever_was_acknowledged_outlives_ten_kills_of_the_whole_service(database: str, tmp_path: Path) -> None:
    ledger = Ledger()
    service = Service(database, tmp_path)
    try:
        for seed in range(10):
            service.start()
            with service.client(MANAGE_TOKEN) as client:
                rule = ledger.new_rule()
                answer = client.call("POST", RULES, as_body(rule))  # nothing that the dead have left stands in the way
                assert answer.status == 201
                ledger.rules[answer.body["id"]] = rule
            write_until(service, ledger, seed, service.kill)
            ledger.settle(read_soundly(database))
    finally:
        service.kill()
    assert len(ledger.rules) > 10


def test_the_service_goes_on_by_itself_when_a_worker_is_killed(database: str, tmp_path: Path) -> None:
    ledger = Ledger()
    with Service(database, tmp_path) as service:
        for seed in range(5):
            old = service.worker_pids()
            write_until(service, ledger, 100 + seed, lambda old=old: os.kill(min(old), signal.SIGKILL))  # type: ignore[misc]
            service.wait(lambda old=old: len(service.worker_pids()) == 2 and min(old) not in service.worker_pids())
            with service.client(MANAGE_TOKEN) as client:
                rules = client.call("GET", f"{RULES}?limit=1000").body
            seen = {
                each["id"]: (tuple(each["number_capacity_ids"]), tuple(each["employee_group_ids"]), each["media_id"])
                for each in rules
            }
            ledger.settle(seen)
        assert service.stop() == 0
    assert read_soundly(database) == ledger.rules


def test_workers_without_a_master_end_and_leave_the_file_sound(database: str, tmp_path: Path) -> None:
    ledger = Ledger()
    service = Service(database, tmp_path)
    try:
        for seed in range(2):
            service.start()
            orphans = service.worker_pids()
            write_until(service, ledger, 200 + seed, service.kill_master)
            service.wait(lambda orphans=orphans: not any(Path(f"/proc/{pid}").exists() for pid in orphans))
            ledger.settle(read_soundly(database))
    finally:
        service.kill()
