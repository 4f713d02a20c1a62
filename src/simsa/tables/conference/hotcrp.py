"""Exports of HotCRP: JSON of submissions, reviews and accounts; CSV of the panel, submissions, topics, authors,
conflicts, preferences, assignments, reviews and scores.

Source: HotCRP's own description of its objects (devel/apidoc) and the columns that its downloads have. People are known
by e-mail address, in which capitals do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simsa.tables.conference.gathering import Conference, Gathered, Where
from simsa.tables.conference.items import Item, as_list, is_json, read_items, read_rows, text_of
from simsa.tables.table import TableError

Row = Mapping[str, str]

_WRAPPERS = ("papers", "paper", "reviews", "review", "users", "pc")
_PAPER = ("paper", "pid", "paper_id", "id", "submission", "#")
_REVIEW_ITSELF = {
    *("object", "pid", "rid", "rtype", "round", "status", "version", "ordinal", "draft", "blind", "subreview", "ghost"),
    *("reviewer", "reviewer_email", "reviewer_name", "editable", "my_review", "my_request", "review_token", "format"),
    *("modified_at", "modified_at_text", "submitted_at", "ratings", "user_rating", "message_list", "hidden_fields"),
}
_REVIEW_COLUMNS = {
    *_PAPER,
    "title",
    "review",
    "reviewername",
    "email",
    "decision",
    "round",
    "submitted_at",
    "vtag",
    "status",
}
_COLUMNS = _REVIEW_COLUMNS | {
    *("action", "affiliation", "conflict", "conflicttype", "country", "preference", "roles", "tags", "topic"),
    *("topic_score", "given_name", "family_name", "first", "last", "name"),
}
"""What has a meaning of its own, in whatever capitals."""
_FINISHED = ("complete", "approved", "delivered", "submitted")
_WITHDRAWN = ("withdrawn", "draft", "inprogress", "incomplete")
_ROLES = re.compile(r"\b(pc|chair)\b")
_REVIEWS = re.compile(r"(primary|secondary|pc|meta|external|ext|pri|sec)?(review)?\Z")


def read_hotcrp(paths: Sequence[str | Path]) -> Conference:
    """The exports in these files together. RowsError names every row that cannot be used, TableError a file."""
    found = Gathered("hotcrp")
    for path in paths:
        if is_json(path):
            for where, item in read_items(path, _WRAPPERS):
                _object(found, where, item)
        else:
            _table(found, path)
    return found.conference()


def _object(found: Gathered, where: Where, item: Item) -> None:
    kind = item.get("object") or _kind_of(item)
    if kind == "paper":
        _paper(found, where, item)
    elif kind == "review":
        _review(found, where, item)
    elif kind == "user":
        row = {key: text_of(value) for key, value in item.items()}
        _user(found, where, row | {"roles": row.get("roles") or " ".join(map(text_of, as_list(item.get("roles"))))})
    else:
        what = "is neither a submission nor a review nor an account of HotCRP"
        found.faults.append(where.fault("object", item.get("object"), what))


def _kind_of(item: Item) -> str:
    """What an object without a name of its kind is; older exports have none."""
    if "title" in item and ("pid" in item or "id" in item):
        return "paper"
    if "rid" in item or "reviewer_email" in item:
        return "review"
    return "user" if "email" in item else ""


def _paper(found: Gathered, where: Where, item: Item) -> None:
    key = text_of(item.get("pid", item.get("id")))
    if text_of(item.get("status")) in _WITHDRAWN or item.get("withdrawn") is True:
        found.leave_out(key)
        return
    topics = item.get("topics")
    if isinstance(topics, dict):
        topics = [name for name, has in topics.items() if has]
    names = list(map(text_of, as_list(topics)))
    found.submission(
        where, key, text_of(item.get("title")), {"topics": "; ".join(filter(None, names))} if names else {}
    )
    for author in as_list(item.get("authors")):
        if isinstance(author, dict) and text_of(author.get("email")):
            found.authors.add((key, _account(text_of(author["email"]))))
    conflicts = item.get("pc_conflicts")
    for email, kind in conflicts.items() if isinstance(conflicts, dict) else []:
        if kind not in (False, None, "none", "unconflicted"):
            found.conflict(where, (key, _account(email)), text_of(kind) or "conflict")


def _review(found: Gathered, where: Where, item: Item) -> None:
    pair = (text_of(item.get("pid")), _account(text_of(item.get("reviewer_email"))))
    if not pair[1]:
        found.faults.append(where.fault("reviewer_email", "", "is empty", "export it as somebody who sees reviewers"))
        return
    found.person(pair[1], text_of(item.get("reviewer")))
    status = text_of(item.get("status"))
    if item.get("draft") is True or (status and status not in _FINISHED):
        found.assigned.setdefault(pair, where)
        found.note("a review is not finished; it counts as assigned and not submitted")
        return
    found.review(where, pair, {key: text_of(value) for key, value in item.items() if key not in _REVIEW_ITSELF})


def _user(found: Gathered, where: Where, row: Row) -> None:
    """An account: of the panel, unless its roles say otherwise."""
    account = _account(row.get("email", ""))
    if not account:
        found.faults.append(where.fault("email", "", "is empty", "everybody on the panel has an address"))
        return
    roles = row.get("roles", "")
    if roles and not _ROLES.search(roles):
        found.note("an account has no role on the panel; it was left out")
        return
    found.listed = True
    found.person(account, _name(row), _about(row))


def _table(found: Gathered, path: str | Path) -> None:
    table, rows = read_rows(path, _COLUMNS)
    take = _reader({name.casefold() for name in table.header})
    if take is None:
        columns = ", ".join(table.header)
        raise TableError(f"{table.source}: is none of HotCRP's tables that are known here (its columns are {columns})")
    for where, row in rows:
        take(found, where, row)


def _reader(has: set[str]) -> Callable[[Gathered, Where, Row], None] | None:
    """What reads a row of a table that has these columns, by what only one of HotCRP's tables has."""
    paper = bool(has.intersection(_PAPER))
    known = (
        (paper and "email" in has and bool(has & {"preference", "topic_score"}), _preference),
        (paper and {"email", "conflicttype"} <= has, _conflict_row),
        (paper and {"email", "action"} <= has, _assignment),
        (paper and {"title", "topic"} <= has, _topic),
        (paper and {"email", "affiliation"} <= has, _author),
        (paper and "email" in has, _review_row),
        (paper and "title" in has, _paper_row),
        ("email" in has, _user),
    )
    return next((take for fits, take in known if fits), None)


