"""The copy of a PDF: written anew from the objects that the pages need.

Notes are left out, other annotations and forms become part of the page; so what was signed is no longer a signature but
its picture. Earlier versions of the file, which stand before the last one, are gone.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from struct import error as StructError  # noqa: N812 (an error by its name)
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from simsa.web.entries.evidence.findings import Trace, refuse
from simsa.web.entries.evidence.forms.jpeg import cleaned_jpeg
from simsa.web.entries.evidence.forms.jpeg2000 import cleaned_jpeg2000
from simsa.web.entries.evidence.forms.pdf import dictionaries
from simsa.web.entries.evidence.forms.profile import neutral_profile

NOTES = ("/Text", "/Popup")
INFO = {
    "/Author": "author",
    "/Creator": "program",
    "/Producer": "program",
    "/CreationDate": "times",
    "/ModDate": "times",
    "/Company": "company",
    "/Manager": "author",
    "/Title": "words",
    "/Subject": "words",
    "/Keywords": "words",
}
_CODING = {"/Length", "/Filter", "/DecodeParms", "/Type", "/Subtype"}
CATALOGUE = {"/Type", "/Version", "/Pages", "/PageLabels", "/Names", "/Dests", "/ViewerPreferences", "/PageLayout"}
CATALOGUE |= {"/PageMode", "/Outlines", "/MarkInfo", "/StructTreeRoot", "/Lang", "/OutputIntents", "/OCProperties"}
PAGE = {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Contents"}
PAGE |= {"/Rotate", "/Group", "/Annots", "/Tabs", "/StructParents", "/UserUnit"}
PAGES = {"/Type", "/Parent", "/Kids", "/Count", "/Resources", "/MediaBox", "/CropBox", "/Rotate"}
RESOURCES = {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/ProcSet", "/Properties"}
IMAGE = _CODING | {"/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Intent", "/ImageMask", "/Mask", "/Decode"}
IMAGE |= {"/Interpolate", "/SMask", "/SMaskInData", "/StructParent", "/OC", "/Matte"}
FORM = _CODING | {"/FormType", "/BBox", "/Matrix", "/Resources", "/Group", "/StructParent", "/StructParents", "/OC"}
LINK = {"/Type", "/Subtype", "/Rect", "/Border", "/BS", "/C", "/A", "/Dest", "/QuadPoints", "/H", "/F", "/StructParent"}
ACTION = {"/Type", "/S", "/D", "/URI"}
OUTLINE = {"/Title", "/Parent", "/Prev", "/Next", "/First", "/Last", "/Count", "/Dest", "/C", "/F", "/SE", "/A"}
ANYWHERE = {"/Metadata": "xmp", "/PieceInfo": "custom", "/LastModified": "times", "/Thumb": "thumbnail", "/OPI": "path"}
ANYWHERE |= {"/AF": "details", "/CreatorInfo": "program"}
"""What is left out wherever it stands, with what it tells."""


def cleaned(data: bytes, place: str = "") -> tuple[bytes, list[Trace]]:
    """The copy and what it lacks."""
    made = io.BytesIO()
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            found = list(_told_by_info(pdf))
            if data.rstrip().count(b"%%EOF") > 1 and b"/Linearized" not in data[:2048]:
                found.append(Trace("changes", "PDF"))
            _flatten(pdf, found)
            _keep(pdf.Root, CATALOGUE, found, "catalogue")
            _clean_catalogue(pdf, found)
            for page in pdf.pages:
                _keep(page.obj, PAGE, found, "page")
                if isinstance(resources := page.obj.get("/Resources"), Dictionary):
                    _keep(resources, RESOURCES, found, "resources")
                _clean_contents(page.obj, pdf)
            for held in dictionaries(pdf):
                _clean_anywhere(held, found)
            for held in pdf.objects:
                if isinstance(held, Stream):
                    _clean_stream(held, found)
            for key in [key for key in pdf.trailer.keys() if key not in ("/Root", "/Size", "/Encrypt")]:  # noqa: SIM118
                del pdf.trailer[key]
            pdf.save(
                made,
                deterministic_id=True,
                encryption=False,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                compress_streams=True,
            )
    except (pikepdf.PdfError, AttributeError, ValueError, TypeError, LookupError, StructError, zlib.error) as error:
        raise refuse("damaged", place) from error
    return made.getvalue(), found


def _told_by_info(pdf: Pdf) -> Iterator[Trace]:
    info = pdf.trailer.get("/Info")
    if isinstance(info, Dictionary):
        for key, value in info.items():
            if str(value):
                yield Trace(INFO.get(key, "custom"), f"Info {key}", str(value))


def _keep(held: Any, keys: set[str], found: list[Trace], place: str) -> None:
    for key in [key for key in held.keys() if key not in keys]:  # noqa: SIM118
        if key in ANYWHERE:
            found.append(Trace(ANYWHERE[key], place))
        elif key not in ("/AcroForm", "/OpenAction", "/B", "/Trans", "/Dur", "/Extensions", "/Threads", "/Name"):
            found.append(Trace("details", place, key))
        del held[key]


def _flatten(pdf: Pdf, found: list[Trace]) -> None:
    """Make annotations part of their pages; keep links, leave out notes and what all of them say beside their looks."""
    before = [annotation for page in pdf.pages for annotation in _annotations(page)]
    for annotation in before:
        kind = str(annotation.get("/Subtype"))
        if kind not in ("/Widget", "/Link") and "/T" in annotation:
            found.append(Trace("comments", "annotation", str(annotation.get("/T"))))
        if kind in NOTES:
            found.append(Trace("comments", "annotation", str(annotation.get("/Contents", ""))))
            _empty(annotation)
    if "/AcroForm" in pdf.Root:
        pdf.generate_appearance_streams()
        signatures = [held for held in dictionaries(pdf) if _is(held, Name.Sig)]
        found += [Trace("signature", "form", str(held.get("/Name", ""))) for held in signatures]
    pdf.flatten_annotations("all")
    kept = {link.objgen for page in pdf.pages for link in _keep_links(page)}
    for annotation in before:  # the tree that is read aloud may still lead to them
        if annotation.is_indirect and annotation.objgen not in kept:
            _empty(annotation)


def _annotations(page: Any) -> list[Any]:
    listed = page.obj.get("/Annots")
    return [held for held in listed if isinstance(held, Dictionary)] if isinstance(listed, Array) else []


def _keep_links(page: Any) -> list[Any]:
    links = [annotation for annotation in _annotations(page) if _is_link(annotation)]
    for link in links:
        _keep(link, LINK, [], "link")
        if "/A" in link:
            _keep(link.A, ACTION, [], "link")
    if links:
        page.obj.Annots = Array(links)
    elif "/Annots" in page.obj:
        del page.obj["/Annots"]
    return links


def _is(held: Any, kind: Any) -> bool:
    """Whether it says to be of a type."""
    said = held.get("/Type")
    return isinstance(said, Name) and said == kind


def _is_link(annotation: Any) -> bool:
    if not isinstance(annotation, Dictionary) or str(annotation.get("/Subtype")) != "/Link":
        return False
    return "/Dest" in annotation or _leads_inside_or_to_the_web(annotation.get("/A"))


def _leads_inside_or_to_the_web(action: Any) -> bool:
    if not isinstance(action, Dictionary):
        return False
    if str(action.get("/S")) == "/GoTo":
        return True
    address = str(action.get("/URI", ""))
    return str(action.get("/S")) == "/URI" and address.lower().startswith(("http://", "https://"))


def _empty(held: Any) -> None:
    for key in list(held.keys()):
        del held[key]


def _clean_catalogue(pdf: Pdf, found: list[Trace]) -> None:
    if isinstance(names := pdf.Root.get("/Names"), Dictionary):
        _keep(names, {"/Dests"}, found, "names")
    if isinstance(preferences := pdf.Root.get("/ViewerPreferences"), Dictionary):
        _keep(preferences, {"/DisplayDocTitle", "/Direction"}, [], "preferences")
    for held in dictionaries(pdf):
        if "/Title" in held and "/Parent" in held and "/Rect" not in held:
            _keep(held, OUTLINE, found, "outline")
            if _leads_inside_or_to_the_web(held.get("/A")):
                _keep(held.A, ACTION, [], "outline")
            elif "/A" in held:
                del held["/A"]
    intents = pdf.Root.get("/OutputIntents")
    for intent in intents if isinstance(intents, Array) else []:
        _keep(intent, {"/Type", "/S", "/OutputConditionIdentifier", "/DestOutputProfile"}, [], "intent")
        intent.OutputConditionIdentifier = pikepdf.String("Custom")


def _clean_anywhere(held: Any, found: list[Trace]) -> None:
    for key, code in ANYWHERE.items():
        if key in held:
            found.append(Trace(code, "PDF"))
            del held[key]
    if _is(held, Name.Pages):
        _keep(held, PAGES, found, "pages")
    if _is(held, Name.StructElem):
        _drop(held, ("/T", "/R", "/ID"))
    if "/OCGs" in held and "/D" in held:  # layers, and which of them are shown
        for layers in [held.get("/D"), *(held.get("/Configs") or [])]:
            _drop(layers, ("/Creator", "/Name"))
    for profile in _colour_profiles(held):
        _clean_profile(profile, found)


def _drop(held: Any, keys: Iterable[str]) -> None:
    for key in keys if isinstance(held, Dictionary) else ():
        if key in held:
            del held[key]


def _clean_profile(profile: Any, found: list[Trace]) -> None:
    before = profile.read_bytes()
    try:
        neutral, told = neutral_profile(before, "PDF") if before else (b"", [])
    except (ValueError, StructError, IndexError):
        neutral, told = b"", [Trace("profile", "PDF")]  # the number of colours says enough
    if told:
        found += told
        _keep(profile, {"/N", "/Alternate", "/Range", "/Length", "/Filter", "/DecodeParms"}, [], "profile")
        profile.write(neutral)


def _colour_profiles(held: Any) -> Iterator[Any]:
    for key in held.keys():  # noqa: SIM118
        value = held.get(key)
        if key == "/DestOutputProfile" and isinstance(value, Stream):
            yield value
        elif isinstance(value, Array):
            yield from _profiles_in(value, 0)


def _profiles_in(listed: Any, depth: int) -> Iterator[Any]:
    if len(listed) == 2 and isinstance(listed[1], Stream) and str(listed[0]) == "/ICCBased":
        yield listed[1]
    for value in listed:
        if isinstance(value, Array) and depth < 4:
            yield from _profiles_in(value, depth + 1)


def _clean_stream(held: Any, found: list[Trace]) -> None:
    kind = str(held.get("/Subtype", ""))
    if kind == "/Image":
        _keep(held, IMAGE, found, "picture")
        try:
            _clean_picture(held, found)
        except (ValueError, IndexError, StructError, zlib.error):
            # It stays as it is and goes on being told, so that the file is in no blind round.
            found.append(Trace("details", "picture", str(held.get("/Filter"))))
    elif kind == "/Form":
        _keep(held, FORM, found, "form")
        _without_remarks(held)


def _clean_picture(held: Any, found: list[Trace]) -> None:
    filters = held.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, Array) else [str(filters)]
    if names[-1] not in ("/DCTDecode", "/JPXDecode"):
        return
    data = held.read_raw_bytes()
    parameters = held.get("/DecodeParms")
    if len(names) == 2 and names[0] == "/FlateDecode":
        data = zlib.decompress(data)
        parameters = parameters[1] if isinstance(parameters, Array) and len(parameters) == 2 else None
    elif len(names) > 1:
        raise ValueError("packed in an unusual way")
    elif isinstance(parameters, Array):
        parameters = parameters[0] if len(parameters) else None
    told: list[Trace] = []
    clean = cleaned_jpeg2000 if names[-1] == "/JPXDecode" else cleaned_jpeg
    data = clean(data, "PDF", told)
    if told or len(names) > 1:
        found += told
        held.write(
            data, filter=Name(names[-1]), decode_parms=parameters if isinstance(parameters, Dictionary) else None
        )


def _clean_contents(page: Any, pdf: Pdf) -> None:
    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, Array) else [contents]:
        if isinstance(stream, Stream):
            _keep(stream, {"/Length", "/Filter", "/DecodeParms"}, [], "contents")
    if any(b"%" in stream.read_bytes() for stream in _streams(contents)):
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)))


def _streams(contents: Any) -> list[Any]:
    return [held for held in (contents if isinstance(contents, Array) else [contents]) if isinstance(held, Stream)]


def _without_remarks(held: Any) -> None:
    if b"%" in held.read_bytes():
        held.write(pikepdf.unparse_content_stream(pikepdf.parse_content_stream(held)))
