"""Time stamps, against an authority made here and a server on this machine."""

import socket
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.record.timestamps import LARGEST, TimestampError, fetch, request_of, verified
from tests.draws import draws
from tests.record.authority import NOW, SHA256, SHA512, Authority, oid, parts_of, refusal, served

NOTE = b"example.org/round\n3\nroot\n"
AUTHORITY, OTHER = Authority(), Authority("Other root")
POSING = Authority()  # under the same name, with another key
RESPONSE = AUTHORITY.response(request_of(NOTE))


def test_a_request_says_the_digest_and_never_the_same_nonce() -> None:
    (imprint, first), (again, second) = parts_of(request_of(NOTE)), parts_of(request_of(NOTE))
    assert imprint == again
    assert first != second
    assert oid(SHA256) in imprint


@pytest.mark.parametrize("falling", [False, True])
def test_a_time_stamp_holds_whatever_order_its_certificates_have(falling: bool) -> None:
    response = AUTHORITY.response(request_of(NOTE), falling=falling)
    assert verified(response, NOTE, AUTHORITY.roots) == NOW
    assert verified(response, NOTE, OTHER.roots + AUTHORITY.roots) == NOW


def test_the_two_orders_are_two() -> None:
    request = request_of(NOTE)
    own, root = (c.tbs_certificate_bytes for c in (AUTHORITY.own, AUTHORITY.root))
    orders = {
        response.index(own) < response.index(root)
        for response in (AUTHORITY.response(request), AUTHORITY.response(request, falling=True))
    }
    assert orders == {True, False}


@pytest.mark.parametrize(
    ("response", "text", "roots", "expected"),
    [
        (RESPONSE, NOTE + b" ", AUTHORITY.roots, "of another text"),
        (RESPONSE, NOTE, OTHER.roots, "not signed under the certificates that are trusted"),
        (RESPONSE, NOTE, POSING.roots, "not signed under the certificates that are trusted"),
        (RESPONSE, NOTE, b"", "no certificates in PEM"),
        (RESPONSE, NOTE, RESPONSE, "no certificates in PEM"),
        (RESPONSE[:-1], NOTE, AUTHORITY.roots, "is damaged"),
        (RESPONSE + b"\0", NOTE, AUTHORITY.roots, "is damaged"),
        (b"", NOTE, AUTHORITY.roots, "is damaged"),
        (bytes(LARGEST + 1), NOTE, AUTHORITY.roots, "more than 65536 bytes"),
        (refusal("no such policy"), NOTE, AUTHORITY.roots, r"gave no time stamp \(rejection\): no such policy"),
        (RESPONSE.replace(oid(SHA256), oid(SHA512), 2), NOTE, AUTHORITY.roots, "other than SHA-256"),
        (RESPONSE[:-1] + bytes([RESPONSE[-1] ^ 1]), NOTE, AUTHORITY.roots, "signature does not hold"),
        (RESPONSE.replace(b"20240506", b"20240507"), NOTE, AUTHORITY.roots, "signature does not hold"),
    ],
    ids=range(13),
)
def test_what_proves_nothing_is_refused_in_plain_words(
    response: bytes, text: bytes, roots: bytes, expected: str
) -> None:
    with pytest.raises(TimestampError, match=expected):
        verified(response, text, roots)


def test_a_certificate_counts_at_the_moment_of_signing() -> None:
    short = Authority(days=1)
    request = request_of(NOTE)
    assert verified(short.response(request, NOW), NOTE, short.roots) == NOW  # years before today
    for when in (NOW + timedelta(days=2), NOW - timedelta(days=2)):
        with pytest.raises(TimestampError, match="was not valid when it signed"):
            verified(short.response(request, when), NOTE, short.roots)


def test_whoever_is_trusted_for_something_else_gives_no_time_stamp() -> None:
    other = Authority(usage=ExtendedKeyUsageOID.CODE_SIGNING)
    with pytest.raises(TimestampError, match="unsuitable certificate purpose"):
        verified(other.response(request_of(NOTE)), NOTE, other.roots)


@settings(max_examples=draws(400), deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(RESPONSE) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_change_of_bytes_makes_another_time(changes: list[tuple[int, int]]) -> None:
    response = bytearray(RESPONSE)
    for at, value in changes:
        response[at] = value
    try:
        found = verified(bytes(response), NOTE, AUTHORITY.roots)
    except TimestampError:
        return
    assert found == NOW


@settings(max_examples=draws(150), deadline=None)
@given(st.binary(max_size=60), st.integers(0, 80))
def test_no_bytes_crash_it(tail: bytes, kept: int) -> None:
    with pytest.raises(TimestampError):
        verified(RESPONSE[:kept] + tail, NOTE, AUTHORITY.roots)


def test_an_authority_is_asked_and_its_response_kept_as_it_came() -> None:
    sent = []

    def answer(request: bytes) -> tuple[int, dict[str, str], bytes]:
        sent.append(AUTHORITY.response(request, falling=True))
        return 200, {}, sent[-1]

    with served(answer) as url:
        response = fetch(url, NOTE)
    assert sent == [response]
    assert verified(response, NOTE, AUTHORITY.roots) == NOW


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda request: (200, {}, AUTHORITY.response(request, nonce=5)), "its nonce is another"),
        (lambda request: (200, {}, AUTHORITY.response(request_of(b"other"))), "of another text"),
        (lambda request: (200, {}, refusal("busy")), "busy"),
        (lambda request: (200, {}, b"<html>"), "is damaged"),
        (lambda request: (200, {}, bytes(LARGEST + 1)), "answers with more than 65536 bytes"),
        (lambda request: (200, {"Content-Length": "9999"}, b"0"), "is damaged|cannot be asked"),
        (lambda request: (503, {}, b""), "answers 503"),
        (lambda request: (302, {"Location": "http://127.0.0.1:9/"}, b""), "answers 302"),
    ],
    ids=["nonce", "text", "refused", "page", "large", "cut", "status", "redirect"],
)
def test_what_is_no_answer_is_refused(answer: object, expected: str) -> None:
    with served(answer) as url, pytest.raises(TimestampError, match=expected):  # type: ignore[arg-type]
        fetch(url, NOTE)


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://127.0.0.1/", "http://[::", "http://127.0.0.1:x/", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TimestampError):
        fetch(url, NOTE)


def test_an_authority_that_is_not_there_or_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(TimestampError, match="cannot be asked: timed out"):
            fetch(url, NOTE, timeout=0.1)
    with pytest.raises(TimestampError, match="cannot be asked"):
        fetch(url, NOTE, timeout=5)


def test_an_authority_that_never_comes_to_an_end_is_given_up() -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):  # whoever asked has gone
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while not over.wait(0.02):
                connection.sendall(b"0")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        try:
            with pytest.raises(TimestampError, match="cannot be asked: timed out"):
                fetch(f"http://127.0.0.1:{server.getsockname()[1]}/", NOTE, timeout=0.2)
        finally:
            over.set()
            thread.join()
