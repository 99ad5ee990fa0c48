"""What strain does: writers beside readers, many requests, a slow disk."""

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.effort import Effort
from tests.bench.report import Figure, at_least, at_most
from tests.bench.services import Call, Store, make_store, melody, running
from tests.service import Service

READERS, WRITERS, SLOW_WRITERS = 8, 32, 64
SLOWER = "10ms"
TRACER = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]
"""Holds each of these calls for a time after the disk has done it; every other call goes untouched."""


def run(folder: Path, effort: Effort) -> Iterator[Figure]:
    """Measure, and give the figures."""
    store = make_store(folder / "strained", rules=effort.rules, numbers=2 * effort.rules + effort.free_numbers)
    slow = store.copy("slow")
    service = melody(store)
    with running(service):
        yield from _readers_beside_writers(service, store, effort)
    with running(service):
        yield _memory(service, store, effort)
    if shutil.which("strace"):
        yield _slow_disk(slow, effort)
    else:
        print("\nNo strace here: 64 writers on a slow disk were left out (apt-get install strace).")


def _readers_beside_writers(service: Service, store: Store, effort: Effort) -> Iterator[Figure]:
    reading = Call("lookup", service, store.lookup())
    writing = Call("create", service, store.create(), status=201)
    rates, lates = [], []
    for _ in range(effort.rounds):
        alone = reading.measure(READERS, effort.seconds)
        writers = writing.begin(WRITERS, effort.seconds + 0.8)
        beside = reading.measure(READERS, effort.seconds, warm_up_s=0.6)
        writing.end(writers)
        rates.append(beside["rate"] / alone["rate"])
        lates.append(beside["p99_ms"] / alone["p99_ms"])
    what = f"{READERS} readers beside {WRITERS} writers: "
    yield at_least(what + "lookups, of their rate alone", 0.4, statistics.median(rates))
    yield at_most(what + "their 99th percentile, of that alone", 3, statistics.median(lates))


def _memory(service: Service, store: Store, effort: Effort) -> Figure:
    lookup = Call("lookup", service, store.lookup())
    few, many = effort.requests
    lookup.measure(16, 600, most=few * service.workers_wanted)
    before = _resident_kb(service)
    lookup.measure(16, 600, most=(many - few) * service.workers_wanted)
    after = _resident_kb(service)
    print(f"\nA worker's memory: {before // 1024} MB after {few:,} requests, {after // 1024} MB after {many:,}.")
    return at_most(f"memory of a worker after {many:,} requests, of that after {few:,}", 1.1, after / before)


def _resident_kb(service: Service) -> int:
    """Return the memory of the largest worker, in kB."""
    statuses = [Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in service.worker_pids()]
    return max(int(status.partition("VmRSS:")[2].split()[0]) for status in statuses)


def _slow_disk(store: Store, effort: Effort) -> Figure:
    service = melody(store)
    service.prefix = [*TRACER, "-e", f"inject=fsync,fdatasync:delay_exit={SLOWER}"]
    writing = Call("create", service, store.create(), status=201)
    with running(service):
        result = writing.measure(SLOW_WRITERS, 2 * effort.seconds + 3)  # any other answer ends the run
    measured = f"none of {result['asked']:,}; {result['rate']:.0f} a second, p99 {result['p99_ms']:.0f} ms"
    return Figure(
        f"{SLOW_WRITERS} writers on a disk slower by {SLOWER} a sync: answers 5xx", "none", measured, is_met=True
    )
