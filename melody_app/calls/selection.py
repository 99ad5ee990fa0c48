"""The numbers and departments that somebody has selected for a rule, kept in the address of the page of calls.

So neither a search, nor another page of the table, nor the way back from the rule's form loses one of them.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from melody_app.calls.coverage import Row
from melody_app.directory.store import DEPARTMENTS, NUMBERS
from melody_app.fields import IntListField
from melody_app.forms import BaseForm

MOST = 200
"""As many can be selected at once: they stand in an address twice, and no longer one is taken than 8,190 characters."""

FIELDS = {NUMBERS.name: "number_capacity_ids", DEPARTMENTS.name: "employee_group_ids"}
"""By which of a rule's arrays each kind is named, also in the address."""


class SelectionQuery(BaseForm):
    """What an address says is selected."""

    number_capacity_ids = IntListField(most_elements=MOST)
    employee_group_ids = IntListField(most_elements=MOST)

    def __bool__(self) -> bool:
        return any(self._ids(name) for name in FIELDS.values())

    def holds(self, row: Row) -> bool:
        """Tell whether a row of the table is selected."""
        return row.id in self._ids(FIELDS[row.kind])

    def elsewhere(self, rows: Iterable[Row]) -> dict[str, list[int]]:
        """Return what is selected besides rows, by the array.

        Args:
            rows: those that a page shows.
        """
        shown = {(FIELDS[row.kind], row.id) for row in rows}
        return {name: [each for each in self._ids(name) if (name, each) not in shown] for name in FIELDS.values()}

    def _ids(self, name: str) -> list[int]:
        ids: list[int] = self[name].valid or []
        return ids


def without(address: str) -> str:
    """Return an address of the page of calls with nothing selected.

    Args:
        address: its path and query string.
    """
    said = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    query = urlencode([(name, text) for name, text in said if name not in FIELDS.values()])
    path = address.partition("?")[0]
    return f"{path}?{query}" if query else path
