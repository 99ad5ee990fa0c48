"""Many clients at once through several workers: one rule for each id, whoever comes first, and nothing by halves."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from conftest import MANAGE_TOKEN
from service import PATIENCE_S, Answer, Client, Service

CLIENTS = 64
RULES = "/melodies/personal"
ARRAYS = ("number_capacity_ids", "employee_group_ids")

Sql = Callable[..., list[tuple[Any, ...]]]
Rule = dict[str, Any]


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[Service]:
    # More workers than this machine may have cores: what must hold doesn't depend on luck with the scheduler. The wait is
    # long, for a crowd on a slow machine is no reason for a 503.
    with Service(database, tmp_path, workers=3, MELODY_WRITE_WAIT_S="25") as running:
        yield running


def crowd(service: Service, act: Callable[[Client, int], list[Any]]) -> list[Any]:
    """Let every client act at once, and return all that they brought home."""
    together = Barrier(CLIENTS, timeout=PATIENCE_S)

    def run(index: int) -> list[Any]:
        with service.client(MANAGE_TOKEN) as client:
            client.call("GET", "/healthz")
            together.wait()
            return act(client, index)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [each for brought in pool.map(run, range(CLIENTS)) for each in brought]


def rule(numbers: list[int], departments: list[int], media_id: int) -> Rule:
    return {
        "number_capacity_ids": numbers,
        "employee_group_ids": departments,
        "source_type": "system",
        "media_id": media_id,
    }


def targets(body: Rule) -> set[tuple[str, int]]:
    return {(array, each) for array in ARRAYS for each in body[array]}


def stored(service: Service) -> dict[int, Rule]:
    """Return all rules as the service lists them, by their ids."""
    with service.client(MANAGE_TOKEN) as client:
        answer = client.call("GET", f"{RULES}?limit=1000")
        assert (answer.status, answer.headers["Link"]) == (200, None)
        return {each["id"]: each for each in answer.body}


def assert_each_id_at_most_once(rules: dict[int, Rule]) -> None:
    times = Counter(target for each in rules.values() for target in targets(each))
    assert [target for target, count in times.items() if count > 1] == []
    assert [each for each in rules.values() if not targets(each)] == []


# ---------------------------------------------------------------- creating


def test_of_64_clients_who_want_one_id_exactly_one_gets_it(service: Service, sql: Sql) -> None:
    wanted = range(1, 13)

    def act(client: Client, index: int) -> list[tuple[int, Answer]]:
        order = random.Random(index).sample(wanted, len(wanted))
        return [(number, client.call("POST", RULES, rule([number], [], 50 + index))) for number in order]

    answers = crowd(service, act)
    assert Counter(answer.status for _, answer in answers) == {201: 12, 409: 63 * 12}
    won = {number: answer.body for number, answer in answers if answer.status == 201}
    assert sorted(won) == list(wanted)
    for number, answer in answers:
        if answer.status == 409:
            (conflict,) = answer.body["conflicts"]
            assert (conflict["id"], conflict["rule_id"]) == (number, won[number]["id"])
    assert stored(service) == {body["id"]: body for body in won.values()}
    assert sql("SELECT count(*) FROM journal_entries WHERE subject = 'rule'") == [(12,)]


def test_overlapping_sets_are_taken_whole_or_not_at_all(service: Service, sql: Sql) -> None:
    def act(client: Client, index: int) -> list[tuple[Rule, Answer]]:
        choose = random.Random(index)
        bodies = [rule(choose.sample(range(1, 121), 3), choose.sample(range(1, 121), 2), 50) for _ in range(12)]
        return [(body, client.call("POST", RULES, body)) for body in bodies]

    answers = crowd(service, act)
    assert {answer.status for _, answer in answers} == {201, 409}
    won = {answer.body["id"]: answer.body for _, answer in answers if answer.status == 201}
    assert all(answer.body == {**body, "id": answer.body["id"]} for body, answer in answers if answer.status == 201)
    for body, answer in answers:
        if answer.status == 409:
            assert answer.body["conflicts"]
            for each in answer.body["conflicts"]:
                assert body[each["field"]][each["index"]] == each["id"]
                assert each["id"] in won[each["rule_id"]][each["field"]]
    assert_each_id_at_most_once(won)
    assert stored(service) == won
    entries = sql("SELECT action, subject_id FROM journal_entries WHERE subject = 'rule'")
    assert sorted(entries) == sorted(("created", rule_id) for rule_id in won)


# ---------------------------------------------------------------- everything at once


@dataclass
class Act:
    """What a client asked for and was answered, under a request id that the journal repeats."""

    request_id: str
    kind: str
    rule_id: int
    body: Rule
    answer: Answer


@dataclass
class Mixer:
    """A client that makes, replaces, robs and deletes rules, its own and others', by a seeded chance."""

    client: Client
    index: int
    acts: list[Act] = field(default_factory=list)

    def run(self, turns: int) -> list[Act]:
        self.choose = random.Random(1000 + self.index)
        for turn in range(turns):
            kind = self.choose.choice(["POST", "POST", "PUT", "PUT", "DELETE"])
            move = kind != "DELETE" and self.choose.random() < 0.5
            # Rules are numbered from 1: without asking, most guesses meet a rule that is or was there.
            rule_id = 0 if kind == "POST" else self.choose.randint(1, 40 + 8 * turn)
            self._act(f"{self.index}.{turn}", kind, rule_id, "?on_conflict=move" if move else "")
        return self.acts

    def _act(self, request_id: str, kind: str, rule_id: int, query: str) -> None:
        numbers = self.choose.sample(range(1, 61), self.choose.randint(0, 3))
        departments = self.choose.sample(range(1, 31), self.choose.randint(0 if numbers else 1, 2))
        body = rule(numbers, departments, self.choose.randint(50, 99))
        path = f"{RULES}/{rule_id}" if rule_id else RULES
        sent = None if kind == "DELETE" else body
        answer = self.client.call(kind, path + query, sent, **{"X-Request-ID": request_id})
        self.acts.append(Act(request_id, kind + query, rule_id, body, answer))


