"""JPEG 2000 (ISO 15444), which stands in PDF alone: without what programs wrote beside the picture."""

from __future__ import annotations

from struct import pack, unpack_from

from simsa.web.entries.evidence.findings import Trace

SHOWN = (b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq")
START, END_OF_HEAD, REMARK = 0xFF4F, 0xFF90, 0xFF64


def cleaned_jpeg2000(data: bytes, place: str, found: list[Trace]) -> bytes:
    """ValueError or struct.error if it is damaged."""
    if data.startswith(b"\xffO"):
        return _codestream(data, place, found)
    kept, at = [], 0
    while at + 8 <= len(data):
        length, name = unpack_from(">L4s", data, at)
        head = 8
        if length == 1:
            (length,), head = unpack_from(">Q", data, at + 8), 16
        end = at + length if length else len(data)
        body = data[at + head : end]
        if end <= at or end > len(data):
            raise ValueError("cut off")
        if name in SHOWN:
            body = _codestream(body, place, found) if name == b"jp2c" else body
            kept.append(pack(">L4s", len(body) + 8, name) + body)
        else:
            found.append(Trace("xmp" if name in (b"uuid", b"xml ") else "details", place, name.decode("latin-1")))
        at = end
    return b"".join(kept)


def _codestream(data: bytes, place: str, found: list[Trace]) -> bytes:
    """Without remarks in its head."""
    kept, at = [data[:2]], 2
    while True:
        marker, length = unpack_from(">HH", data, at)
        if marker == END_OF_HEAD:
            return b"".join([*kept, data[at:]])
        if marker < 0xFF00 or length < 2:
            raise ValueError("no marker")
        segment = data[at : at + 2 + length]
        if marker == REMARK:
            if segment[6:]:
                found.append(Trace("words", place, segment[6:].decode("latin-1")))
        else:
            kept.append(segment)
        at += 2 + length
