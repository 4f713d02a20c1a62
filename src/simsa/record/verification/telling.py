"""Checks of what the log tells: statements in the order that is laid down, and the rules that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simsa.record.leaves import LeafError
from simsa.record.notes import COSIGNATURE, VerifierKey
from simsa.record.statements import Statement, StatementError
from simsa.record.verification.findings import Findings, fail
from simsa.rules import RulesError, from_canonical


def check_statements(found: Findings) -> None:
    """Leaves and statements are well formed, and come in their order."""
    try:
        story = found.story
    except (LeafError, StatementError) as error:
        fail(str(error))
    used = {one.sha256 for _, one in story.statements}
    for path in found.files:
        if path.startswith("statements/") and path[len("statements/") : -len(".json")] not in used:
            fail(f"{path} is not in the log")
    _Order(found).check()
    if story.last("forgotten") is not None and (found.full or "sheets.json" in found.files):
        fail("the openings were forgotten, and yet there are some")


def check_rules(found: Findings) -> None:
    """The rules are those that the log names, and every sheet has the fields that they ask for."""
    for path, data in found.files.items():
        if not path.startswith("rules/"):
            continue
        try:
            rules = from_canonical(data)
        except RulesError as error:
            fail(f"{path}: {error}")
        name = path[len("rules/") : -len(".json")]
        if rules.hash != name:
            fail(f"{path}: these rules have the hash {rules.hash}")
        if rules.id != found.round:
            fail(f"{path}: these are the rules of {rules.id!r}")
        found.rules = {**found.rules, name: rules}
    in_force, begins = "", []
    for index, one in found.story.statements:
        if one.kind in ("freeze", "amendment"):
            if one.kind == "amendment" and one.content["previous"] != in_force:
                fail(f"leaf {index}: the rules {one.content['previous']} were not in force when they were amended")
            in_force = one.content["rules_hash"]
            if in_force not in found.rules:
                fail(f"leaf {index}: the rules {in_force} are not there")
            begins.append((index, in_force))
        elif one.kind == "result" and one.content["rules_hash"] != in_force:
            fail(f"leaf {index}: the result is by the rules {one.content['rules_hash']}; in force are {in_force}")
    for name in found.rules.keys() - {name for _, name in begins}:
        fail(f"rules/{name}.json were never in force")
    _check_fields(found, begins)


def _check_fields(found: Findings, begins: list[tuple[int, str]]) -> None:
    fields = [
        (index, {"slot", "version"} | {f"mark/{leaf.id}" for leaf in found.rules[name].leaves})
        for index, name in begins
    ]
    for index, leaf in found.story.sheets:
        while len(fields) > 1 and fields[1][0] < index:
            fields.pop(0)
        if leaf.fields is None or leaf.fields.keys() != fields[0][1]:
            fail(f"leaf {index}: the sheet has other fields than the rules ask for")
    for index, leaf in found.story.events:
        if leaf.fields is None or leaf.fields.keys() != {"event"}:
            fail(f"leaf {index}: the event has other fields than an event has")


class _Order:
    """Walks the statements and says which comes where it must not."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.seen: dict[str, int] = {}  # the last leaf of each kind
        self.entries: set[str] = set()
        self.slots: dict[str, str] = {}
        self.replaced: set[str] = set()

    def check(self) -> None:
        story = self.found.story
        if not story.statements or story.statements[0][0] != 0 or story.statements[0][1].kind != "freeze":
            fail("leaf 0: the log does not begin with the rules")
        steps: Mapping[str, Callable[[int, Statement], None]] = {
            "freeze": self._freeze,
            "entries": self._entries,
            "panel": self._before_close,
            "slots": self._slots,
            "close": self._close,
            "seed": self._seed,
            "result": self._result,
            "forgotten": self._forgotten,
        }
        for index, one in story.statements:
            step = steps.get(one.kind)
            if step is not None:
                step(index, one)
            self.seen[one.kind] = index
        self._after_close()
        if self.slots and (lost := set(self.slots.values()) - self.entries):
            fail(f"there are slots of {min(lost)!r}, who does not take part")

    def _freeze(self, index: int, one: Statement) -> None:
        if index:
            fail(f"leaf {index}: the rules are frozen a second time")
        keys = [VerifierKey.parse(text) for text in one.content["auditors"]]
        if any(key.kind != COSIGNATURE for key in keys):
            fail("leaf 0: the key of an auditor is not one for cosignatures")

    def _entries(self, index: int, one: Statement) -> None:
        if self.seen.get("close", index) < index and self.seen.get("amendment", -1) < self.seen["close"]:
            fail(f"leaf {index}: entries change after the close without an amendment")
        self.entries = {row["id"] for row in one.content["entries"]}
        strangers = {row[0] for row in one.content["reported"]} - self.entries
        if strangers:
            fail(f"leaf {index}: numbers are reported of {min(strangers)!r}, who does not take part")

    def _before_close(self, index: int, one: Statement) -> None:
        if "close" in self.seen:
            fail(f"leaf {index}: a {one.kind} comes after the close")

    def _slots(self, index: int, one: Statement) -> None:
        self._before_close(index, one)
        added: dict[str, str] = {slot: entry for slot, entry, _hidden in one.content["slots"]}
        for slot, entry in added.items():
            if slot in self.slots:
                fail(f"leaf {index}: slot {slot} was used before")
            if entry not in self.entries:
                fail(f"leaf {index}: slot {slot} is for {entry!r}, who does not take part")
        for slot, old, _reason in one.content["replaces"]:
            if slot not in added or old not in self.slots or old in self.replaced or self.slots[old] != added[slot]:
                fail(f"leaf {index}: slot {slot} cannot take the place of {old}")
            self.replaced.add(old)
        self.slots |= added

    def _close(self, index: int, one: Statement) -> None:
        if "close" in self.seen:
            fail(f"leaf {index}: the round is closed a second time")

    def _seed(self, index: int, one: Statement) -> None:
        if "close" not in self.seen or "seed" in self.seen or self._source()["kind"] != "beacon":
            fail(f"leaf {index}: a seed is drawn where none may be")

    def _result(self, index: int, one: Statement) -> None:
        if "close" not in self.seen:
            fail(f"leaf {index}: a result comes before the close")
        if self._source()["kind"] == "beacon" and "seed" not in self.seen:
            fail(f"leaf {index}: a result comes before the seed")
        if "result" in self.seen and self.seen.get("amendment", -1) < self.seen["result"]:
            fail(f"leaf {index}: a second result without an amendment that says why")

    def _forgotten(self, index: int, one: Statement) -> None:
        if "result" not in self.seen:
            fail(f"leaf {index}: the openings were forgotten before there was a result")

    def _after_close(self) -> None:
        close = self.seen.get("close")
        late = [index for index, _leaf in self.found.story.sheets if close is not None and index > close]
        if late:
            fail(f"leaf {late[0]}: a sheet was submitted after the close")

    def _source(self) -> Mapping[str, Any]:
        source: Mapping[str, Any] = self.found.story.statements[0][1].content["seed"]
        return source
