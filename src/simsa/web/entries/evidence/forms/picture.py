"""Pictures. A copy has the same compressed pixels, and of everything else only what changes how they are shown."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator
from struct import error as StructError  # noqa: N812 (an error by its name)
from struct import pack, unpack_from

from PIL import ExifTags, Image, UnidentifiedImageError

from simsa.web.entries.evidence.findings import Finding, Trace, refuse
from simsa.web.entries.evidence.forms.profile import neutral_profile
from simsa.web.entries.evidence.limits import Limits

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
ORIENTATION = 0x0112
EXIF = {
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
DETAILS = "details"
SHOWN_PNG = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
SHOWN_WEBP = {b"VP8 ", b"VP8L", b"ALPH"}
START, END, SCAN = 0xD8, 0xD9, 0xDA


def faults(data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against a picture; it is not decoded for that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
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
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, StructError, UnidentifiedImageError):
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
    except (zlib.error, StructError, IndexError, OSError, SyntaxError, ValueError, TypeError, KeyError) as error:
        raise refuse("damaged", place) from error


def cleaned_jpeg(data: bytes, place: str, found: list[Trace]) -> bytes:
    """Without application segments and comments, but for what says how colours are stored and which way is up."""
    first, kept, profile, turned = b"", [], {}, 1
    at = 2
    while at < len(data):  # a picture that ends early is shown as far as it goes
        marker = data[at + 1]
        if data[at] != 0xFF or marker in (0, 1) or 0xD0 <= marker <= START:
            raise ValueError("no marker")
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == END:
            at += 2
            kept.append(b"\xff\xd9")
            break
        (length,) = unpack_from(">H", data, at + 2)
        end = _next_marker(data, at + 2 + length) if marker == SCAN else at + 2 + length
        body = data[at + 4 : at + 2 + length]
        if len(body) != length - 2:
            raise ValueError("cut off")
        if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
            first = _segment(0xE0, body[:12] + b"\0\0")  # without its thumbnail
            found += [Trace("thumbnail", place)] if len(body) > 14 else []
        elif marker == 0xEE and body.startswith(b"Adobe"):
            kept.append(_segment(0xEE, body[:12]))
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
            profile[body[12]] = body[14:]
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            turned, told = _exif(body[6:], place)
            found += told
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            found.append(_told_by_segment(marker, body, place))
        else:
            kept.append(data[at:end])
        at = end
    if data[at:].strip(b"\0"):
        found.append(Trace("behind", place, f"{len(data) - at} bytes"))
    said = [] if turned == 1 else [_segment(0xE1, b"Exif\0\0" + _orientation(turned))]
    if profile:
        neutral, told = neutral_profile(b"".join(profile[n] for n in sorted(profile)), place)
        found += told
        pieces = [neutral[n : n + 65000] for n in range(0, len(neutral), 65000)]
        said += [
            _segment(0xE2, b"ICC_PROFILE\0" + bytes((n, len(pieces))) + piece)
            for n, piece in enumerate(pieces, start=1)
        ]
    return b"".join((data[:2], first, *said, *kept))


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
    return Trace(DETAILS, place, f"APP{marker - 0xE0}")


def _exif(data: bytes, place: str) -> tuple[int, list[Trace]]:
    """Which way is up, and what else it tells. What cannot be read is told as what it is."""
    exif = Image.Exif()
    try:
        exif.load(data)
        tags = dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
        places = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, StructError):
        return 1, [Trace(DETAILS, place, "EXIF")]
    turned = tags.pop(ORIENTATION, 1)
    told = [
        Trace(EXIF[tag], place, value if isinstance(value, str) else "") for tag, value in tags.items() if tag in EXIF
    ]
    told += [Trace("gps", place)] if places else []
    if not told and (set(tags) - {0x8769} or len(data) > len(_orientation(1))):
        told.append(Trace(DETAILS, place, "EXIF"))
    return (turned if isinstance(turned, int) and 1 <= turned <= 8 else 1), told


def _orientation(turned: int) -> bytes:
    """EXIF that says nothing else."""
    return b"II*\0\x08\0\0\0\x01\0" + pack("<HHLHHL", ORIENTATION, 3, 1, turned, 0, 0)


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
            told = _png_profile(whole[8:-4], place)
            kept.append(told[0])
            found += told[1]
        elif name == b"eXIf":
            turned, told_by_exif = _exif(whole[8:-4], place)
            found += told_by_exif
            kept += [] if turned == 1 else [_chunk(b"eXIf", _orientation(turned))]
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            word = whole[8:-4].partition(b"\0")[0].decode("latin-1")
            code = {"Author": "author", "Software": "program", "Creation Time": "times"}.get(word, "words")
            found.append(Trace("xmp" if "xmp" in word else code, place, word))
        elif name == b"tIME":
            found.append(Trace("times", place))
        else:
            found.append(Trace(DETAILS, place, name.decode("latin-1")))
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
        told.append(Trace(DETAILS, place, name.decode("latin-1")))
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
            turned, told = _exif(body.removeprefix(b"Exif\0\0"), place)
            found += told
            if turned != 1:
                kept.append((name, _orientation(turned)))
        else:
            found.append(Trace("xmp" if name == b"XMP " else DETAILS, place, name.decode("latin-1")))
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
            found += _told_by_tags(dict(picture.tag_v2), place)
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


TIFF_TRACES = {tag: code for tag, code in EXIF.items() if tag < 0x9000} | {
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
