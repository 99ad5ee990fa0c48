"""Several at once: an entry is deleted or used, never both; a number and the next id are given once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import MANAGE_TOKEN, with_token
from entries import DEPARTMENTS, NUMBERS, fill, number
from flask import Flask

ROUNDS = 8


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run every piece of work in a thread of its own, from one moment on."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        start.wait()
        results[place] = works[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("way", ["delete", "import"])
def test_an_entry_goes_or_a_rule_takes_it_but_never_both(app: Flask, way: str) -> None:
    one, two = (with_token(app, MANAGE_TOKEN) for _ in range(2))
    rule = {"number_capacity_ids": [5], "source_type": "system", "media_id": 50}
    for _ in range(ROUNDS):
        fill(one, NUMBERS, number(1, "79200000001"), number(5, "79200000005"))
        gone, ruled = at_once(
            lambda: (
                one.delete(f"{NUMBERS}/5") if way == "delete" else one.put(NUMBERS, json=[number(1, "79200000001")])
            ),
            lambda: two.post("/melodies/personal", json=rule),
        )
        assert (gone.status_code, ruled.status_code) in {(200, 422), (409, 201)}
        if ruled.status_code == 201:
            assert gone.get_json()["rule_ids"] == [ruled.get_json()["id"]]
            one.delete(ruled.headers["Location"])


def test_a_number_is_given_once_and_so_is_the_next_id(app: Flask) -> None:
    clients = [with_token(app, MANAGE_TOKEN) for _ in range(6)]
    made = at_once(*[lambda c=c: c.post(NUMBERS, json={"number": "79200000001"}).status_code for c in clients])
    assert sorted(made) == [201, 409, 409, 409, 409, 409]
    made = at_once(*[lambda c=c: c.post(DEPARTMENTS, json={"name": "Отдел"}) for c in clients])
    assert sorted(each.get_json()["id"] for each in made) == [1, 2, 3, 4, 5, 6]


def test_of_two_imports_one_is_the_last_and_neither_is_a_half(app: Flask) -> None:
    one, two = (with_token(app, MANAGE_TOKEN) for _ in range(2))
    lists = [[number(at, f"7920{start}{at:06d}") for at in range(start, start + 300)] for start in (1, 2)]
    for _ in range(ROUNDS // 2):
        answers = at_once(
            lambda: one.put(NUMBERS, json=lists[0]).status_code, lambda: two.put(NUMBERS, json=lists[1]).status_code
        )
        assert answers == [200, 200]
        assert one.get(NUMBERS).get_json() in lists
