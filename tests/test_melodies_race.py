"""Several at once: nothing that plays is deleted, the last room is given once, no file is lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from bodies import rule
from conftest import MANAGE_TOKEN, with_token
from flask import Flask
from melodies import CLIENT, MAIN, add, send, wav
from sounds import encoded, tone


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


@pytest.mark.parametrize("round_", range(3))
def test_a_melody_is_deleted_or_played_but_never_both(app: Flask, round_: int) -> None:
    one, two, three = (with_token(app, MANAGE_TOKEN) for _ in range(3))
    melody, _ = add(one), add(one, wav(880))
    main = {**one.get(MAIN).get_json()[0], "hold_source_type": "client", "hold_media_id": melody["id"]}
    deleted, ruled, held = at_once(
        lambda: one.delete(f"{CLIENT}/{melody['id']}").status_code,
        lambda: two.post("/melodies/personal", json=rule(1, source_type="client", media_id=melody["id"])).status_code,
        lambda: three.put(MAIN, json=main).status_code,
    )
    if deleted == 200:
        assert (ruled, held) == (422, 422)
    else:
        assert deleted == 409
        assert ruled == 201 or held == 200
        assert one.get(f"{CLIENT}/{melody['id']}").status_code == 200


def test_the_last_room_is_given_once(make_app: Callable[..., Flask]) -> None:
    app = make_app(library_mb=1)
    clients = [with_token(app, MANAGE_TOKEN) for _ in range(3)]
    files = [encoded(tone(hz, 20, 8_000), 8_000) for hz in (440, 550, 660)]  # 0.64 MB each, with what callers hear
    codes = at_once(*[lambda c=c, f=f: send(c, f).status_code for c, f in zip(clients, files, strict=True)])
    assert sorted(codes) == [201, 422, 422]


@pytest.mark.parametrize("round_", range(2))
def test_a_file_that_goes_and_comes_at_once_is_not_lost(app: Flask, round_: int) -> None:
    one, two = (with_token(app, MANAGE_TOKEN) for _ in range(2))
    melody = add(one)
    gone, came = at_once(lambda: one.delete(f"{CLIENT}/{melody['id']}").status_code, lambda: send(two, wav()))
    assert (gone, came.status_code) == (200, 201)
    assert one.get(came.get_json()["url"]).status_code == 200