@dataclass
class Entry:
    """An entry of the journal."""

    action: str
    rule_id: int
    before: Rule | None
    after: Rule | None


def read_journal(sql: Sql) -> list[tuple[str, Entry]]:
    rows = sql(
        "SELECT request_id, action, subject_id, before, after FROM journal_entries WHERE subject='rule' ORDER BY id"
    )
    # SQLite hands JSON over as text.
    states = [[json.loads(each) if isinstance(each, str) else each for each in row[3:]] for row in rows]
    return [(row[0], Entry(row[1], row[2], *state)) for row, state in zip(rows, states, strict=True)]


def replay(entries: list[Entry]) -> dict[int, Rule]:
    """Live through the journal; each entry must begin with what the ones before it have left."""
    rules: dict[int, Rule] = {}
    for entry in entries:
        assert rules.pop(entry.rule_id, None) == entry.before, entry
        if entry.after is not None:
            expected = entry.before["version"] + 1 if entry.before else 1
            assert (entry.after["id"], entry.after["version"]) == (entry.rule_id, expected)
            rules[entry.rule_id] = entry.after
        assert_each_id_at_most_once(rules)
    return {rule_id: {name: rule[name] for name in rule if name != "version"} for rule_id, rule in rules.items()}


def assert_journal_tells(act: Act, entries: list[Entry]) -> None:
    """Compare what a client was told with what the journal tells of its request."""
    if act.answer.status >= 400:
        assert entries == [], act
        return
    *robbed, own = entries
    taken = {(each["rule_id"], each["field"], each["id"]) for each in act.answer.body.get("moved", [])}
    assert {each.rule_id for each in robbed} == {rule_id for rule_id, _, _ in taken}
    for each in robbed:
        assert each.before is not None
        left = targets(each.after) if each.after else set()
        lost = {(array, target) for rule_id, array, target in taken if rule_id == each.rule_id}
        assert targets(each.before) - left == lost
        assert (each.after is None) == (each.action == "deleted")
    if act.kind == "DELETE":
        assert (own.action, own.rule_id, act.answer.body) == ("deleted", act.rule_id, {"id": act.rule_id})
        return
    assert own.action == ("changed" if act.rule_id else "created")
    assert own.after is not None
    told = {name: value for name, value in act.answer.body.items() if name != "moved"}
    assert told == {**act.body, "id": act.rule_id or own.rule_id}
    assert {**told, "version": own.after["version"]} == own.after
    assert act.answer.headers["ETag"] == f'"{own.after["version"]}"'


def test_creating_replacing_moving_and_deleting_at_once_is_as_if_one_by_one(service: Service, sql: Sql) -> None:
    acts: list[Act] = crowd(service, lambda client, index: Mixer(client, index).run(12))
    statuses = Counter((act.kind, act.answer.status) for act in acts)
    allowed = {"POST": {201, 409}, "PUT": {200, 404, 409}, "DELETE": {200, 404}}
    assert [each for each in statuses if each[1] not in allowed[each[0].partition("?")[0]]] == [], statuses
    assert {201, 200, 404, 409} <= {status for _, status in statuses}

    journal = read_journal(sql)
    by_request: dict[str, list[Entry]] = {}
    for request_id, entry in journal:
        by_request.setdefault(request_id, []).append(entry)
    for act in acts:
        assert_journal_tells(act, by_request.pop(act.request_id, []))
    assert by_request == {}
    assert replay([entry for _, entry in journal]) == stored(service)
    assert sql("SELECT count(*) FROM rules") == [(len(stored(service)),)]
