"""Small rounds of every sort, each run through a record in a folder to some point, and the bundles of it.

The same seed gives the same bytes: what is random in a record is drawn from a generator here (`chance`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from random import Random
from unittest.mock import patch

from simsa.engine.calibration import CalibrationError
from simsa.engine.inputs import Entries, InputError, Reported
from simsa.record import statements
from simsa.record.ballots import BallotReceipt
from simsa.record.bundle import Contents, write_bundle
from simsa.record.folder import Record
from simsa.record.notes import COSIGNATURE, PLAIN, SigningKey
from simsa.record.policy import Policy
from simsa.record.receipts import Receipt
from simsa.rules import Levels, Missing, Rules, decimal_text
from tests.record.drawn_rules import GROUPS, KINDS, drawn_rules
from tests.record.votes import Votes

ORIGIN = "record.example/2026-1"
STAGES = ("result", "result", "result", "second result", "open", "closed", "amended", "forgotten")
"""How far a round has come: `amended` has an amendment after its result, and no new result yet."""
BEACON = "the lottery draw of 5 December 2026"
NOW = 1_790_000_000
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""No disk has to turn for every transaction of a round that is thrown away."""


@dataclass(frozen=True)
class Drawn:
    """A round's bundles (`full`: None after forgetting), what its people hold, and what its organiser has.

    `keys`: of the log, in their order; `witnesses` cosigned the last checkpoint. `contents`: by tier, what the bundles
    are made of. `known`: codes of reviewers, which the public must not learn.
    """

    name: str
    stage: str
    rules: Rules
    public: bytes
    full: bytes | None
    receipts: tuple[Receipt | BallotReceipt, ...]
    keys: tuple[SigningKey, ...]
    witnesses: tuple[SigningKey, ...]
    contents: tuple[Contents, ...]
    known: tuple[str, ...]

    @property
    def bundles(self) -> Iterator[tuple[str, bytes]]:
        yield f"{self.name} public", self.public
        if self.full is not None:
            yield f"{self.name} full", self.full

    @property
    def policy(self) -> Policy:
        """That one of the witnesses cosigned."""
        lines = [f"witness w{n} {key.verifier}" for n, key in enumerate(self.witnesses)]
        names = " ".join(f"w{n}" for n in range(len(lines)))
        return Policy.parse("\n".join([*lines, f"group all 1 {names}", "quorum all"]))

    @property
    def named(self) -> list[tuple[str, Receipt | BallotReceipt]]:
        """The receipts as the verifier takes them."""
        return [(f"receipt {n}", one) for n, one in enumerate(self.receipts)]


def bundles(seed: int, number: int) -> Iterator[tuple[str, bytes, tuple[Receipt | BallotReceipt, ...]]]:
    """Name, bytes and receipts of so many bundles, the same for the same seed."""
    found = 0
    for n in count(seed):
        drawn = drawn_round(n)
        for name, data in drawn.bundles:
            yield name, data, drawn.receipts
            found += 1
            if found == number:
                return


def drawn_round(seed: int, *, kind: str = "", stage: str = "", witnessed: bool | None = None) -> Drawn:
    """One round; what is not named is drawn: a kind of rules, a stage, whether witnesses saw the last checkpoint."""
    for attempt in count():
        rng = Random(f"{seed}/{attempt}")
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder, chance(rng):
            try:
                played = play(Path(folder), rng, kind=kind, stage=stage)
            except (InputError, CalibrationError):
                continue  # the drawn rules give no result for the drawn marks: another draw
            try:
                return played.drawn(f"round {seed}", rng.random() < 0.4 if witnessed is None else witnessed)
            finally:
                played.record.stop()
    raise AssertionError


@contextmanager
def chance(rng: Random, log: Random | None = None) -> Iterator[None]:
    """Secrets, keys and the order of batches come from generators. `log`: one apart for the order of batches."""

    def key(name: str, kind: int = PLAIN) -> SigningKey:
        return SigningKey(name, kind, rng.randbytes(32))

    with (
        patch("secrets.token_bytes", rng.randbytes),
        patch("secrets.token_hex", lambda n: rng.randbytes(n).hex()),
        patch("simsa.record.log._CHANCE", log or rng),
        patch("simsa.record.log.time.time", lambda: NOW),
        patch.object(SigningKey, "new", key),
    ):
        yield


