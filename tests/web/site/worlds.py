"""Two worlds that differ in one secret, as somebody sees them who must not know it.

A world is the state of one database: both have the same numbers, names of slots and secrets, because the second is the
first with the secret changed, and is rolled back. The clock stands, and tokens that are drawn for a browser (against
CSRF, of a device) are the same in every answer; nothing else is neutralised. What the record has committed to is the
same in both: it was made before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connection, transaction
from django.middleware import csrf
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.feedgenerator import SyndicationFeed

from simsa.web import public
from simsa.web.panel.meetings import stream
from simsa.web.votes import booth

Seen = tuple[int, tuple[tuple[str, str], ...], bytes, int]
"""An answer: its status, its headers, its bytes, and how many statements the database was asked."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser or a program: their name, and the headers and cookies that they send."""

    name: str
    client: Client
    headers: Mapping[str, str]
    paths: Sequence[str]


def crawl(visitors: Iterable[Visitor], now: datetime) -> dict[tuple[str, str], Seen]:
    """What everybody is answered at every address of theirs, by name and address. Nothing that visits do remains."""
    found = {}
    with _still(now), _as_it_was():
        for visitor in visitors:
            came = visitor.client.cookies.copy()
            for path in visitor.paths:
                found[visitor.name, path] = _seen(visitor, path)
            visitor.client.cookies = came
    return found


def leaks(visitors: Sequence[Visitor], now: datetime, *secrets: Callable[[], None]) -> list[str]:
    """Where secrets show, in words: every answer that is another in a world where they are others."""
    before = crawl(visitors, now)
    with _as_it_was():
        for secret in secrets:
            secret()
        after = crawl(visitors, now)
    return differences(before, after)


def differences(one: Mapping[tuple[str, str], Seen], other: Mapping[tuple[str, str], Seen]) -> list[str]:
    """Every answer that is not the same: who got it where, and in what it differs."""
    parts, found = ("status", "headers", "bytes", "statements"), []
    for at, seen in one.items():
        there = other[at]
        if seen != there:
            apart = [part for part, a, b in zip(parts, seen, there, strict=True) if a != b]
            found.append(f"{at[0]} at {at[1]}: {', '.join(apart)}")
    return found


def _seen(visitor: Visitor, path: str) -> Seen:
    connection.queries_log.clear()  # it holds so many and no more: of a full one no number could be told
    with CaptureQueriesContext(connection) as asked:
        answer = visitor.client.get(path, headers=dict(visitor.headers))
        body = answer.getvalue() if answer.streaming else answer.content
    cookies = tuple(("Set-Cookie", one.OutputString()) for one in answer.cookies.values())
    return answer.status_code, (*sorted(answer.headers.items()), *cookies), body, len(asked)


@contextmanager
def _as_it_was() -> Iterator[None]:
    """What happens within is undone, also in caches."""
    with transaction.atomic():
        _forget()
        yield
        transaction.set_rollback(True)
    _forget()


def _forget() -> None:
    for cache in ("default", "pages"):
        caches[cache].clear()
    booth._on_the_ballot.cache_clear()
    ContentType.objects.clear_cache()
    public._known.at = float("-inf")


@contextmanager
def _still(now: datetime) -> Iterator[None]:
    with (
        mock.patch.object(timezone, "now", return_value=now),
        mock.patch("time.time", return_value=now.timestamp()),
        mock.patch.object(SyndicationFeed, "latest_post_date", return_value=now),
        mock.patch.object(booth, "KEPT", 1e9),
        mock.patch.object(stream, "LASTS", 0),
        mock.patch("secrets.token_urlsafe", return_value="t" * 32),
        mock.patch.object(csrf, "_get_new_csrf_string", return_value="a" * csrf.CSRF_SECRET_LENGTH),
    ):
        logging.disable()  # of thousands of answers most are refusals, each with a traceback
        yield
        logging.disable(logging.NOTSET)
