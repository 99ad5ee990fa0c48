"""Bodies that the tests send."""

from typing import Any

PERSONAL = "/melodies/personal"
LARGEST = 2**63 - 1


def rule(*numbers: int, **changes: Any) -> dict[str, Any]:
    """Return the body of a right rule for the numbers; what is given as `...` is left out."""
    body = {"number_capacity_ids": list(numbers or (352,)), "source_type": "system", "media_id": 50, **changes}
    return {name: value for name, value in body.items() if value is not ...}
