"""Colour profiles (ICC.1): a copy computes the same colours and says nothing of who made it, when and with what."""

from __future__ import annotations

from struct import pack, unpack_from

from simsa.web.entries.evidence.findings import Trace

HEADER = 128
COLOURS = (
    {b"wtpt", b"bkpt", b"chad", b"cicp", b"gamt"}
    | {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC"}
    | {bytes((side, 0x32, other, place)) for side, other in ((65, 66), (66, 65)) for place in b"0123"}
    | {bytes((side, 0x32, other, place)) for side, other in ((68, 66), (66, 68)) for place in b"0123"}
)
"""Tags that colours are computed from: white, primaries, curves, and tables from and to the device."""
NAME = "profile"


def neutral_profile(data: bytes, place: str) -> tuple[bytes, list[Trace]]:
    """The copy and what it lacks. ValueError or struct.error if it is damaged."""
    (count,) = unpack_from(">L", data, HEADER)
    if count > 200:
        raise ValueError("not a profile")
    told = []
    kept: dict[bytes, bytes] = {}
    for n in range(count):
        tag, at, length = unpack_from(">4sLL", data, HEADER + 4 + 12 * n)
        if at < HEADER or at + length > len(data):
            raise ValueError("not a profile")
        if tag in COLOURS:
            kept[tag] = data[at : at + length]
    version = data[8]
    kept |= {b"desc": _text(NAME, version, described=True), b"cprt": _text("", version)}
    # Of the header: what the numbers mean. Maker, device, program, time and checksum are blank.
    header = bytearray(HEADER)
    header[8:24], header[36:40], header[64:80] = data[8:24], b"acsp", data[64:80]
    header[24:36] = pack(">6H", 2000, 1, 1, 0, 0, 0)
    places: dict[bytes, int] = {}
    table, body = b"", b""
    start = HEADER + 4 + 12 * len(kept)
    for tag, value in kept.items():
        if value not in places:  # curves are often shared
            places[value] = start + len(body)
            body += value + b"\0" * (-len(value) % 4)
        table += pack(">4sLL", tag, places[value], len(value))
    header[0:4] = pack(">L", start + len(body))
    made = bytes(header) + pack(">L", len(kept)) + table + body
    if made != data:
        told.append(Trace("profile", place))
    return made, told


def _text(words: str, version: int, *, described: bool = False) -> bytes:
    if version >= 4:
        said = words.encode("utf-16-be")
        return b"mluc" + bytes(4) + pack(">LL2s2sLL", 1, 12, b"en", b"US", len(said), 28) + said
    plain = words.encode() + b"\0"
    if not described:
        return b"text" + bytes(4) + plain
    return b"desc" + bytes(4) + pack(">L", len(plain)) + plain + bytes(78)
