"""Which logs and how many of which witnesses one trusts: the policy file of https://c2sp.org/tlog-policy.

policy = Policy.parse(text)
policy.met({"w.example+5f1c03a2+BHMj..."})      # whether the cosignatures of these witnesses suffice
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from .notes import COSIGNATURE, NoteError, VerifierKey

_BLANK = re.compile(r"[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_KEY = re.compile(r"[^\s+]+\+[0-9A-Fa-f]{8}\+(?P<key>[A-Za-z0-9+/]+=*)\Z")
_LEAST = re.compile(r"[1-9][0-9]{0,5}\Z", re.ASCII)
_NONE = "none"


class PolicyError(ValueError):
    """A policy that cannot be used. `faults` names every fault with its line."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Log:
    """A log by its verifier key (`name+id+key`, the text); `url` is where it may be asked."""

    key: str
    url: str | None = None


@dataclass(frozen=True)
class Witness:
    """A witness by its verifier key; `name` is its name in this policy alone."""

    name: str
    key: str
    url: str | None = None


@dataclass(frozen=True)
class WitnessGroup:
    """A group has witnessed what at least `least` of its `members` (witnesses and groups, by name) have."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Logs and witnesses that are known, and the `quorum`: the witness or group that must have witnessed, or None.

    Groups stand in an order in which each comes after its members.
    """

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[WitnessGroup, ...]
    quorum: str | None

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """The policy that a file says. PolicyError names every fault.

        Verifier keys are looked at for their shape alone; what kind of key they are is for who verifies with them.
        """
        if isinstance(text, bytes):
            text = text.decode(errors="surrogateescape")  # what is not ASCII counts as opaque octets
        reading = _Reading()
        for number, line in enumerate(text.split("\n"), 1):
            reading.number = number
            reading.line(line)
        if not reading.quorums:
            reading.faults.append("the policy has no line with its quorum (quorum NAME, or quorum none)")
        if reading.faults:
            raise PolicyError(tuple(reading.faults))
        quorum = reading.quorums[0]
        groups = tuple(reading.groups)
        return cls(tuple(reading.logs), tuple(reading.witnesses), groups, None if quorum == _NONE else quorum)

    @property
    def cosigners(self) -> dict[VerifierKey, str]:
        """The witnesses whose cosignatures can be verified here (Ed25519), and how the policy writes their keys."""
        found = {}
        for witness in self.witnesses:
            try:
                key = VerifierKey.parse(witness.key)
            except NoteError:  # another kind of signature: such a witness counts for nothing here
                continue
            if key.kind == COSIGNATURE:
                found[key] = witness.key
        return found

    def met(self, cosigned: Collection[str]) -> bool:
        """Whether cosignatures that verify under these verifier keys, written as in the policy, make its quorum."""
        witnessed = {witness.name for witness in self.witnesses if witness.key in cosigned}
        for group in self.groups:
            if len(witnessed.intersection(group.members)) >= group.least:
                witnessed.add(group.name)
        return self.quorum is None or self.quorum in witnessed


@dataclass
class _Reading:
    """What the lines so far have said. A faulty line still defines its name, so that one fault is named once."""

    number: int = 0
    faults: list[str] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[WitnessGroup] = field(default_factory=list)
    quorums: list[str] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    keys: dict[tuple[str, bytes], int] = field(default_factory=dict)
    placed: dict[str, int] = field(default_factory=dict)

    def line(self, line: str) -> None:
        if found := _CONTROL.search(line):
            self._fault(f"holds the control character {found[0]!r}; lines end in a newline alone")
            return
        match [word for word in _BLANK.split(line) if word]:
            case []:
                pass
            case [word, *_] if word.startswith("#"):
                pass
            case ["log", key, *url] if len(url) < 2:
                self._key("log", key)
                self.logs.append(Log(key, *url))
            case ["witness", name, key, *url] if len(url) < 2:
                self._name(name)
                self._key("witness", key)
                self.witnesses.append(Witness(name, key, *url))
            case ["group", name, least, *members] if members:
                self._group(name, least, tuple(members))
            case ["quorum", name]:
                self._quorum(name)
            case [word, *_]:
                self._fault(f"is not what can be said about {word!r}; {_USAGE.get(word, _WORDS)}")

    def _fault(self, what: str) -> None:
        self.faults.append(f"line {self.number}: {what}")

    def _name(self, name: str) -> None:
        if name == _NONE:
            self._fault(f"{_NONE!r} is the quorum of no witness, and the name of nothing else")
        elif self.names.setdefault(name, self.number) != self.number:
            self._fault(f"{name!r} is already the name of what line {self.names[name]} defines")

    def _key(self, kind: str, text: str) -> None:
        shape = _KEY.match(text)
        try:
            key = base64.b64decode(shape["key"], validate=True) if shape else b""
        except binascii.Error:
            key = b""
        if len(key) < 2 or (shape and base64.b64encode(key).decode() != shape["key"]):
            self._fault(f"{text!r} is no verifier key (name+8 hexadecimal digits+base64)")
            return
        first = self.keys.setdefault((kind, key[1:]), self.number)  # the first byte is the kind of signature
        if first != self.number:
            self._fault(f"has the public key of the {kind} of line {first}, under whatever name")

    def _group(self, name: str, least: str, members: tuple[str, ...]) -> None:
        count = {"any": 1, "all": len(members)}.get(least) or (int(least) if _LEAST.match(least) else 0)
        if not 1 <= count <= len(members):
            self._fault(f"{least!r} of {len(members)} is not 'any', 'all', or a number from 1 to {len(members)}")
        for member in members:
            if member == _NONE:
                self._fault(f"{_NONE!r} is no member of a group")
            elif member not in self.names:
                self._fault(f"{member!r} is no witness or group of a line above")
            elif member in self.placed:
                self._fault(f"{member!r} is already a member of the group of line {self.placed[member]}")
            self.placed.setdefault(member, self.number)
        self._name(name)
        self.groups.append(WitnessGroup(name, count, members))

    def _quorum(self, name: str) -> None:
        if name != _NONE and name not in self.names:
            self._fault(f"{name!r} is no witness or group of a line above")
        if self.quorums:
            self._fault("the policy has a quorum already")
        self.quorums.append(name)


_USAGE = {
    "log": "log KEY [URL]",
    "witness": "witness NAME KEY [URL]",
    "group": "group NAME all|any|NUMBER MEMBER...",
    "quorum": "quorum NAME",
}
_WORDS = f"a line begins with {', '.join(_USAGE)} or #"
