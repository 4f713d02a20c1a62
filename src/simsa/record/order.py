"""The order in which a log may tell things: held by whoever writes one, and checked by whoever verifies one.

A log is never mended: what is out of order makes it refused for good, so that it must not come in at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .notes import COSIGNATURE, VerifierKey
from .statements import Statement
from .story import Story


class OrderError(ValueError):
    """A statement where it must not be; the message names its leaf."""


def check_order(story: Story) -> None:
    """OrderError for what comes where it must not."""
    _Order(story).check()


class _Order:
    """Walks the statements and says which comes where it must not."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.seen: dict[str, int] = {}  # the last leaf of each kind
        self.entries: set[str] = set()
        self.slots: dict[str, str] = {}
        self.replaced: set[str] = set()

    def check(self) -> None:
        told = self.story.statements
        if not told or told[0][0] != 0 or told[0][1].kind != "freeze":
            _refuse("leaf 0: the log does not begin with the rules")
        steps: Mapping[str, Callable[[int, Statement], None]] = {
            "freeze": self._freeze,
            "entries": self._entries,
            "panel": self._before_close,
            "slots": self._slots,
            "close": self._close,
            "vote": self._vote,
            "seed": self._seed,
            "result": self._result,
            "forgotten": self._forgotten,
        }
        for index, one in told:
            step = steps.get(one.kind)
            if step is not None:
                step(index, one)
            self.seen[one.kind] = index
        self._after_close()
        if self.slots and (lost := set(self.slots.values()) - self.entries):
            _refuse(f"there are slots of {min(lost)!r}, who does not take part")

    def _freeze(self, index: int, one: Statement) -> None:
        if index:
            _refuse(f"leaf {index}: the rules are frozen a second time")
        keys = [VerifierKey.parse(text) for text in one.content["auditors"]]
        if any(key.kind != COSIGNATURE for key in keys):
            _refuse("leaf 0: the key of an auditor is not one for cosignatures")

    def _entries(self, index: int, one: Statement) -> None:
        first = next((sheet for sheet, _leaf in self.story.sheets), index)
        since = max(self.seen.get("entries", -1) if first < index else -1, self.seen.get("close", -1))
        if since >= 0 and self.seen.get("amendment", -1) < since:
            when = "the close" if "close" in self.seen else "sheets came in"
            _refuse(f"leaf {index}: entries change after {when}, without an amendment that says why")
        self.entries = {row["id"] for row in one.content["entries"]}
        strangers = {row[0] for row in one.content["reported"]} - self.entries
        if strangers:
            _refuse(f"leaf {index}: numbers are reported of {min(strangers)!r}, who does not take part")

    def _before_close(self, index: int, one: Statement) -> None:
        if "close" in self.seen:
            _refuse(f"leaf {index}: a {one.kind} comes after the close")

    def _slots(self, index: int, one: Statement) -> None:
        self._before_close(index, one)
        added: dict[str, str] = {slot: entry for slot, entry, _hidden in one.content["slots"]}
        for slot, entry in added.items():
            if slot in self.slots:
                _refuse(f"leaf {index}: slot {slot} was used before")
            if entry not in self.entries:
                _refuse(f"leaf {index}: slot {slot} is for {entry!r}, who does not take part")
        for slot, old, _reason in one.content["replaces"]:
            if slot not in added or old not in self.slots or old in self.replaced or self.slots[old] != added[slot]:
                _refuse(f"leaf {index}: slot {slot} cannot take the place of {old}")
            self.replaced.add(old)
        self.slots |= added

    def _vote(self, index: int, one: Statement) -> None:
        self._before_close(index, one)
        if "vote" in self.seen:
            _refuse(f"leaf {index}: the vote is counted a second time")

    def _close(self, index: int, one: Statement) -> None:
        if "close" in self.seen:
            _refuse(f"leaf {index}: the round is closed a second time")

    def _seed(self, index: int, one: Statement) -> None:
        if "close" not in self.seen or "seed" in self.seen or self._source()["kind"] != "beacon":
            _refuse(f"leaf {index}: a seed is drawn where none may be")

    def _result(self, index: int, one: Statement) -> None:
        if "close" not in self.seen:
            _refuse(f"leaf {index}: a result comes before the close")
        if self._source()["kind"] == "beacon" and "seed" not in self.seen:
            _refuse(f"leaf {index}: a result comes before the seed")
        if "result" in self.seen and self.seen.get("amendment", -1) < self.seen["result"]:
            _refuse(f"leaf {index}: a second result without an amendment that says why")

    def _forgotten(self, index: int, one: Statement) -> None:
        if "result" not in self.seen:
            _refuse(f"leaf {index}: the openings were forgotten before there was a result")

    def _after_close(self) -> None:
        close = self.seen.get("close")
        late = [index for index, _leaf in self.story.sheets if close is not None and index > close]
        if late:
            _refuse(f"leaf {late[0]}: a sheet was submitted after the close")

    def _source(self) -> Mapping[str, Any]:
        source: Mapping[str, Any] = self.story.statements[0][1].content["seed"]
        return source


def _refuse(why: str) -> NoReturn:
    raise OrderError(why)
