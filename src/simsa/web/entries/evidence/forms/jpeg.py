"""JPEG (ISO 10918): the same compressed pixels without what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack, unpack_from

from simsa.web.entries.evidence.findings import Trace
from simsa.web.entries.evidence.forms.exif import orientation, told_by_exif
from simsa.web.entries.evidence.forms.profile import neutral_profile

START, END, SCAN = 0xD8, 0xD9, 0xDA


def cleaned_jpeg(data: bytes, place: str, found: list[Trace]) -> bytes:
    """Without application segments and comments, but for what says how colours are stored and which way is up."""
    first, kept, profile, turned = b"", [], {}, 1
    for marker, whole, body in _segments(data):
        if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
            first = _segment(0xE0, body[:12] + b"\0\0")  # without its thumbnail
            found += [Trace("thumbnail", place)] if len(body) > 14 else []
        elif marker == 0xEE and body.startswith(b"Adobe"):
            kept.append(_segment(0xEE, body[:12]))
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
            profile[body[12]] = body[14:]
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            turned, told = told_by_exif(body[6:], place)
            found += told
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            found.append(_told_by_segment(marker, body, place))
        else:
            kept.append(whole)
            if marker == END and body.strip(b"\0"):
                found.append(Trace("behind", place, f"{len(body)} bytes"))
    said = [] if turned == 1 else [_segment(0xE1, b"Exif\0\0" + orientation(turned))]
    if profile:
        neutral, told = neutral_profile(b"".join(profile[n] for n in sorted(profile)), place)
        found += told
        pieces = [neutral[n : n + 65000] for n in range(0, len(neutral), 65000)]
        said += [
            _segment(0xE2, b"ICC_PROFILE\0" + bytes((n, len(pieces))) + piece)
            for n, piece in enumerate(pieces, start=1)
        ]
    return b"".join((data[:2], first, *said, *kept))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, bytes and content of each segment, a scan with its pixels; of the end, what stands behind it."""
    at = 2
    while at < len(data):  # a picture that ends early is shown as far as it goes
        marker = data[at + 1]
        if data[at] != 0xFF or marker in (0, 1) or 0xD0 <= marker <= START:
            raise ValueError("no marker")
        if marker == END:
            yield END, data[at : at + 2], data[at + 2 :]
            return
        if marker == 0xFF:  # padding
            at += 1
            continue
        (length,) = unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise ValueError("cut off")
        whole = _next_marker(data, end) if marker == SCAN else end
        yield marker, data[at:whole], data[at + 4 : end]
        at = whole


def _next_marker(data: bytes, at: int) -> int:
    """Where the compressed pixels that begin at `at` end."""
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0 or 0xD0 <= marker <= 0xD7:
            at += 2
        else:
            return at
    return len(data)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + pack(">H", len(body) + 2) + body


def _told_by_segment(marker: int, body: bytes, place: str) -> Trace:
    if marker == 0xFE:
        return Trace("words", place, body.decode("utf-8", "replace"))
    if body.startswith(b"http://ns.adobe.com/"):
        return Trace("xmp", place)
    if body.startswith(b"Photoshop 3.0"):
        return Trace("iptc", place)
    return Trace("details", place, f"APP{marker - 0xE0}")
