"""Compare our calls with a bare Flask view and with peers that do the same, in alternating rounds: `make bench`.

What a machine does in a second says little; what our call does where a bare view does a thousand says more. So all are asked
in turn, round after round, and the median of the rounds' ratios is printed.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import compare, report, scale, strain
from tests.bench.effort import FULL, QUICK, Effort
from tests.bench.report import Figure

PARTS = {"compare": compare.run, "lookups": scale.lookups, "pages": scale.pages, "strain": strain.run}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="short rounds on little data: a first glance")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; everything when absent")
    wanted = parser.parse_args()
    effort = QUICK if wanted.quick else FULL
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="melody-bench-") as name:
        folder = Path(name)
        print(f"{report.machine(folder)}. Medians of {effort.rounds} rounds of {effort.seconds} s.", flush=True)
        figures = list(_measure(folder, effort, wanted.parts or list(PARTS)))
    print(f"\n{report.targets(figures)}\n\nMeasured in {time.monotonic() - began:.0f} s.")


def _measure(folder: Path, effort: Effort, parts: list[str]) -> Iterator[Figure]:
    for part in parts:
        yield from PARTS[part](folder, effort)


if __name__ == "__main__":
    main()
