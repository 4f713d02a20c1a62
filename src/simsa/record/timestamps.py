"""Time stamps of an authority outside (RFC 3161): that a text was there at a moment that nobody here could choose.

response = fetch("https://tsa.example/", note)      # asks the authority; DER, to be kept as it came
verified(response, note, roots)                     # when, by an authority under certificates that one trusts
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from .posting import PostError, posted

LARGEST = 2**16
"""Bytes of a response: with the certificates of a chain there are a few thousand."""

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class TimestampError(ValueError):
    """A time stamp that could not be had, or that proves nothing; the message says why in plain words."""


def request_of(text: bytes) -> bytes:
    """The request for a time stamp of `text`, which is not empty: DER, SHA-256, a new nonce, with certificates."""
    return _request(text).as_bytes()


def fetch(url: str, text: bytes, timeout: float = 10) -> bytes:
    """The response of the authority at `url` to a request for a time stamp of `text`, as it came (DER).

    TimestampError if there is none within `timeout` seconds, or if it answers another request. Whether the authority
    is to be trusted is for `verified` to say.
    """
    request = _request(text)
    response = _posted(url, request.as_bytes(), timeout)
    stamp = _granted(response)
    _check_imprint(stamp, text)
    if stamp.tst_info.nonce != request.nonce:
        raise TimestampError("the response answers another request: its nonce is another")
    return response


def verified(response: bytes, text: bytes, roots: bytes) -> datetime:
    """When `response` says that `text` was there, in UTC, by an authority under one of `roots` (certificates in PEM).

    The authority's certificates need to have been valid at that moment, not today. TimestampError if the response is
    damaged, of another text, not signed by such an authority, or signed when its certificate was not valid.
    """
    try:
        trusted = x509.load_pem_x509_certificates(roots)
    except ValueError:
        raise TimestampError("the certificates to be trusted are no certificates in PEM") from None
    stamp = _granted(response)
    _check_imprint(stamp, text)
    try:
        VerifierBuilder(roots=trusted).build().verify(stamp, hashlib.sha256(text).digest())
        return stamp.tst_info.gen_time
    except VerificationError as error:
        raise TimestampError(_in_words(str(error))) from None
    except Exception as error:  # certificates in the response that are none, in whatever way
        raise TimestampError(f"the response is damaged: {error}") from None


def _request(text: bytes) -> TimeStampRequest:
    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def _posted(url: str, body: bytes, timeout: float) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        return posted(url, body, headers, timeout=timeout, largest=LARGEST)
    except PostError as error:
        raise TimestampError(str(error)) from None


def _granted(response: bytes) -> TimeStampResponse:
    if len(response) > LARGEST:
        raise TimestampError(f"the response has more than {LARGEST} bytes")
    try:
        stamp = decode_timestamp_response(_in_order(response))
        status = PKIStatus(stamp.status)
        if status is PKIStatus.GRANTED:
            _ = stamp.tst_info.gen_time, stamp.tst_info.nonce, stamp.signed_data  # read when asked for
    except ValueError as error:
        raise TimestampError(f"the response is damaged: {error}") from None
    if status is not PKIStatus.GRANTED:
        why = f": {'; '.join(stamp.status_string)}" if stamp.status_string else ""
        raise TimestampError(f"the authority gave no time stamp ({status.name.lower()}){why}")
    return stamp


def _check_imprint(stamp: TimeStampResponse, text: bytes) -> None:
    imprint = stamp.tst_info.message_imprint
    if imprint.hash_algorithm != _SHA256:
        raise TimestampError("the time stamp is of a digest other than SHA-256")
    if imprint.message != hashlib.sha256(text).digest():
        raise TimestampError("the time stamp is of another text")


def _in_words(error: str) -> str:
    found = re.search(r"Verify error: ([^\"]*)", error)
    if not found:
        why = "its signature does not hold" if error.startswith("Error while verifying") else error
        return f"the time stamp is not that of an authority: {why}"
    if "expired" in found[1] or "not yet valid" in found[1]:
        return f"a certificate of the authority was not valid when it signed: {found[1]}"
    return f"the time stamp is not signed under the certificates that are trusted: {found[1]}"


def _in_order(response: bytes) -> bytes:
    """The response with its certificates in the order of DER, on which the reader insists and many authorities do not.

    Nobody signs that order. What is not as RFC 3161 lays it out comes back as it is, for the reader to refuse.
    """
    at, end = 0, len(response)
    try:
        # TimeStampResp, its token after the status, the content of that, SignedData, its certificates: [0]
        for tag, number in ((0x30, 0), (0x30, 1), (0xA0, 1), (0x30, 0)):
            found, at, end = list(_elements(response, at, end))[number]
            if found != tag:
                return response
        for tag, start, stop in _elements(response, at, end):
            if tag == 0xA0:
                ends = [stop for _, _, stop in _elements(response, start, stop)]
                pieces = [response[a:b] for a, b in zip([start, *ends], ends, strict=False)]
                return response[:start] + b"".join(sorted(pieces)) + response[stop:]
    except IndexError:
        pass
    return response


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of the content of each element of DER between `at` and `end`. IndexError if one is cut off."""
    while at < end:
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start])
        at = start + length
        if at > end:
            raise IndexError
        yield tag, start, at
