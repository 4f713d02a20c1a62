"""Votes that were tampered with by whoever holds the log's key, and makes everything fit but what cannot fit."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from simsa.rules import parse
from tests.record.bundles_by_hand import Book
from tests.record.forgeries import SOME, Damage, add, after, content, drop, plain, resigned, state, swap
from tests.record.rounds_by_hand import VOTED, scored, vote_numbers, with_vote
from tests.rules.small import changed

VOTE_TABLE = VOTED[VOTED.index("[vote]") : VOTED.index('[[criterion]]\nid = "citizens"')]
POINTS, NAMED, COUNTED = "vote_points", "vote_named", "vote_ballots"


def ballots(change: Callable[[list[Any]], Any], tier: str = "public") -> bytes:
    """The file alone."""
    return content("ballots.json", change, "voted", tier)


def forged(change: Callable[[Book], Any], tier: str = "public", *, numbers: bool = True, **more: Any) -> bytes:
    """Ballots changed after they were sealed, with a statement that fits; `numbers`: with numbers that fit."""
    book: list[Book] = []

    def before(one: Book) -> None:
        book.append(one)
        change(one)

    def reported(rows: list[list[str]]) -> None:
        if numbers:
            rows[:] = vote_numbers(book[0])

    return with_vote(change=before, reported=reported, **more).bundle(tier)


def set_says(book: Book, n: int, says: list[list[str]]) -> None:
    book.ballots[n][2] = says


def set_counts(book: Book, n: int, counts: bool) -> None:
    book.ballots[n][1] = counts


def reported(change: Callable[[list[list[str]]], Any], tier: str = "public") -> bytes:
    """Numbers that the ballots do not give."""
    return with_vote(reported=change).bundle(tier)


def raised(field: str, by: int = 1) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        row = next(one for one in rows if one[2] == field)
        row[3] = str(int(row[3]) + by)

    return change


def moved(rows: list[list[str]]) -> None:
    """Points of one entry given to another: their sum is the same."""
    mine, yours = [row for row in rows if row[2] == POINTS][:2]
    mine[3], yours[3] = yours[3], mine[3]


def elsewhere(rows: list[list[str]]) -> None:
    """A number of the vote at a criterion, too."""
    rows.append(["a0", "citizens", POINTS, "99"])


def other_rules(old: str, new: str) -> bytes:
    """The rules of the vote changed after it was counted."""
    book = with_vote()
    book.amend(parse(changed(old, new, VOTED)))
    return book.bundle()


def uncounted_numbers() -> bytes:
    """Numbers of a vote, and nobody counted one."""
    return scored(parse(VOTED), 14, reported=[["a0", "", POINTS, "3"]]).bundle()


def counted(**changes: Any) -> dict[str, Any]:
    return {"entries": ["a0"], "ballots": 0, "counted": 0, "asides": [], "sha256": SOME, **changes}


def vote(change: Callable[[dict[str, Any]], Any], tier: str = "public") -> bytes:
    """What the statement says."""
    return state("vote", change, "voted", tier)


STRANGE: tuple[tuple[str, list[list[str]]], ...] = (
    ("four places", [["a0", "3"], ["a1", "2"], ["a2", "1"], ["a3", "0"]]),
    ("nobody", []),
    ("an entry twice", [["a0", "3"], ["a0", "2"]]),
    ("an entry that is not on it", [["b5", "3"]]),
    ("a stranger", [["zz", "3"]]),
    ("other points", [["a0", "2"]]),
    ("points in another order", [["a0", "2"], ["a1", "3"]]),
    ("half a point more", [["a0", "3.5"]]),
)
"""Ballots that nobody can fill in."""


def stuffed(says: list[list[str]]) -> Callable[[Book], None]:
    return lambda book: set_says(book, 0, says)


def doubled(book: Book) -> None:
    book.ballots.append(copy.deepcopy(book.ballots[0]))


def added(book: Book) -> None:
    book.ballot([["b4", "3"]])


BALLOTS: list[tuple[str, Damage]] = [
    ("a ballot dropped", lambda: ballots(lambda rows: rows.pop())),
    ("a ballot doubled", lambda: ballots(lambda rows: rows.append(rows[0]))),
    ("a ballot changed", lambda: ballots(lambda rows: rows[0].__setitem__(2, [["b4", "3"]]))),
    ("ballots in another order", lambda: ballots(swap)),
    ("a ballot that counts after all", lambda: ballots(lambda rows: [row.__setitem__(1, True) for row in rows])),
    ("commitments exchanged", lambda: ballots(lambda rows: [rows[0].__setitem__(0, rows[1][0])])),
    ("dropped, and the numbers stay", lambda: forged(lambda book: book.ballots.pop(0), numbers=False)),
    ("added, and the numbers stay", lambda: forged(added, numbers=False)),
    ("changed, and the numbers stay", lambda: forged(stuffed([["b4", "3"]]), numbers=False)),
    ("doubled, and the numbers follow", lambda: forged(doubled)),
    ("put aside, and nothing says so", lambda: forged(lambda book: set_counts(book, 0, False))),
    ("released, and nothing says so", lambda: forged(lambda book: set_counts(book, 4, True))),
    ("no ballots aside", lambda: with_vote(asides=[]).bundle()),
    *((f"a ballot of {what}", lambda says=says: forged(stuffed(says), numbers=False)) for what, says in STRANGE),
    ("a point more", lambda: reported(raised(POINTS))),
    ("named once more", lambda: reported(raised(NAMED))),
    ("a ballot more in the count", lambda: reported(raised(COUNTED))),
    ("points of another", lambda: reported(moved)),
    ("points at a criterion", lambda: reported(elsewhere)),
    ("no numbers of an entry", lambda: reported(lambda rows: rows.pop())),
    ("no numbers at all", lambda: reported(lambda rows: rows.clear())),
    ("another number of ballots", lambda: vote(lambda said: said.update(ballots=said["ballots"] + 1))),
    ("another number that count", lambda: vote(lambda said: said.update(counted=said["counted"] - 1))),
    ("a bundle of other ballots", lambda: vote(lambda said: said.update(sha256=SOME))),
    ("an entry less on the ballot", lambda: vote(lambda said: said["entries"].pop(0))),
    ("a stranger on the ballot", lambda: vote(lambda said: said["entries"].append("zz"))),
    ("points that were changed later", lambda: other_rules("max = 3", "max = 4")),
    ("no vote in later rules", lambda: other_rules(VOTE_TABLE, "")),
    ("a vote that the rules do not have", lambda: after(plain("open"), ("vote", counted()))),
    ("numbers that were not counted", uncounted_numbers),
]  # fmt: skip
"""What the check of the ballots has to refuse, in the public tier already."""

STATED: list[tuple[str, Damage]] = [
    ("a second count", lambda: after(with_vote(), ("vote", counted()))),
    ("a count after the close", lambda: after(plain("close"), ("vote", counted()))),
    ("a count without its digest", lambda: vote(lambda said: said.pop("sha256"))),
    ("half a ballot", lambda: vote(lambda said: said.update(ballots="5"))),
    ("an aside without a kind", lambda: vote(lambda said: said["asides"][0].__setitem__(0, ""))),
    ("an aside that may count", lambda: vote(lambda said: said["asides"][0].__setitem__(2, 1))),
    ("entries in another order", lambda: vote(lambda said: said["entries"].reverse())),
    ("ballots without a count", lambda: resigned(add("ballots.json", b"[]"), "plain", "public")),
    ("sealed ballots without a count", lambda: resigned(add("openings/ballots.json", b"[]"))),
    ("no ballots for auditors", lambda: resigned(drop("ballots.json"), "voted")),
    ("no batches for auditors", lambda: resigned(drop("openings/ballots.json"), "voted")),
]
"""What is out of its place or shape."""


def batches(change: Callable[[list[Any]], Any]) -> bytes:
    return content("openings/ballots.json", change, "voted")


OPENED: list[tuple[str, Damage]] = [
    ("a ballot dropped after it was sealed", lambda: forged(lambda book: book.ballots.pop(0), "full")),
    ("a ballot added without a seal", lambda: forged(added, "full")),
    ("a ballot for another", lambda: forged(lambda book: (book.ballots.pop(0), added(book)), "full")),
    ("a batch less", lambda: batches(lambda rows: rows.pop())),
    ("a sealed ballot less", lambda: batches(lambda rows: rows[0][1].pop())),
    ("sealed ballots in another order", lambda: batches(lambda rows: rows[1][1].reverse())),
    ("another leaf", lambda: batches(lambda rows: rows[0].__setitem__(0, rows[0][0] - 1))),
    ("batches in another order", lambda: batches(swap)),
    ("ballots sealed after the count", lambda: with_vote(late=True).bundle("full")),
]
"""What auditors are told beyond that."""
