"""How much is measured: in full, or for a first glance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Args:
        rounds: how often everything is asked in turn.
        seconds: how long each time.
        rules: how many rules are stored beforehand, of two numbers each.
        free_numbers: how many numbers are left to make rules of.
        sizes: how many assignments are stored where lookups are compared by that.
        listed: how many rules are stored where lists are compared by that.
        requests: how many requests a worker's memory is compared by.
    """

    rounds: int
    seconds: float
    rules: int
    free_numbers: int
    sizes: tuple[int, ...]
    listed: tuple[int, int]
    requests: tuple[int, int]


FULL = Effort(7, 1.5, 50_000, 200_000, (1_000, 100_000, 1_000_000), (100, 100_000), (1_000, 100_000))
QUICK = Effort(2, 0.5, 5_000, 60_000, (1_000, 100_000), (100, 10_000), (1_000, 10_000))
