"""A company in which many call while everything is changed, and what was so at which moment."""

import random
import re
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, takewhile
from typing import Any, NamedTuple
from urllib.parse import unquote

from bodies import PERSONAL
from conftest import CALL_TOKEN
from melodies import base64_of, wav
from service import Client, Service

TERRITORIES = 3
"""As many administrators work at once, each on numbers, a department and melodies of his own."""

HASH = re.compile(r"[0-9a-f]{64}")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

State = dict[str, str | None]
"""What a territory's numbers (`n0`, `n1`) and its department (`d`) play by rules of their own; or the company (`c`)."""


# ---------------------------------------------------------------- what was so, and when


@dataclass
class Spell:
    """A state, from the moment that it can have begun to the last one that it can have lasted to."""

    state: State
    since: float
    until: float = float("inf")


class History:
    """What one who writes has made of his territory; each write waits for the one before."""

    def __init__(self, state: State) -> None:
        self.spells = [Spell(state, 0)]

    @contextmanager
    def becoming(self, state: State) -> Iterator[None]:
        """Note that it becomes so while the body runs."""
        last = self.spells[-1]
        self.spells.append(Spell(state, time.monotonic()))
        yield
        last.until = time.monotonic()

    def between(self, since: float, until: float) -> list[Spell]:
        """Return what can have been so at some moment between these two."""
        last = bisect_right(self.spells, until, key=lambda each: each.since)
        return list(takewhile(lambda each: each.until >= since, reversed(self.spells[:last])))


class Call(NamedTuple):
    """A question, when it was asked and answered, and the hash of what plays: empty for plain ringing, `*` for any melody."""

    territory: int
    stages: tuple[str, ...]
    since: float
    until: float
    status: int
    heard: str
    path: str


def is_right(call: Call, own: History, company: History) -> bool:
    """Tell whether the answer was right at one moment between the request and the answer."""
    for mine in own.between(call.since, call.until):
        for theirs in company.between(call.since, call.until):
            at_once = max(mine.since, theirs.since, call.since) <= min(mine.until, theirs.until, call.until)
            held = [mine.state[each] for each in call.stages] + [theirs.state["c"]]
            plays = next((each for each in held if each), "")
            if at_once and call.heard in ({plays, "*"} if plays else {""}):
                return True
    return False


# ---------------------------------------------------------------- who writes


@dataclass
class Writer:
    """An administrator who makes, moves, changes and deletes the rules of his territory, and replaces a melody."""

    index: int
    client: Client
    hashes: list[str]
    history: History = field(default_factory=lambda: History({"n0": None, "n1": None, "d": None}))
    rules: dict[int, tuple[int, set[str]]] = field(default_factory=dict)
    """His rules: the melody, and what plays it."""
    acts: dict[str, int] = field(default_factory=dict)

    def run(self, over: threading.Event) -> None:
        """Work until all have called: many times a second, but not so that the machine does nothing else."""
        dice = random.Random(self.index)
        every = [self.make, self.change, self.replace, self.delete]
        for turn, act in enumerate(chain(every, (dice.choices(every, [40, 40, 1, 20])[0] for _ in count()))):
            if over.wait(0.01) and turn >= len(every):
                return
            if act(dice):
                self.acts[act.__name__] = self.acts.get(act.__name__, 0) + 1

    def make(self, dice: random.Random) -> bool:
        """Make a rule; what another rule of his holds moves to it."""
        targets, melody = self._choose(dice)
        kept = {its_id: (of, held - targets) for its_id, (of, held) in self.rules.items()}
        with self.history.becoming(self._state({**kept, 0: (melody, targets)})):
            answer = self._call("POST", f"{PERSONAL}?on_conflict=move", self._body(targets, melody), 201)
        self.rules = {its_id: each for its_id, each in kept.items() if each[1]} | {answer["id"]: (melody, targets)}
        return True

    def change(self, dice: random.Random) -> bool:
        """Let one rule play something else, or be for others."""
        if not self.rules:
            return False
        its_id = dice.choice(sorted(self.rules))
        taken = {each for other, (_, held) in self.rules.items() if other != its_id for each in held}
        targets, melody = self._choose(dice)
        targets = targets - taken or self.rules[its_id][1]
        after = {**self.rules, its_id: (melody, targets)}
        with self.history.becoming(self._state(after)):
            self._call("PUT", f"{PERSONAL}/{its_id}", self._body(targets, melody), 200)
        self.rules = after
        return True

    def delete(self, dice: random.Random) -> bool:
        """Delete a rule."""
        if not self.rules:
            return False
        its_id = dice.choice(sorted(self.rules))
        after = {other: each for other, each in self.rules.items() if other != its_id}
        with self.history.becoming(self._state(after)):
            self._call("DELETE", f"{PERSONAL}/{its_id}", None, 200)
        self.rules = after
        return True

    def replace(self, dice: random.Random) -> bool:
        """Give his first melody another recording, which takes a while; its hash is known when it has been made."""
        state: State = {}
        with self.history.becoming(state):
            sound = {"file": base64_of(wav(200 + dice.random() * 1000, 0.2))}
            answer = self._call("PUT", f"/melodies/client/{self._melody_id(0)}", sound, 200)
            self.hashes[0] = HASH.findall(answer["url"])[0]
            state.update(self._state(self.rules))
        return True

    def _choose(self, dice: random.Random) -> tuple[set[str], int]:
        return set(dice.sample(["n0", "n1", "d"], dice.randint(1, 3))), dice.randrange(len(self.hashes))

    def _state(self, rules: dict[int, tuple[int, set[str]]]) -> State:
        played = {target: self.hashes[melody] for melody, held in rules.values() for target in held}
        return {target: played.get(target) for target in ("n0", "n1", "d")}

    def _body(self, targets: set[str], melody: int) -> dict[str, Any]:
        return {
            "number_capacity_ids": [number_id(self.index, int(each[1])) for each in targets if each != "d"],
            "employee_group_ids": [self.index + 1] if "d" in targets else [],
            "source_type": "client",
            "media_id": self._melody_id(melody),
        }

    def _melody_id(self, melody: int) -> int:
        return self.index * 10 + melody + 1

    def _call(self, method: str, path: str, body: Any, status: int) -> Any:
        answer = self.client.call(method, path, body)
        assert answer.status == status, (method, path, body, answer)
        return answer.body


