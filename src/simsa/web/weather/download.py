"""Fetching a feed with care: little time, few bytes, no way elsewhere, and the key in no message."""

from __future__ import annotations

import time
from collections.abc import Mapping

import requests
import urllib3

from simsa.web.weather.readings import FeedError

MOST_BYTES = 1_000_000
"""The hub's answer has some 30 kB, the map 10 kB."""

PATIENCE = 15.0
"""Seconds until the whole answer is there."""

_PIECE = 1 << 14


def download(address: str, query: Mapping[str, str] | None = None) -> str:
    """The text at an address. FeedError if it is not there whole within `PATIENCE` and `MOST_BYTES`.

    A value `authKey` in the query is a secret: it is taken out of what comes back.

    A redirect is not followed: it could take the key to somebody else.
    """
    until = time.monotonic() + PATIENCE
    try:
        with requests.get(
            address,
            params=query,
            timeout=PATIENCE,
            allow_redirects=False,
            stream=True,
            headers={"Accept-Encoding": "identity", "User-Agent": "simsa"},
        ) as answer:
            body = _body(answer, until)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        # The message of the error may hold the address with its key.
        raise FeedError(f"no answer: {type(error).__name__}") from None
    text = _without_secrets(decoded(body), query)
    if answer.status_code != 200:
        raise FeedError(f"answered {answer.status_code}: {' '.join(text.split())[:200]!r}")
    return text


def decoded(body: bytes) -> str:
    """UTF-8 where it is, EUC-KR (with the extension of cp949) otherwise."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp949", errors="replace")


def _body(answer: requests.Response, until: float) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise FeedError("compressed, though that was not asked for")
    body = bytearray()
    while True:
        # `read1` hands over what has come: a server that drips does not hold it.
        piece = answer.raw.read1(_PIECE, decode_content=False)
        if not piece:
            return bytes(body)
        body += piece
        if len(body) > MOST_BYTES:
            raise FeedError(f"more than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise FeedError(f"not there after {PATIENCE:.0f} seconds")


def _without_secrets(text: str, query: Mapping[str, str] | None) -> str:
    """What a server says, without the key that was sent to it: the text may be quoted in a message."""
    key = (query or {}).get("authKey")
    return text.replace(key, "...") if key else text
