"""Files with a secret in every place that tells who made them, and a search that would find it anywhere."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.web.entries.evidence.files import blank_pdf, members, package, saved, telling_picture
from tests.web.entries.evidence.telling_office import docx_secret, hwpx_secret, pptx_secret, xlsx_secret


def find(data: bytes, secret: str) -> list[str]:
    """Where a secret stands: in the bytes, in what is packed in them, as UTF-8 or UTF-16."""
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return [
        f"{place} {encoding}"
        for place, part in _unpacked(data, "")
        for encoding in encodings
        if secret.encode(encoding) in part
    ]


def _unpacked(data: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    yield place, data
    if data.startswith(b"PK\x03\x04"):
        for name, part in members(data).items():
            yield place, name.encode()
            yield from _unpacked(part, f"{place}/{name}")
    elif data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            yield f"{place}/trailer", pdf.trailer.unparse()
            for held in pdf.objects:
                yield f"{place}/{held.objgen}", _plain(held)
                if isinstance(held, pikepdf.Stream):
                    yield f"{place}/{held.objgen}/raw", held.read_raw_bytes()
                    if not {"/DCTDecode", "/JPXDecode"} & set(str(held.get("/Filter", "")).split()):
                        yield f"{place}/{held.objgen}/stream", held.read_bytes()
    elif data.startswith(b"\x89PNG"):
        yield from _unpacked_png(data, place)


def _unpacked_png(data: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at < len(data) - 12:
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        for begin in range(at + 8, min(end, at + 108)):  # a packed text begins behind its word
            with suppress(zlib.error):
                yield f"{place}/chunk", zlib.decompressobj().decompress(data[begin:end], 1 << 20)
        at = end + 4


def _plain(held: pikepdf.Object) -> bytes:
    """A PDF object, its strings as text."""
    if isinstance(held, pikepdf.String):
        return str(held).encode()
    if isinstance(held, Dictionary | pikepdf.Stream):
        entries = [(key, held.get(key)) for key in held.keys()]  # noqa: SIM118 (no mapping)
        return b" ".join(key.encode() + b" " + _plain(value) for key, value in entries if not _far(value))
    if isinstance(held, Array):
        return b" ".join(_plain(value) for value in held if not _far(value))
    return str(held).encode()


def _far(held: object) -> bool:
    return isinstance(held, pikepdf.Object) and held.is_indirect


def pdf_secret(secret: str) -> bytes:
    pdf = blank_pdf(2)
    for key in ("Author", "Creator", "Producer", "Title", "Subject", "Keywords", "Company", "CreationDate", secret):
        pdf.docinfo[f"/{key}"] = secret
    pdf.Root.Metadata = pdf.make_stream(
        f"<x:xmpmeta>{secret}</x:xmpmeta>".encode(), Type=Name.Metadata, Subtype=Name.XML
    )
    pdf.Root.PieceInfo = Dictionary(App=Dictionary(Private=String(secret)))
    pdf.Root[f"/{secret}"] = String(secret)
    pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(I=Dictionary(Author=String(secret))))])
    pdf.trailer[f"/{secret}"] = String(secret)
    pdf.trailer.ID = Array([String(secret), String(secret)])
    page = pdf.pages[0]
    page.obj.PieceInfo = Dictionary(App=Dictionary(LastModified=String(secret)))
    page.obj.Thumb = pdf.make_stream(secret.encode())
    page.obj.Contents = pdf.make_stream(page.Contents.read_bytes() + f"\n% {secret}\n".encode())
    jpeg = telling_picture("JPEG", secret)
    image = pdf.make_stream(
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=60,
        Height=40,
        BitsPerComponent=8,
        ColorSpace=Array([Name.ICCBased, pdf.make_stream(b"%b" % secret.encode(), N=3)]),
        Filter=Name.DCTDecode,
        Metadata=pdf.make_stream(secret.encode()),
        Private=String(secret),
    )
    drawn = pdf.make_stream(
        f"0 1 0 rg 0 0 40 40 re f % {secret}".encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 40, 40]
    )
    drawn.PieceInfo = Dictionary(Private=String(secret))
    page.obj.Resources.XObject = Dictionary(Im=image, Fm=drawn)
    page.contents_add(b"q 60 0 0 40 200 20 cm /Im Do Q q 1 0 0 1 200 200 cm /Fm Do Q")
    looks = Dictionary(
        N=pdf.make_stream(b"1 0 0 rg 0 0 20 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 20, 20])
    )
    told = {
        "T": String(secret),
        "NM": String(secret),
        "Contents": String(secret),
        "RC": String(secret),
        "M": String(secret),
    }
    note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[10, 350, 30, 370], **told))
    mark = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=[40, 350, 60, 370], AP=looks, **told)
    )
    link = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[0, 0, 9, 9],
            NM=String(secret),
            A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
        )
    )
    own = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.GoToR, F=String(f"C:/{secret}"))
        )
    )
    signed = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(secret),
            Rect=[70, 350, 90, 370],
            AP=looks,
            V=Dictionary(Type=Name.Sig, Name=String(secret), ContactInfo=String(secret)),
        )
    )
    page.obj.Annots = Array([note, mark, link, own, signed])
    pdf.Root.AcroForm = Dictionary(Fields=Array([signed]), SigFlags=3)
    held = pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.P,
            T=String(secret),
            Alt=String("shown"),
            K=Dictionary(Type=Name.OBJR, Obj=mark),
        )
    )
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([held])))
    layer = pdf.make_indirect(
        Dictionary(
            Type=Name.OCG, Name=String("layer"), Usage=Dictionary(CreatorInfo=Dictionary(Creator=String(secret)))
        )
    )
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Creator=String(secret), Order=Array([layer])))
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent, S=Name.GTS_PDFX, Info=String(secret), OutputConditionIdentifier=String(secret)
            )
        ]
    )
    return saved(pdf) + f"\n%%EOF\n% {secret}\n%%EOF\n".encode()


def zip_secret(secret: str) -> bytes:
    return package(
        {f"{secret}.pdf": pdf_secret(secret), f"{secret}/사진.jpg": telling_picture("JPEG", secret)},
        comment=secret.encode(),
    )


TELLING: dict[str, Callable[[str], bytes]] = {
    "docx": docx_secret,
    "xlsx": xlsx_secret,
    "pptx": pptx_secret,
    "hwpx": hwpx_secret,
    "pdf": pdf_secret,
    "zip": zip_secret,
    "jpeg": lambda secret: telling_picture("JPEG", secret),
    "png": lambda secret: telling_picture("PNG", secret),
    "webp": lambda secret: telling_picture("WEBP", secret),
    "tiff": lambda secret: telling_picture("TIFF", secret),
}