def _preference(found: Gathered, where: Where, row: Row) -> None:
    """HotCRP's own way: the preference, or where there is none a hundredth of the topic score."""
    pair = _pair(row)
    _named(found, row)
    if row.get("conflict", "") not in ("", "no", "none"):
        found.conflict(where, pair, "conflict")
        return
    topics = row.get("topic_score", "")
    if row.get("preference", "") not in ("", "0"):
        found.bid(where, pair, row["preference"], "preference")
    elif topics:
        try:
            found.number(where, pair, float(topics) / 100, bid=True)
        except ValueError:
            found.faults.append(where.fault("topic_score", topics, "is not a number"))


def _conflict_row(found: Gathered, where: Where, row: Row) -> None:
    _named(found, row)
    found.conflict(where, _pair(row), row["conflicttype"] or "conflict")


def _assignment(found: Gathered, where: Where, row: Row) -> None:
    action = row["action"].casefold()
    if action == "conflict":
        found.conflict(where, _pair(row), "conflict")
    elif action and _REVIEWS.match(action):
        if "@" not in row["email"]:
            found.faults.append(where.fault("email", row["email"], "is no address of a person"))
            return
        found.assigned.setdefault(_pair(row), where)
    else:
        found.note(f"rows with the action {action!r} say nothing about the panel and were left out")


def _topic(found: Gathered, where: Where, row: Row) -> None:
    key, topic = _key(row), row["topic"]
    known = found.submissions.get(key)
    before = known.fields.get("topics", "") if known else ""
    topics = [] if topic in ("", "<none>") or topic in before.split("; ") else [topic]
    found.submission(where, key, row["title"], {"topics": "; ".join([*filter(None, [before]), *topics])})


def _author(found: Gathered, _where: Where, row: Row) -> None:
    _named(found, row)
    if row["email"]:
        found.authors.add(_pair(row))


def _review_row(found: Gathered, where: Where, row: Row) -> None:
    pair = _pair(row)
    if not pair[1]:
        found.faults.append(where.fault("email", "", "is empty", "export it as somebody who sees reviewers"))
        return
    _named(found, row)
    found.person(pair[1], row.get("reviewername", ""))
    found.review(where, pair, {key: text for key, text in row.items() if key not in _REVIEW_COLUMNS})


def _paper_row(found: Gathered, where: Where, row: Row) -> None:
    found.submission(where, _key(row), row["title"], {})


def _named(found: Gathered, row: Row) -> None:
    """A table about pairs names its submissions, too."""
    found.mention(_key(row), row.get("title", ""))


def _key(row: Row) -> str:
    return next(row[name] for name in _PAPER if name in row)


def _pair(row: Row) -> tuple[str, str]:
    return _key(row), _account(row["email"])


def _account(email: str) -> str:
    return email.strip().casefold()


def _name(row: Row) -> str:
    given, family = (
        row.get(new) or row.get(old, "") for new, old in (("given_name", "first"), ("family_name", "last"))
    )
    return " ".join(filter(None, (given, family))) or row.get("name", "")


def _about(row: Row) -> dict[str, str]:
    """Affiliation, country and the topics that somebody is interested in."""
    about = {name: row[name] for name in ("affiliation", "country", "tags") if row.get(name)}
    topics = [key.removeprefix("topic: ") for key, text in row.items() if key.startswith("topic: ") and _wanted(text)]
    return about | ({"topics": "; ".join(topics)} if topics else {})


def _wanted(interest: str) -> bool:
    """Whether a number says interest: HotCRP's go from -2 to 4."""
    return interest.lstrip("+").isdecimal() and int(interest.lstrip("+")) > 0
