"""What grows with the data: lookups by the number of assignments, pages by the number of rules."""

import http.client
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from flask.sessions import SecureCookieSessionInterface

from melody_app import create_app
from melody_app.config import Settings
from melody_app.paging import PAGE_SIZE
from tests.bench.compare import alternate, median, ratio
from tests.bench.effort import Effort
from tests.bench.report import Figure, at_least, at_most, table
from tests.bench.services import Call, Store, make_store, melody, running
from tests.service import Service

PAGES = {
    "the list's first page": "/rules",
    "its middle": "/rules?page={middle}",
    "its end": "/rules?page=1000000000",
    "by melody, from the end": "/rules?sort=-melody",
    "by change": "/rules?sort=changed",
    "by person, its middle": "/rules?sort=person&page={middle}",
    "one number's rule": "/rules?q=%2B7+499+000-00-77",
    "a word that is nowhere": "/rules?q=" + quote("никогда"),
    "a number in the picker": "/rules/choices?field=number_capacity_ids&q=%2B7+499+000-00-77",
    "a word in the picker": "/rules/choices?field=number_capacity_ids&q=" + quote("охраны"),
    "the picker before anything is typed": "/rules/choices?field=number_capacity_ids",
    "what callers hear": "/calls",
    "its middle ": "/calls?page={middle}",
    "those without a rule": "/calls?show=no_rule",
    "numbers": "/numbers?sort=comment",
    "the journal": "/journal",
}
WITHOUT_RULE = PAGE_SIZE + 10
"""As many departments have no rule: a page of those without one is full, however many rules there are."""
ASKED = 15
"""As often each page is asked for."""


def lookups(folder: Path, effort: Effort) -> Iterator[Figure]:
    """Compare lookups by the number of assignments."""
    calls = {}
    for size in effort.sizes:
        store = make_store(folder / f"lookups-{size}", rules=size // 2, numbers=size)
        calls[f"{size:,} assignments"] = Call(str(size), melody(store), store.lookup())
    with running(*(each.service for each in calls.values())):
        rounds = alternate(calls, 16, effort)
    rows = [(name, f"{median(rounds, name, 'rate'):,.0f}") for name in calls]
    print("\n" + table([("lookups at 16 connections", "a second"), *rows]), flush=True)
    fewest, *_, most = calls
    yield at_least(f"lookup at {most}, of that at {fewest}", 0.85, ratio(rounds, most, fewest))


def pages(folder: Path, effort: Effort) -> Iterator[Figure]:
    """Compare pages by the number of rules."""
    few, many = (_time_pages(folder, each) for each in effort.listed)
    growth = {name: many[name] / few[name] for name in few}
    heading = ("server time, ms", *(f"{each:,} rules" for each in effort.listed), "ratio")
    rows = [(name.strip(), f"{few[name]:.1f}", f"{many[name]:.1f}", f"{growth[name]:.1f}") for name in few]
    print("\n" + table([heading, *rows]), flush=True)
    worst = max(growth, key=lambda name: growth[name])
    yield at_most(
        f"pages at {effort.listed[1]:,} rules, of their time at 100; the worst: {worst.strip()}", 3, growth[worst]
    )


def _time_pages(folder: Path, rules: int) -> dict[str, float]:
    store = make_store(
        folder / f"pages-{rules}", rules=rules, numbers=rules, departments=min(1000, rules) + WITHOUT_RULE, journal=True
    )
    service = melody(store)
    cookie = _cookie(store)
    with running(service):
        timed = {name: _time(service, path.format(middle=max(1, rules // 100)), cookie) for name, path in PAGES.items()}
    return {name: took for name, took in timed.items() if took}


def _cookie(store: Store) -> str:
    """Return the cookie of a browser that is signed in."""
    app = create_app(Settings(instance_path=store.folder, database_url=store.url, log_level="ERROR"))
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    return f"melody={serializer.dumps({'key': store.key})}"


def _time(service: Service, path: str, cookie: str) -> float:
    """Return the median time to answer, in ms; 0 for a page that isn't there."""
    times = []
    with closing(http.client.HTTPConnection("127.0.0.1", service.port)) as connection:
        for _ in range(ASKED):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
            response = connection.getresponse()
            response.read()
            times.append(1000 * (time.perf_counter() - began))
            if response.status == http.client.NOT_FOUND:
                return 0.0
            assert response.status == http.client.OK, f"{path}: {response.status}"
    return statistics.median(times[3:])
