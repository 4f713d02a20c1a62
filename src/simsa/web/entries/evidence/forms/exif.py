"""What a camera wrote into a picture (EXIF): by what it tells, and which way is up."""

from __future__ import annotations

from struct import error as StructError  # noqa: N812 (an error by its name)
from struct import pack

from PIL import ExifTags, Image

from simsa.web.entries.evidence.findings import Trace

UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, StructError)
"""What Pillow raises on what it cannot read."""
ORIENTATION = 0x0112
TAGS = {
    0x010E: "words",
    0x010F: "device",
    0x0110: "device",
    0x0131: "program",
    0x0132: "times",
    0x013B: "author",
    0x013C: "device",
    0x8298: "author",
    0x9003: "times",
    0x9004: "times",
    0x9286: "words",
    0x927C: "device",
    0x9C9B: "words",
    0x9C9C: "words",
    0x9C9D: "author",
    0x9C9E: "words",
    0x9C9F: "words",
    0xA420: "identifier",
    0xA430: "author",
    0xA431: "device",
    0xA434: "device",
    0xA435: "device",
}
"""Tags by what they tell; all others are "details"."""


def told_by_exif(data: bytes, place: str) -> tuple[int, list[Trace]]:
    """Which way is up, and what else it tells. What cannot be read is told as what it is."""
    exif = Image.Exif()
    try:
        exif.load(data)
        tags = dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
        places = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except UNREADABLE:
        return 1, [Trace("details", place, "EXIF")]
    turned = tags.pop(ORIENTATION, 1)
    told = [
        Trace(TAGS[tag], place, value if isinstance(value, str) else "") for tag, value in tags.items() if tag in TAGS
    ]
    told += [Trace("gps", place)] if places else []
    if not told and (set(tags) - {0x8769} or len(data) > len(orientation(1))):
        told.append(Trace("details", place, "EXIF"))
    return (turned if isinstance(turned, int) and 1 <= turned <= 8 else 1), told


def orientation(turned: int) -> bytes:
    """EXIF that says nothing else."""
    return b"II*\0\x08\0\0\0\x01\0" + pack("<HHLHHL", ORIENTATION, 3, 1, turned, 0, 0)
