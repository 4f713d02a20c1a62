"""Whole rounds in a `Book`: what a verifier has to accept, one for each thing that the format knows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from simsa.rules import Rules, parse
from tests.record.bundles_by_hand import RECUSED, Book, Key, Marks
from tests.rules.complete import BY_NUMBERS
from tests.rules.small import OFFICIAL, SMALL, changed, voted

Tamper = Callable[[str, dict[str, Any]], None] | None

PLAIN = SMALL.replace("size = 4\n", "")
TIED = changed(
    'criterion = "work"',
    'criterion = "work"\nprefer = "lower"\n\n[[tie_break]]\ncriterion = "total"\nexact = true',
    PLAIN,
)
LOTTERY = changed("[missing]", '[lottery]\nconfidence = "0.9"\ndraws = 1000\n\n[missing]', PLAIN)
CALIBRATED = changed("[missing]", OFFICIAL, PLAIN.replace('"trimmed_mean", drop_high = 1, drop_low = 1', '"mean"'))

VOTED = voted(PLAIN)
SAID = (
    [["a0", "3"], ["b1", "2"], ["b2", "1"]],
    [["a0", "3"], ["a1", "2"]],
    [["b1", "3"]],
    [["b2", "3"], ["b1", "2"], ["a3", "1"]],
    [["a2", "3"]],
)
"""What five ballots say, three places each."""

INDICATORS = """
simsa_rules = 1
[round]
id = "fiscal.2013"
name = { ko = "재정", en = "Fiscal" }
time_zone = "UTC"
language = "en"
rank_by = "final"
[each_group]
name = "each"
quota = { share = "0.5", rounding = "half_up" }
reserve = 1
award_floor = "20"
no_award = true
[missing]
not_submitted = { value = "1" }
not_applicable = "leave_out"
abstained = "no_result"
recused = "leave_out"
[[criterion]]
id = "total"
combine = { method = "mean" }
[[criterion]]
id = "final"
combine = { method = "weighted_sum", weights_sum = "2", round = { places = 3, mode = "down" } }
factor = { by_group = { big = "1.5", "*" = 1 } }
round = { places = 1, mode = "half_even" }
at_most = "110.25"
[[criterion]]
id = "ranked"
parent = "final"
weight = "0.5"
indicator = { method = "rank", field = "tax", better = "lower", ties = "best", points = { min = 10, max = 90 } }
missing = { not_submitted = "no_result" }
[[criterion]]
id = "line"
parent = "final"
weight = "0.5"
indicator = { method = "linear", field = "debt", worst = 30, best = "-2.5", points = { min = 0, max = 70 } }
[[criterion]]
id = "marks"
parent = "final"
weight = 1
combine = { method = "max" }
panel = { method = "consensus", spread = "1", otherwise = "median", minimum = 2, below_minimum = "mean" }
factor = { field = "difficulty", allowed = ["1", "1.2"] }
[[criterion]]
id = "m1"
parent = "marks"
scale = { min = 0, max = 20, step = "0.1" }
[[criterion]]
id = "m2"
parent = "marks"
scale = { min = 0, max = 20, step = "0.1" }
factor = "0.9"
round = { places = 1 }
[[criterion]]
id = "reported"
parent = "total"
indicator = { method = "reported", field = "staff" }
[[adjustment]]
id = "late"
name = "late"
kind = "deduction"
criterion = "final"
field = "days"
each = "0.7"
cap = 3
missing = "none"
[[adjustment]]
id = "green"
name = "green"
kind = "bonus"
criterion = "final"
field = "green"
each = 1
missing = "none"
round = { places = 0 }
[adjustment_caps]
bonus = "2"
[[threshold]]
criterion = "line"
at_least = "1"
groups = ["big"]
[[tie_break]]
criterion = "reported"
prefer = "lower"
[[tie_break]]
lot = true
"""

ONLY_NUMBERS = """
simsa_rules = 1
round = { id = "numbers", name = "numbers", time_zone = "UTC" }
[[group]]
id = "a"
quota = { best = true }
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
indicator = { method = "rank", field = "tax" }
[[tie_break]]
lot = true
"""

GROUPS = {**{f"a{n}": "a" for n in range(4)}, **{f"b{n}": "b" for n in range(6)}}
PANEL = ["r1", "r2", "r3", "r4", "r5"]


def marks_of(rules: Rules, wild: random.Random, *, few: bool = False) -> Marks:
    """On the scales; with `few` values, so that there are ties."""
    found = {}
    for leaf in rules.leaves:
        assert leaf.scale
        steps = int((leaf.scale.max - leaf.scale.min) / leaf.scale.step)
        step = wild.choice([0, steps // 2, steps]) if few else wild.randint(0, steps)
        mark = leaf.scale.min + step * leaf.scale.step
        found[leaf.id] = f"{float(mark):.10g}"
    return found


def scored(
    rules: Rules,
    number: int = 0,
    *,
    seed: dict[str, str] | None = None,
    groups: dict[str, str] | None = None,
    panel: Sequence[str] = PANEL,
    each: int = 3,
    few: bool = False,
    synthetic: str = "",
    reported: Sequence[Sequence[str]] = (),
    tamper: Tamper = None,
    auditors: Sequence[Key] = (),
    until: str = "result",
) -> Book:
    """A round up to its `until`: `open` (sheets are coming in), `close` or `result`.

    One slot is missing, one recused, one replaced after it had a sheet, one has two versions.
    """
    book, wild = Book(rules, number, tamper), random.Random(number)
    book.freeze(seed or {"kind": "beacon", "source": "a lottery"}, synthetic, auditors)
    book.event("opened")
    groups = GROUPS if groups is None else groups
    book.enter(groups, reported)
    entries = sorted(groups)
    conflict = (entries[0], panel[-1])
    book.seat(panel, [conflict])
    if rules.leaves:
        fill(book, wild, entries, panel, each, few)
    if until == "open":
        return book
    book.close()
    if book.frozen_seed["kind"] == "beacon":
        book.draw_seed()
    if until == "result":
        book.announce()
    return book


def fill(book: Book, wild: random.Random, entries: Sequence[str], panel: Sequence[str], each: int, few: bool) -> None:
    rules = book.rules
    pairs = [(entry, panel[(n + k) % (len(panel) - 1)]) for n, entry in enumerate(entries) for k in range(each)]
    slots = book.assign(pairs)
    blank = dict.fromkeys((leaf.id for leaf in rules.leaves), RECUSED)
    for slot in slots[:-1]:
        book.sheet(slot, blank if slot == slots[each] else marks_of(rules, wild, few=few))
    book.sheet(slots[0], marks_of(rules, wild, few=few))
    book.event("reminded", {"to": "r1", "text": 'a "quote", a \\ and a \n, 한글 😀', "n": [1, -2, True, None]})
    entry = book.slots[slots[1]][0]
    fresh = (entry, next(who for who in panel if (entry, who) not in pairs))
    new = book.assign([fresh], {fresh: slots[1]})
    if fresh == (entries[0], panel[-1]):  # they are in conflict
        book.sheet(new[0], blank)
    else:
        book.sheet(new[0], marks_of(rules, wild, few=few))


def rotated(tamper: Tamper = None) -> Book:
    book = scored(parse(PLAIN), 5, until="open", tamper=tamper)
    book.checkpoint()
    book.rotate()
    book.event("new key")
    book.checkpoint()
    book.rotate()
    book.close()
    book.draw_seed()
    book.announce()
    return book


def amended(tamper: Tamper = None) -> Book:
    """After a first result other rules and other entries make a second one."""
    book = scored(parse(PLAIN), 6, tamper=tamper)
    book.amend(parse(changed("quota = 2", "quota = 3", PLAIN)))
    book.enter({**GROUPS, "a9": "a"})
    book.announce()
    return book


def numbers(tamper: Tamper = None) -> Book:
    return scored(
        parse(ONLY_NUMBERS),
        7,
        seed={"kind": "none"},
        groups={"x": "a", "y": "a", "z": "a"},
        reported=[["x", "", "tax", "1/3"], ["x", "total", "tax", "1"], ["y", "", "tax", "-0.5"]],
        tamper=tamper,
    )


def indicators(tamper: Tamper = None) -> Book:
    groups = {f"e{n}": "big" if n < 5 else "작은" for n in range(8)}
    wild = random.Random(8)
    rows = [
        ["e0", "ranked", "tax", "5"],
        ["e1", "", "green", "3.4"],
        ["e2", "", "days", "9"],
        ["e3", "final", "days", "1"],
    ]
    for entry in groups:
        rows += [[entry, "", "difficulty", wild.choice(["1", "1.2"])]]
        rows += [[entry, "", "tax", str(wild.randint(0, 3))], [entry, "", "debt", str(wild.randint(-5, 40))]]
        rows += [[entry, "", "staff", str(wild.randint(1, 3))]] if entry != "e7" else []
    return scored(
        parse(INDICATORS), 8, seed={"kind": "given", "value": "씨앗"}, groups=groups, reported=rows,
        synthetic="made up\nfor  a test", tamper=tamper,
    )  # fmt: skip


def computed(tamper: Tamper = None) -> Book:
    """Percentile, target, steps and formulas; something is not reported, and something divides by zero."""
    rows = []
    for n, spent in enumerate(["97", "98.5", "120", "1/3", "-2"]):
        numbers = {"집행률(%)": str(n % 2), "spent": spent, "planned": str(100 * (n % 4)), "days": str(n), "usd": "7"}
        rows += [[f"e{n}", "", field, number] for field, number in numbers.items() if (n, field) != (2, "days")]
    groups = {f"e{n}": "a" for n in range(5)}
    return scored(parse(BY_NUMBERS), 13, seed={"kind": "none"}, groups=groups, reported=rows, tamper=tamper)


def forgotten(tamper: Tamper = None) -> Book:
    book = scored(parse(PLAIN), 9, tamper=tamper)
    book.forgotten = True
    book.state("forgotten", what="openings", reason="the appeal period is over")
    return book


WITNESS = Key("witness.example", 1, 4)


def countersigned(tamper: Tamper = None) -> Book:
    return scored(parse(PLAIN), 10, auditors=[WITNESS, Key("auditor.example", 2, 4)], tamper=tamper)


def many(tamper: Tamper = None) -> Book:
    """More leaves than a tile holds, and ties that lots decide."""
    groups = {f"b{n:03d}": "b" for n in range(70)}
    return scored(parse(TIED), 11, groups=groups, each=4, few=True, tamper=tamper)


def with_vote(
    tamper: Tamper = None,
    *,
    text: str = VOTED,
    says: Sequence[Sequence[Sequence[str]]] = SAID,
    change: Callable[[Book], Any] = lambda book: None,
    reported: Callable[[list[list[str]]], Any] = lambda rows: None,
    asides: Sequence[Sequence[Any]] = (["burst", 2, True], ["device", 1, False]),
    late: bool = False,
) -> Book:
    """A round with a vote: the last ballot was put aside. `change` is made between the sealing and the count; `late`:
    ballots are sealed after it."""
    book = scored(parse(text), 14, until="open", tamper=tamper)
    for one in says:
        book.ballot(one, counts=one is not says[-1])
    own = [row[0] for row in book.ballots]
    book.seal(own[:2])
    if not late:
        book.seal(own[2:])
    numbers = vote_numbers(book)
    change(book)
    book.count_vote(sorted(GROUPS)[:-1], asides)
    if late:
        book.seal(own[2:])
    book.amend()
    reported(numbers)
    book.enter(GROUPS, numbers)
    book.close()
    book.draw_seed()
    book.announce()
    return book


def vote_numbers(book: Book) -> list[list[str]]:
    """What the count reports, of ballots that give whole points."""
    counting = [says for _own, counts, says in book.ballots if counts]
    rows = []
    for entry in GROUPS:
        given = [int(points) for says in counting for who, points in says if who == entry]
        numbers = {"vote_points": sum(given), "vote_named": len(given), "vote_ballots": len(counting)}
        rows += [[entry, "", field, str(number)] for field, number in numbers.items()]
    return rows


ROUNDS: dict[str, Callable[..., Book]] = {
    "plain": lambda tamper=None: scored(parse(PLAIN), 1, tamper=tamper),
    "tied": lambda tamper=None: scored(parse(TIED), 2, few=True, tamper=tamper),
    "lottery": lambda tamper=None: scored(parse(LOTTERY), 3, tamper=tamper),
    "calibrated": lambda tamper=None: scored(parse(CALIBRATED), 4, tamper=tamper),
    "rotated": rotated,
    "amended": amended,
    "numbers": numbers,
    "indicators": indicators,
    "computed": computed,
    "forgotten": forgotten,
    "countersigned": countersigned,
    "many": many,
    "voted": with_vote,
}
