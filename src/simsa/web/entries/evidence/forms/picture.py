"""Pictures. A copy has the same compressed pixels, and of everything else only what changes how they are shown."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator
from struct import pack, unpack_from

from PIL import Image

from simsa.web.entries.evidence.findings import Finding, Trace, refuse
from simsa.web.entries.evidence.forms.exif import TAGS, UNREADABLE, orientation, told_by_exif
from simsa.web.entries.evidence.forms.jpeg import cleaned_jpeg
from simsa.web.entries.evidence.forms.profile import neutral_profile
from simsa.web.entries.evidence.limits import Limits

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
SHOWN_PNG = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
SHOWN_WEBP = {b"VP8 ", b"VP8L", b"ALPH"}


def faults(data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against a picture; it is not decoded for that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                frames = getattr(picture, "n_frames", 1)
                if picture.format != "TIFF" and frames > 1 and getattr(picture, "is_animated", False):
                    return [Finding("moving")]
                if frames > limits.sheets:
                    return [Finding("too_long", str(limits.sheets))]
                for frame in range(frames if picture.format == "TIFF" else 1):
                    picture.seek(frame)
                    if picture.width * picture.height > limits.pixels:
                        return [Finding("pixels", f"{picture.width} x {picture.height}")]
    except Image.DecompressionBombError:
        return [Finding("pixels", f"> {limits.pixels}")]
    except UNREADABLE:
        return [Finding("damaged")]
    return []


def cleaned(data: bytes, place: str = "") -> tuple[bytes, list[Trace]]:
    """The copy and what it lacks. RefusedError if the picture is damaged."""
    found: list[Trace] = []
    try:
        if data.startswith(b"\xff\xd8"):
            return cleaned_jpeg(data, place, found), found
        if data.startswith(b"\x89PNG"):
            return _cleaned_png(data, place, found), found
        if data.startswith(b"RIFF"):
            return _cleaned_webp(data, place, found), found
        return _cleaned_tiff(data, place, found), found
    except (*UNREADABLE, zlib.error) as error:
        raise refuse("damaged", place) from error


def _cleaned_png(data: bytes, place: str, found: list[Trace]) -> bytes:
    kept, at = [data[:8]], 8
    while True:
        length, name = unpack_from(">L4s", data, at)
        whole = data[at : at + 12 + length]
        if len(whole) != 12 + length:
            raise ValueError("cut off")
        at += len(whole)
        if name in SHOWN_PNG:
            kept.append(whole)
        elif name == b"iCCP":
            profile, told = _png_profile(whole[8:-4], place)
            kept.append(profile)
            found += told
        elif name == b"eXIf":
            turned, told = told_by_exif(whole[8:-4], place)
            found += told
            kept += [] if turned == 1 else [_chunk(b"eXIf", orientation(turned))]
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            word = whole[8:-4].partition(b"\0")[0].decode("latin-1")
            code = {"Author": "author", "Software": "program", "Creation Time": "times"}.get(word, "words")
            found.append(Trace("xmp" if "xmp" in word else code, place, word))
        elif name == b"tIME":
            found.append(Trace("times", place))
        else:
            found.append(Trace("details", place, name.decode("latin-1")))
        if name == b"IEND":
            break
    if data[at:].strip(b"\0"):
        found.append(Trace("behind", place, f"{len(data) - at} bytes"))
    return b"".join(kept)


def _chunk(name: bytes, body: bytes) -> bytes:
    return pack(">L4s", len(body), name) + body + pack(">L", zlib.crc32(name + body))


def _png_profile(body: bytes, place: str) -> tuple[bytes, list[Trace]]:
    name, _, packed = body.partition(b"\0")
    unpacking = zlib.decompressobj()
    profile = unpacking.decompress(packed[1:], 4 << 20)
    neutral, told = neutral_profile(profile, place)
    if name not in (b"ICC Profile", b"icc"):
        told.append(Trace("details", place, name.decode("latin-1")))
    return _chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(neutral)), told


def _cleaned_webp(data: bytes, place: str, found: list[Trace]) -> bytes:
    kept: list[tuple[bytes, bytes]] = []
    for name, body in _riff(data):
        if name == b"VP8X":
            kept.append((name, bytes((body[0] & 0b0011_0000,)) + body[1:]))  # alpha and profile alone
        elif name in SHOWN_WEBP:
            kept.append((name, body))
        elif name == b"ICCP":
            neutral, told = neutral_profile(body, place)
            kept.append((name, neutral))
            found += told
        elif name == b"EXIF":
            turned, told = told_by_exif(body.removeprefix(b"Exif\0\0"), place)
            found += told
            if turned != 1:
                kept.append((name, orientation(turned)))
        else:
            found.append(Trace("xmp" if name == b"XMP " else "details", place, name.decode("latin-1")))
    if any(name == b"EXIF" for name, _ in kept):
        kept = [(name, bytes((body[0] | 8,)) + body[1:]) if name == b"VP8X" else (name, body) for name, body in kept]
    end = 8 + unpack_from("<L", data, 4)[0]
    if data[end:].strip(b"\0"):
        found.append(Trace("behind", place, f"{len(data) - end} bytes"))
    inside = b"".join(pack("<4sL", name, len(body)) + body + b"\0" * (len(body) % 2) for name, body in kept)
    return b"RIFF" + pack("<L", 4 + len(inside)) + b"WEBP" + inside


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + unpack_from("<L", data, 4)[0]
    while at + 8 <= min(end, len(data)):
        name, length = unpack_from("<4sL", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length:
            raise ValueError("cut off")
        yield name, body
        at += 8 + length + length % 2


def _cleaned_tiff(data: bytes, place: str, found: list[Trace]) -> bytes:
    """Written anew, since its parts are tied together by their places in the file; nothing is lost."""
    made = io.BytesIO()
    frames: list[Image.Image] = []
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            found += _told_by_tags(dict(getattr(picture, "tag_v2", {})), place)
            frame = picture.copy()
            profile = picture.info.get("icc_profile")
            frame.info = {name: picture.info[name] for name in ("dpi",) if name in picture.info}
            if profile:
                neutral, told = neutral_profile(profile, place)
                frame.info["icc_profile"] = neutral
                found += told
            frames.append(frame)
        first, *more = frames
        packing = "group4" if all(frame.mode == "1" for frame in frames) else "tiff_adobe_deflate"
        first.save(made, "TIFF", save_all=True, append_images=more, compression=packing)
    return made.getvalue()


TIFF_TRACES = {tag: code for tag, code in TAGS.items() if tag < 0x9000} | {
    269: "path",
    285: "words",
    316: "device",
    700: "xmp",
    33723: "iptc",
    34377: "details",
    34665: "details",
    34853: "gps",
    37724: "details",
}


def _told_by_tags(tags: dict[int, object], place: str) -> list[Trace]:
    return [
        Trace(code, place, value if isinstance(value := tags[tag], str) else "")
        for tag, code in TIFF_TRACES.items()
        if tag in tags
    ]
