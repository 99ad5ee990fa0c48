"""Compare our calls with a bare Flask view under the same gunicorn, in alternating rounds: `make bench`.

What a machine does in a second says little; what our call does where a bare view does a thousand says more. So all are asked
in turn, round after round, and the median of the rounds' ratios is printed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gunicorn

from melody_app.db import sqlite_driver
from tests.service import HOUSE, Service

CONNECTIONS = (1, 16, 64)
COLUMNS = ("connections", "a second", "ratio", "p50 ms", "p99 ms", "p99 ratio", "CPU ms", "CPU ratio")
"""A ratio is to the bare view. That of the processor's time holds on a busy machine too, but knows nothing of waiting."""
STORED = 1000
"""As many rules are there before the first measurement."""


@dataclass(frozen=True)
class Call:
    """One thing that is asked.

    Args:
        name: what the table calls it.
        service: which service is asked.
        path: what is asked.
        token: what is shown.
        status: what every answer must be.
    """

    name: str
    service: Service
    path: str
    token: str = ""
    status: int = 200

    def measure(self, connections: int, seconds: float, warm_up_s: float = 0.3) -> dict[str, Any]:
        """Ask by as many connections, and return the rate and the latencies."""
        wanted = {
            "port": self.service.port,
            "path": self.path,
            "token": self.token,
            # Microseconds: each run has ids of its own, for no service takes 300,000 rules a second.
            "first_id": time.time_ns() // 1000 if self.status == 201 else 0,
            "connections": connections,
            "seconds": seconds,
            "warm_up_s": warm_up_s,
        }
        command = [sys.executable, "-m", "tests.bench.load"]
        before = self.service.cpu_s()
        asker = subprocess.run(
            command, cwd=HOUSE, check=True, input=json.dumps(wanted).encode(), stdout=subprocess.PIPE
        )
        result = json.loads(asker.stdout)
        if list(result["statuses"]) != [str(self.status)]:
            raise SystemExit(f"{self.name}: {result['statuses']}")
        asked = result["statuses"][str(self.status)]
        return {**result, "cpu_ms": 1000 * (self.service.cpu_s() - before) / asked}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="short rounds: a first glance, in half a minute")
    quick = parser.parse_args().quick
    rounds, seconds = (3, 0.7) if quick else (7, 2.0)
    with tempfile.TemporaryDirectory(prefix="melody-bench-") as folder, services(Path(folder)) as calls:
        calls[-1].measure(16, STORED / 300)
        print(machine(Path(folder)), end="\n\n")
        print(f"Medians of {rounds} rounds of {seconds} s. A ratio is ours to the bare view's in the same round.\n")
        print(f"{'':<24}" + "".join(f"{name:>12}" for name in COLUMNS))
        for connections in CONNECTIONS:
            compare(calls, connections, rounds, seconds)


@contextmanager
def services(folder: Path) -> Iterator[list[Call]]:
    """Run the bare view and Melody on a new database, and give what is asked; the bare view first, creating last."""
    url = f"sqlite:///{folder / 'melody.db'}"
    workers = len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        (folder / "bare").mkdir()
        bare = Service(url, folder / "bare", workers=workers, app="tests.bench.peers.bare:app")
        melody = Service(url, folder, workers=workers)
        flask(melody, "init")
        token = flask(melody, "token", "create", "bench", "--scope", "manage").strip()
        stack.enter_context(bare)
        stack.enter_context(melody)
        rules = "/melodies/personal"
        yield [
            Call("bare Flask view", bare, "/rule"),
            Call("GET a rule", melody, f"{rules}/1", token),
            Call("lookup", melody, "/melodies/resolve?number=74994088157&employee_group_id=93", token),
            Call("POST a rule of 3 numbers", melody, rules, token, status=201),
        ]


def flask(service: Service, *command: str) -> str:
    """Run one of the application's own commands on a service's database, and return what it prints."""
    whole = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    return subprocess.run(whole, cwd=HOUSE, env=service.environment, check=True, capture_output=True, text=True).stdout


def compare(calls: list[Call], connections: int, rounds: int, seconds: float) -> None:
    """Ask all calls in turn, round after round, and print a line for each."""
    results = [[call.measure(connections, seconds) for call in calls] for _ in range(rounds)]
    for index, call in enumerate(calls):

        def median(key: str, index: int = index, to: int | None = None) -> float:
            return statistics.median(each[index][key] / (1 if to is None else each[to][key]) for each in results)

        cells = (
            f"{connections}",
            f"{median('rate'):.0f}",
            f"{median('rate', to=0):.2f}",
            f"{median('p50_ms'):.1f}",
            f"{median('p99_ms'):.1f}",
            f"{median('p99_ms', to=0):.1f}",
            f"{median('cpu_ms'):.2f}",
            f"{1 / median('cpu_ms', to=0):.2f}",
        )
        print(f"{call.name:<24}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    print()


def machine(folder: Path) -> str:
    """Say what this was measured on, and how long the disk takes to make a page safe: a create waits for that."""
    page, times = b"x" * 4096, []
    file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT)
    for _ in range(100):
        began = time.perf_counter()
        os.pwrite(file, page, 0)
        os.fsync(file)
        times.append(time.perf_counter() - began)
    os.close(file)
    return ", ".join(
        [
            f"{len(os.sched_getaffinity(0))} cores",
            f"Python {platform.python_version()}",
            f"SQLite {sqlite_driver.sqlite_version}",
            f"gunicorn {gunicorn.__version__}",
            f"fsync {statistics.median(times) * 1e6:.0f} µs",
        ]
    )


if __name__ == "__main__":
    main()