@dataclass
class Played:
    """A round under way: its record, and what the people around it keep."""

    record: Record
    rng: Random
    stage: str
    keys: list[SigningKey]
    entries: Entries
    names: dict[str, dict[str, str]]
    witnesses: list[SigningKey]
    codes: list[str]
    conflicts: set[tuple[str, str]] = field(default_factory=set)
    receipts: list[Receipt | BallotReceipt] = field(default_factory=list)
    votes: Votes = field(default_factory=Votes)

    def drawn(self, name: str, witnessed: bool) -> Drawn:
        if witnessed:
            self.cosign()
        record = self.record
        contents = [record.contents("public", sheets=self.rng.random() < 0.8)]
        if self.stage != "forgotten":
            contents.append(record.contents("full"))
        contents = [self.votes.shown(one, record) for one in contents]
        made = [write_bundle(one, record.key) for one in contents]
        return Drawn(
            name,
            self.stage,
            record.rules,
            made[0],
            made[1] if len(made) > 1 else None,
            tuple(self.receipts),
            tuple(self.keys),
            tuple(self.witnesses) if witnessed else (),
            tuple(contents),
            tuple(self.codes),
        )

    def cosign(self) -> None:
        """The witnesses see the log as it is now."""
        last = self.record.database.checkpoint()
        assert last is not None
        for n, key in enumerate(self.witnesses):
            self.record.cosign(last.cosigned(key, NOW + n), [key.verifier])
            last = self.record.database.checkpoint()
            assert last is not None

    def rotate(self) -> None:
        self.record.rotate()
        self.keys.append(self.record.key)

    def enter(self) -> None:
        numbers = reported(self.rng, self.entries)
        self.record.enter(self.entries, self.names, self.votes.with_numbers(numbers, self.entries))

    def submit(self, slot: str, recuse: bool = False) -> None:
        receipt = self.record.submit(slot, marks(self.rng, self.record.rules, recuse))
        if self.rng.random() < 0.1:
            self.receipts.append(receipt)  # the promise is all that this one kept

    def conclude(self) -> None:
        self.record.conclude()
        if self.rng.random() < 0.3:
            self.cosign()

    def keep_receipts(self) -> None:
        """Receipts of the last versions, and of what else was done."""
        self.receipts += self.record.receipts()
        events = self.record.database.rows("select hash from openings where kind = 'event' order by hash")
        own = [self.record.receipt(hash_) for (hash_,) in events]
        self.receipts += [*own, *self.votes.receipts(self.record, own)]


def play(path: Path, rng: Random, *, kind: str = "", stage: str = "") -> Played:
    """Run a round in the folder. InputError, CalibrationError where the rules drawn give no result."""
    stage = stage or rng.choice(STAGES)
    rules = drawn_rules(rng, kind or rng.choice(KINDS))
    sources = [statements.given("7 · 42 · 19"), statements.beacon(BEACON), statements.beacon(BEACON)]
    if rules.lottery is None:
        sources.append(statements.NO_SEED)
    witnesses = [SigningKey.new(f"witness.example/{n}", COSIGNATURE) for n in range(rng.randint(1, 2))]
    auditors = [SigningKey.new("auditor.example", COSIGNATURE).verifier, witnesses[0].verifier][: rng.choice([0, 0, 2])]
    note = rng.choice(["", "", "drawn by tests\nof simsa", "시험용 자료"])
    record = Record.create(path, rules, ORIGIN, seed=rng.choice(sources), synthetic=note, auditors=auditors)
    ids = [f"{rng.choice(['기관', 'org', 'Ä'])}-{n}" for n in range(1, rng.randint(5, 9))]
    names = {key: _name(rng, key) for key in ids}
    entries = Entries(tuple(ids), tuple(rng.choice(GROUPS) for _ in ids))
    codes = [f"panellist-{n}-김" for n in range(rng.randint(5, 6))]
    played = Played(record, rng, stage, [record.key], entries, names, witnesses, codes)
    played.enter()
    early = rules.vote is not None and rng.random() < 0.4
    if early:
        _vote(played)
    _assign(played)
    _score(played)
    if rules.vote is not None and not early and (stage != "open" or rng.random() < 0.5):
        _vote(played)
    record.sequence()
    if stage == "open":
        played.keep_receipts()
    else:
        _decide(played)
    return played


