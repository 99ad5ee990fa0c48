"""Our calls beside those of a bare Flask view and of the peers, asked in turn, round after round."""

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.effort import Effort
from tests.bench.load import Asked
from tests.bench.report import Figure, at_least, at_most, table
from tests.bench.services import RULES, Call, Store, make_store, melody, peers, running

CONNECTIONS = (1, 16, 64)
BARE, OURS, DJANGO, FASTAPI = "bare Flask view", "Melody", "Django REST framework", "FastAPI, SQLAlchemy"
LOOKUP, CREATE = "lookup", "create"
Rounds = list[dict[str, dict[str, Any]]]
"""For each round, what was measured of each call."""


def run(folder: Path, effort: Effort) -> Iterator[Figure]:
    """Measure, print, and give the figures that have a target."""
    store = make_store(folder / "compared", rules=effort.rules, numbers=2 * effort.rules + effort.free_numbers)
    services = {**peers(store), OURS: melody(store)}
    with running(*services.values()):
        calls = _calls(store, services)
        measured = {each: alternate(calls, each, effort) for each in CONNECTIONS}
    for connections, rounds in measured.items():
        print(f"\n{connections} connections\n\n{_table(rounds)}", flush=True)
    yield from _lookups(measured)
    yield from _creates(measured)


def _calls(store: Store, services: dict[str, Any]) -> dict[str, Call]:
    bare = Call(BARE, services[BARE], Asked("/rule"))
    calls = {BARE: bare}
    for name in (OURS, DJANGO, FASTAPI):
        calls[f"{name}: {LOOKUP}"] = Call(name, services[name], store.lookup())
        calls[f"{name}: {CREATE}"] = Call(name, services[name], store.create(), status=201)
    for name, path in (("a rule", f"{RULES}/1"), ("a page of 50 rules", f"{RULES}?limit=50")):
        calls[f"{OURS}: {name}"] = Call(name, services[OURS], Asked(path, token=store.token))
    return calls


def alternate(calls: dict[str, Call], connections: int, effort: Effort) -> Rounds:
    """Ask all calls in turn, round after round."""
    return [
        {name: call.measure(connections, effort.seconds) for name, call in calls.items()} for _ in range(effort.rounds)
    ]


def ratio(rounds: Rounds, call: str, to: str, key: str = "rate") -> float:
    """Return the median of the rounds' ratios of one call to another."""
    return statistics.median(each[call][key] / each[to][key] for each in rounds)


def median(rounds: Rounds, call: str, key: str) -> float:
    """Return the median of the rounds."""
    return statistics.median(each[call][key] for each in rounds)


def _table(rounds: Rounds) -> str:
    heading = ["", "a second", "of the bare view's", "p50 ms", "p99 ms", "CPU ms"]
    rows = [
        [
            name,
            f"{median(rounds, name, 'rate'):,.0f}",
            f"{ratio(rounds, name, BARE):.2f}",
            *(f"{median(rounds, name, key):.1f}" for key in ("p50_ms", "p99_ms")),
            f"{median(rounds, name, 'cpu_ms'):.2f}",
        ]
        for name in rounds[0]
    ]
    return table([heading, *rows])


def _ours(measured: dict[int, Rounds], what: str, *connections: int) -> Callable[[str], list[float]]:
    def over(peer: str) -> list[float]:
        other = peer if peer == BARE else f"{peer}: {what}"
        return [ratio(measured[each], f"{OURS}: {what}", other) for each in connections]

    return over


def _lookups(measured: dict[int, Rounds]) -> Iterator[Figure]:
    over = _ours(measured, LOOKUP, *CONNECTIONS)
    yield at_least("lookup, of a bare Flask view's rate, at 1 / 16 / 64 connections", 0.6, *over(BARE))
    yield at_least("lookup, of Django REST framework's", 2, *over(DJANGO))
    yield at_least("lookup, of FastAPI's", 2.5, *over(FASTAPI))


def _creates(measured: dict[int, Rounds]) -> Iterator[Figure]:
    over = _ours(measured, CREATE, 16, 64)
    yield at_least(
        "create a rule of three numbers, of a bare Flask view's rate, at 16 / 64 connections", 0.25, *over(BARE)
    )
    yield at_least("create, of Django REST framework's", 2.5, *over(DJANGO))
    yield at_least("create, of FastAPI's", 4, *over(FASTAPI))
    late = ratio(measured[64], f"{OURS}: {CREATE}", BARE, "p99_ms")
    yield at_most("99th percentile of a create at 64 connections, of a bare Flask view's", 3, late)