@dataclass
class Director:
    """Who changes what the company plays."""

    client: Client
    hashes: list[str]
    history: History = field(default_factory=lambda: History({"c": None}))

    def run(self, over: threading.Event) -> None:
        """Change it twenty times a second until all have called."""
        dice = random.Random(99)
        while not over.wait(0.05):
            melody = dice.choice([None, 101, 102])
            ringing = {"hold_source_type": "beeps", "hold_media_id": 123}
            source_type, media_id = ("client", melody) if melody else ("beeps", 123)
            body = {"dialing_source_type": source_type, "dialing_media_id": media_id, **ringing}
            with self.history.becoming({"c": self.hashes[melody - 101] if melody else None}):
                answer = self.client.call("PUT", "/melodies/main", body)
                assert answer.status == 200, answer


# ---------------------------------------------------------------- who calls


def number_id(territory: int, which: int) -> int:
    """Return the id of one of a territory's numbers."""
    return territory * 10 + which + 1


def digits(territory: int, which: int) -> str:
    """Return the number itself."""
    return f"7499408{territory:02}{which:02}"


def questions(dice: random.Random) -> tuple[int, tuple[str, ...], str, str | None]:
    """Return a territory, the stages that a call there goes through, and how an exchange asks: a path, and a form's body."""
    territory, which = dice.randrange(TERRITORIES), dice.randrange(2)
    of_number, of_both = (f"n{which}",), ("d", f"n{which}")
    own, group = digits(territory, which), territory + 1
    spelled = dice.choice([own, f"8{own[1:]}", f"%2B{own}"])
    single, multi = "/asterisk/musiconhold/single", "/asterisk/musiconhold_entry/multi"
    ways: list[tuple[tuple[str, ...], str, str | None]] = [
        (of_number, multi, f"position%20%3E%3D=0&name=number-{spelled}"),
        (("d",), multi, f"position%20%3E%3D=0&name=group-{group}"),
        (of_number, single, f"name=number-{spelled}"),
        (of_number, f"/freeswitch/ringback?number={spelled}", None),
        (of_both, f"/freeswitch/ringback?number={spelled}&short_phone={group + 100}", None),
        (of_both, f"/asterisk/class?number={spelled}&employee_group_id={group}", None),
        (
            of_both,
            f"/melodies/resolve?number_capacity_id={number_id(territory, which)}&employee_group_id={group}",
            None,
        ),
        (("d",), f"/melodies/resolve?short_phone={group + 100}", None),
    ]
    return territory, *dice.choice(ways)


def ask(client: Client, dice: random.Random) -> Call:
    """Let an exchange ask."""
    territory, stages, path, body = questions(dice)
    since = time.monotonic()
    client.connection.request("POST" if body else "GET", path, body, {**client.headers, **FORM})
    response = client.connection.getresponse()
    text = response.read().decode()
    until = time.monotonic()
    heard = told(path, text)
    return Call(territory, stages, since, until, response.status, heard, path)


def told(path: str, text: str) -> str:
    """Return the hash of what an answer plays, or `*` where it only says that something plays."""
    if path.endswith("/single"):
        return "*" if text else ""
    if path.startswith("/melodies/resolve"):
        text = text.partition('"explain"')[0]  # what other stages hold is told there
    return next(iter(HASH.findall(unquote(text))), "")


def call_until_done(service: Service, seed: int, many: int) -> list[Call]:
    """Ask so many times, on one connection."""
    dice = random.Random(seed)
    with service.client(CALL_TOKEN) as client:
        return [ask(client, dice) for _ in range(many)]
