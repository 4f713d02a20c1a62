"""Asking somebody outside: a small body is posted, and a small answer comes in time, or it is said why not."""

from __future__ import annotations

from http.client import HTTPException, HTTPResponse
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener


class PostError(ValueError):
    """Nothing that could be used came back; the message says why in plain words.

    `status` and `body` are those of the answer, 0 and empty where there was none.
    """

    def __init__(self, message: str, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status, self.body = status, body


class _NoRedirect(HTTPRedirectHandler):
    """A redirected request would arrive without its body."""

    def redirect_request(self, *_: object) -> None:
        return None


def posted(url: str, body: bytes, headers: dict[str, str], *, timeout: float, largest: int) -> bytes:
    """What `url` (http or https) answers with 200 within `timeout` seconds, in at most `largest` bytes. PostError."""
    if not url.startswith(("http://", "https://")):
        raise PostError(f"{url}: only http and https can be asked")
    try:
        request = Request(url, body, headers)  # noqa: S310  # no file: the scheme was looked at
        with build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            response = _read(answer, monotonic() + timeout, largest)
    except HTTPError as error:
        with error:
            told = _told(error, largest)
        raise PostError(f"{url} answers {error.code} {error.reason}", error.code, told) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise PostError(f"{url} cannot be asked: {reason or type(error).__name__}") from None
    if len(response) > largest:
        raise PostError(f"{url} answers with more than {largest} bytes")
    return response


def _told(error: HTTPError, largest: int) -> bytes:
    """What stands in a refusal, as far as it can be read."""
    try:
        return error.read(largest)
    except (OSError, HTTPException):
        return b""


def _read(answer: HTTPResponse, until: float, largest: int) -> bytes:
    """What comes before `until`, and at most one byte more than may come."""
    found = b""
    while len(found) <= largest and (more := answer.read1(largest + 1 - len(found))):
        found += more
        if monotonic() > until:
            raise TimeoutError("timed out")
    return found
