"""What was measured, beside what was wanted of it."""

import os
import platform
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import gunicorn

from melody_app.db import sqlite_driver


@dataclass(frozen=True)
class Figure:
    """A figure with a target.

    Args:
        what: what was measured.
        target: what it is to be, in words.
        measured: what it was, in words.
        is_met: whether that meets the target.
    """

    what: str
    target: str
    measured: str
    is_met: bool


def at_least(what: str, least: float, *measured: float) -> Figure:
    """Return a figure of which every value is to be so much."""
    return Figure(what, f"at least {least:g}", _spell(measured), min(measured) >= least)


def at_most(what: str, most: float, *measured: float) -> Figure:
    """Return a figure of which no value is to be more."""
    return Figure(what, f"at most {most:g}", _spell(measured), max(measured) <= most)


def _spell(values: Iterable[float]) -> str:
    return " / ".join(f"{each:.2f}" for each in values)


def table(rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; the first row is its heading."""
    heading, *body = [list(row) for row in rows]
    lines = [heading, ["---"] * len(heading), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets(figures: Iterable[Figure]) -> str:
    """Return the table of all figures."""
    rows = [(each.what, each.target, each.measured, "yes" if each.is_met else "**no**") for each in figures]
    return table([("what", "target", "measured", "met"), *rows])


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
            time.strftime("%Y-%m-%d"),
        ]
    )