def _assign(played: Played) -> None:
    record, rng = played.record, played.rng
    pairs = [(entry, code) for entry in played.entries.ids for code in rng.sample(played.codes, rng.randint(2, 3))]
    free = [(entry, code) for entry in played.entries.ids for code in played.codes if (entry, code) not in pairs]
    played.conflicts = {*rng.sample(free, min(2, len(free))), *([pairs[0]] if rng.random() < 0.3 else [])}
    half = rng.choice([len(pairs), len(pairs) // 2])
    record.seat(played.codes[:3], played.conflicts)
    record.seat(played.codes[3:])
    record.assign(pairs[:half])
    if rng.random() < 0.3:
        played.enter()  # a number was corrected
    if pairs[half:]:
        record.assign(pairs[half:])


def _score(played: Played) -> None:
    """What happens while the round is open, in random order."""
    record, rng = played.record, played.rng
    steps: list[tuple[str, str]] = []
    for one in record.slots:
        share = rng.random()
        if (one.entry, one.reviewer) in played.conflicts or share > 0.9:
            steps.append(("recuse", one.slot))
        elif share < 0.85:
            steps += [("sheet", one.slot)] * (1 + (share < 0.15))
    for name in ("replace", "replace", "rotate", "cosign", "event", "event"):
        steps += [(name, "")] if rng.random() < 0.4 else []
    steps += [("sequence", "")] * rng.randint(1, 4)
    rng.shuffle(steps)
    for name, slot in steps:
        if name in ("sheet", "recuse"):
            played.submit(slot, recuse=name == "recuse")
        elif name == "replace":
            _replace(played)
        elif name == "rotate":
            played.rotate()
        elif name == "cosign":
            played.cosign()
        elif name == "event":
            payload = {"n": rng.randint(0, 9)}
            record.note({"actor": "clerk-7", "at": "2026-11-28T09:00:00Z", "verb": "열람", "payload": payload})
        else:
            record.sequence()


def _vote(played: Played) -> None:
    """People vote, their ballots are sealed, the vote is counted and the entries stated with its numbers."""
    played.votes.hold(played.record, played.rng, played.entries)
    if played.record.story.sheets:
        played.record.amend("the vote was counted / 집계")
    played.enter()


def _replace(played: Played) -> None:
    """Somebody else takes over a slot, with or without a sheet; the new one may be scored or not."""
    record, rng = played.record, played.rng
    slots = record.slots
    gone = {one.replaces for one in slots}
    old = rng.choice([one for one in slots if one.slot not in gone])
    taken = {one.reviewer for one in slots if one.entry == old.entry}
    free = [code for code in played.codes if code not in taken]
    if not free or old.replaces:
        return
    pair = (old.entry, rng.choice(free))
    if pair in played.conflicts:
        return
    record.assign([pair], {pair: (old.slot, rng.choice(["ill", "이해충돌 (회피)"]))})
    if rng.random() < 0.7:
        played.submit(next(one.slot for one in record.slots if one.replaces == old.slot))


def _decide(played: Played) -> None:
    record, rng, stage = played.record, played.rng, played.stage
    record.close()
    if rng.random() < 0.3:
        played.rotate()
    beacon = record.story.statements[0][1].content["seed"]["kind"] == "beacon"
    if beacon and (stage != "closed" or rng.random() < 0.5):
        record.draw("3 11 19 27 40 44")
    if stage != "closed":
        played.conclude()
    if stage in ("second result", "amended"):
        record.amend("a number was corrected / 정정", rng.choice([None, other_rules(record.rules)]))
        if rng.random() < 0.5:
            played.enter()
    if stage == "second result":
        played.conclude()
    played.keep_receipts()
    if stage == "forgotten":
        record.forget("이의신청 기간이 끝났다")


def other_rules(rules: Rules) -> Rules:
    """The same but for a floor below which nobody of the first group is selected."""
    first, *others = rules.groups
    return replace(rules, groups=(replace(first, award_floor=Fraction(5), no_award=True), *others))


def marks(rng: Random, rules: Rules, recuse: bool = False) -> dict[str, str]:
    """By leaf: a mark on its scale, a narrow choice so that there are ties, or a word that the rules can take."""
    if recuse:
        return {leaf.id: Missing.RECUSED.value for leaf in rules.leaves}
    found = {}
    for leaf in rules.leaves:
        words = [why.value for why in Missing if rules.effect(leaf, why).kind != "refuse"]
        numbers = leaf.scale.marks if isinstance(leaf.scale, Levels) else map(Fraction, [4, 6, 6, 8])
        found[leaf.id] = rng.choice(words) if rng.random() < 0.06 else decimal_text(rng.choice([*numbers]))
    return found


def reported(rng: Random, entries: Entries) -> Reported:
    """What indicators, factors and adjustments may ask, of the entry as a whole or at a criterion; some is missing."""
    numbers: dict[tuple[str, str, str], Fraction] = {}
    for entry in entries.ids:
        numbers[entry, rng.choice(["", "work"]), "effort"] = Fraction(rng.choice([1, 1, 2]))
        if rng.random() < 0.9:
            numbers[entry, rng.choice(["", "jobs"]), "jobs"] = Fraction(rng.choice(["3", "7.5", "12", "20/3"]))
        if rng.random() < 0.5:
            numbers[entry, "", rng.choice(["late", "late", "extra"])] = Fraction(rng.randint(1, 4))
    return Reported(numbers)


def _name(rng: Random, key: str) -> dict[str, str]:
    own, other = {"ko": f"{key}  적극행정"}, {"en": f"Work of {key}"}
    return rng.choice([own, other, own | other])
