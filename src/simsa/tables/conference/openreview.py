"""Exports of OpenReview: notes, groups, edges and profiles as its API returns them (versions 1 and 2), as JSON.

Tables of scores (paper, profile, score) and of edges (head, tail, weight) are read as `simsa assign` reads them. A
submission is known by the id of its note, a reviewer by profile (~Given_Family1) or address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simsa.tables.affinities import read_scores
from simsa.tables.conference.gathering import Conference, Gathered, Where
from simsa.tables.conference.items import Item, as_list, is_json, read_items, text_of

_WRAPPERS = ("notes", "groups", "edges", "groupedEdges", "profiles")
_REVIEW = re.compile(r"/-/(Official_)?Review\Z")
_SUBMISSION = re.compile(r"/-/\w*Submission\Z")
_PANEL = re.compile(r"/(Reviewers|Program_Committee)\Z")
_GONE = re.compile(r"Withdrawn|Desk_Rejected|Rejected_Submission/Desk", re.IGNORECASE)
_FIELDS = ("primary_area", "track", "subject_area", "keywords")
_LEFT = {"title", "review", "summary", "comment"}
_AFFINITIES = ("Affinity_Score", "Aggregate_Score")
_ASSIGNMENTS = ("Assignment", "Proposed_Assignment")


def read_openreview(paths: Sequence[str | Path]) -> Conference:
    """The exports in these files together. RowsError names every row that cannot be used, TableError a file."""
    reading = _Reading(Gathered("openreview"))
    for path in paths:
        if is_json(path):
            for where, item in read_items(path, _WRAPPERS):
                reading.item(where, item)
        else:
            reading.scores(path)
    return reading.conference()


class _Reading:
    """Reviews wait for the groups that say who their authors are, whatever the order of the files."""

    def __init__(self, found: Gathered) -> None:
        self.found = found
        self.members: dict[str, tuple[str, ...]] = {}
        self.reviews: list[tuple[Where, Item]] = []

    def item(self, where: Where, item: Item) -> None:
        if "head" in item and "tail" in item:
            self.edge(where, item)
        elif isinstance(item.get("values"), list) and isinstance(item.get("id"), dict):
            for one in item["values"]:
                if isinstance(one, dict):
                    self.edge(where, {**item["id"], **one})
        elif "members" in item:
            self.group(where, item)
        elif "forum" in item:
            self.note(where, item)
        elif text_of(item.get("id")).startswith("~"):
            self.profile(item)
        else:
            what = "is neither a note nor a group nor an edge nor a profile of OpenReview"
            self.found.faults.append(where.fault("id", text_of(item.get("id")), what))

    def note(self, where: Where, item: Item) -> None:
        invitations = list(map(text_of, as_list(item.get("invitations")) or [item.get("invitation")]))
        if any(_REVIEW.search(name) for name in invitations):
            self.reviews.append((where, item))
        elif item.get("replyto") in (None, "") and item.get("id") == item.get("forum"):
            self.submission(where, item, invitations)
        else:
            self.found.note("a note is neither a submission nor a review; it was left out")

    def submission(self, where: Where, item: Item, invitations: Sequence[str]) -> None:
        content = _content(item)
        venue = text_of(content.get("venueid"))
        if _GONE.search(venue) or any(_GONE.search(name) for name in invitations):
            self.found.leave_out(text_of(item.get("id")))
            return
        if not any(_SUBMISSION.search(name) for name in invitations) and any(invitations):
            self.found.note("a note is neither a submission nor a review; it was left out")
            return
        key = text_of(item.get("id"))
        fields = {name: _joined(content[name]) for name in _FIELDS if _joined(content.get(name))}
        number = text_of(item.get("number"))
        about = {"number": number, **fields} if number else fields
        self.found.submission(where, key, text_of(content.get("title")), about)
        authors = map(text_of, as_list(content.get("authorids")))
        self.found.authors |= {(key, author) for author in authors if author}

    def group(self, where: Where, item: Item) -> None:
        key, members = text_of(item.get("id")), item.get("members")
        if not isinstance(members, list):
            self.found.faults.append(where.fault("members", members, "is no list"))
            return
        self.members[key] = tuple(filter(None, map(text_of, members)))
        if _PANEL.search(key) and not re.search(r"/(Submission|Paper)\d+/", key):
            self.found.listed = True
            for member in self.members[key]:
                self.found.person(member, _called(member))

    def profile(self, item: Item) -> None:
        content = _content(item)
        called, latest = (_first(content.get(name)) for name in ("names", "history"))
        parts = (text_of(called.get(part)) for part in ("first", "last"))
        name = text_of(called.get("fullname")) or " ".join(filter(None, parts))
        place = latest.get("institution")
        institution = text_of(place.get("name")) if isinstance(place, dict) else ""
        self.found.profiles[text_of(item["id"])] = (name, {"affiliation": institution} if institution else {})

    def edge(self, where: Where, item: Item) -> None:
        kind = text_of(item.get("invitation")).rpartition("/-/")[2]
        pair = (text_of(item.get("head")), text_of(item.get("tail")))
        if pair[0].startswith("~"):
            pair = (pair[1], pair[0])
        weight, label = item.get("weight"), text_of(item.get("label"))
        if kind in _AFFINITIES:
            if not isinstance(weight, int | float) or isinstance(weight, bool) or not abs(weight) < 1e9:
                self.found.faults.append(where.fault("weight", weight, "is not a number"))
                return
            self.found.opinions = False
            self.found.number(where, pair, float(weight))
        elif kind == "Bid":
            self.found.bid(where, pair, label or text_of(weight), "label")
        elif kind == "Conflict":
            if weight != 0:
                self.found.conflict(where, pair, label or "conflict")
        elif kind in _ASSIGNMENTS:
            self.found.assigned.setdefault(pair, where)
        else:
            self.found.note(f"edges of {kind or 'no invitation'} say nothing that a round takes; they were left out")

    def scores(self, path: str | Path) -> None:
        """A table of scores or edges without JSON around it."""
        found = read_scores(path)
        where = Where(found.source, 0)
        self.found.opinions = self.found.opinions and found.lists_opinions
        for entry, reviewer, value in zip(
            found.entry.tolist(), found.reviewer.tolist(), found.value.tolist(), strict=True
        ):
            pair = (found.entries[entry], found.reviewers[reviewer])
            self.found.number(where, pair, value, bid=found.lists_opinions)
        for entry, reviewer in found.forbidden.tolist():
            self.found.conflict(where, (found.entries[entry], found.reviewers[reviewer]), "bid: conflict")

    def conference(self) -> Conference:
        for where, item in self.reviews:
            self.review(where, item)
        return self.found.conference()

    def review(self, where: Where, item: Item) -> None:
        signed = next(iter(map(text_of, as_list(item.get("signatures")))), "")
        account = self.account(signed)
        if account is None:
            hint = "add the export of the groups that say who is behind it"
            self.found.faults.append(where.fault("signatures", signed, "does not say which reviewer it is", hint))
            return
        content = {key: _joined(value) for key, value in _content(item).items() if key not in _LEFT}
        self.found.person(account, _called(account))
        self.found.review(where, (text_of(item.get("forum")), account), content)

    def account(self, signed: str) -> str | None:
        """Whose signature it is: a profile, an address, or a group with one member."""
        if signed.startswith("~") or "@" in signed:
            return signed
        members = self.members.get(signed, ())
        return members[0] if len(members) == 1 else None


def _content(item: Item) -> dict[str, Any]:
    """The fields of a note; in version 2 of the API each is an object around its value."""
    content = item.get("content")
    if not isinstance(content, dict):
        return {}
    return {
        key: value["value"] if isinstance(value, dict) and "value" in value else value for key, value in content.items()
    }


def _first(value: Any) -> dict[str, Any]:
    """The first object of a list; an empty one where there is none."""
    return next((one for one in as_list(value)[:1] if isinstance(one, dict)), {})


def _joined(value: Any) -> str:
    return "; ".join(filter(None, map(text_of, value))) if isinstance(value, list) else text_of(value)


def _called(account: str) -> str:
    """The name that a profile's id is made of: ~Ada_M_Lovelace1 is Ada M Lovelace."""
    return re.sub(r"\d+\Z", "", account[1:]).replace("_", " ").strip() if account.startswith("~") else ""
