"""What a file may not hold: every danger is made here and refused with its reason."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import partial

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from simsa.web.entries.evidence import Limits
from simsa.web.entries.evidence.forms.ooxml import is_local
from simsa.web.entries.evidence.looking import look
from tests.web.entries.evidence.files import (
    blank_pdf,
    changed,
    docx_file,
    drawn,
    hwpx_file,
    members,
    package,
    pdf_file,
    picture,
    pptx_file,
    relation,
    replacing,
    saved,
    xlsx_file,
)


def codes(data: bytes, limits: Limits | None = None, *, allow_zip: bool = True) -> set[str]:
    return {fault.code for fault in look(data, limits or Limits(), allow_zip=allow_zip).faults}


# --- containers -------------------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_before_it_is_unpacked():
    part = bytes(6 << 20)
    assert codes(package({"a.bin": part})) == {"zip_bomb"}
    assert codes(changed(docx_file(), change={"word/media/a.bin": part})) == {"zip_bomb"}
    assert codes(docx_file(), Limits(unpacked=10_000)) == {"zip_bomb"}
    assert codes(docx_file(), Limits(members=5)) == {"zip_bomb"}


def test_a_part_that_is_larger_than_it_says_is_refused():
    data = bytearray(package({"a.pdf": bytes(1 << 20)}))
    size = struct.pack("<L", 1 << 20)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<L", 100)
    assert codes(bytes(data)) == {"damaged"}


def test_plain_words_that_begin_with_a_bracket_are_no_damaged_markup():
    """As Hangul writes the first words of a document that begins with a table."""
    assert codes(changed(hwpx_file(), change={"Preview/PrvText.txt": b"<1><2>\r\n<3>"})) == set()


@pytest.mark.parametrize("inner", [package({"a": "a"}), b"Rar!\x1a\x07\0", b"\x1f\x8b\x08\0"])
def test_archives_in_archives_are_refused(inner):
    assert codes(package({"a.zip": inner})) & {"nested", "archive"}
    assert codes(changed(hwpx_file(), change={"BinData/a.dat": inner})) == {"nested"}


@pytest.mark.parametrize(
    "name", ["../a.pdf", "/a.pdf", "C:/a.pdf", "a\\..\\b.pdf", "a/./b.pdf", "a//b.pdf", "a" * 300, "a\n.pdf"]
)
def test_names_that_lead_out_of_the_folder_are_refused(name):
    assert codes(package({name: pdf_file()})) == {"zip_names"}


def test_equal_names_and_links_are_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("a.pdf", pdf_file())
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("a.pdf", b"another")
    assert codes(made.getvalue()) == {"zip_names"}
    assert codes(package({"a.pdf": pdf_file(), "A.PDF": pdf_file()})) == {"zip_names"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        link = zipfile.ZipInfo("a.pdf")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    assert codes(made.getvalue()) == {"zip_names"}


def test_nothing_may_stand_beside_the_members_of_a_container():
    data = package({"a.pdf": pdf_file()})
    at = data.rindex(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    moved = bytearray(data[:at] + b"hidden" + data[at:])
    moved[end + 6 + 16 : end + 6 + 20] = struct.pack("<L", at + 6)
    assert codes(bytes(moved)) == {"zip_hidden"}
    assert codes(b"#!/bin/sh\n" + data)
    assert codes(data + b"behind") & {"zip_hidden", "damaged"}
    renamed = data.replace(b"a.pdf", b"b.pdf", 1)  # where it is, and not in the list
    assert codes(renamed) == {"zip_hidden"}


def test_a_container_that_was_written_as_a_stream_is_taken():
    """Its sizes stand behind the members, as Java and macOS write them."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.written += bytes(data)
            return len(data)

    made = Stream()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("폴더/", "")
        for name, part in members(docx_file()).items():
            file.writestr(name, part)
    assert codes(made.written) == set()


def test_an_encrypted_member_is_refused():
    data = bytearray(package({"a.pdf": pdf_file()}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    assert codes(bytes(data)) == {"encrypted"}


# --- XML --------------------------------------------------------------------------------------------------------------

OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
MAIN = {
    "docx": (docx_file, "word/document.xml"),
    "xlsx": (xlsx_file, "xl/workbook.xml"),
    "pptx": (pptx_file, "ppt/presentation.xml"),
    "hwpx": (hwpx_file, "Contents/section0.xml"),
}


@pytest.mark.parametrize("declared", [OUTSIDE, LAUGHS, '<!DOCTYPE a SYSTEM "http://example.org/a.dtd">'])
@pytest.mark.parametrize("form", MAIN)
def test_document_types_are_refused_in_every_part(form, declared):
    make, name = MAIN[form]

    def change(part: bytes, encoding: str = "UTF-8") -> bytes:
        body = part.partition(b"?>")[2] or part
        return f'<?xml version="1.0" encoding="{encoding}"?>{declared}{body.decode()}'.encode(encoding)

    assert codes(changed(make(), change={name: change})) == {"entities"}
    assert codes(changed(make(), change={name: partial(change, encoding="UTF-16")})) & {"damaged", "office_form"}
    assert codes(changed(make(), change={"any/where.xml": f"<?xml version='1.0'?>{declared}<a/>"})) == {"entities"}


def test_markup_in_another_encoding_than_every_program_writes_is_refused():
    part = "<?xml version='1.0' encoding='{0}'?><a>가</a>"
    for encoding in ("utf-16", "euc-kr"):
        data = changed(docx_file(), change={"any.xml": part.format(encoding).encode(encoding)})
        assert codes(data) == {"damaged"}
    assert codes(changed(docx_file(), change={"any.xml": part.format("utf-8").encode("utf-8-sig")})) == set()


def test_markup_that_is_not_well_formed_is_refused():
    assert codes(changed(docx_file(), change={"word/styles.xml": b"<a><b></a>"})) == {"damaged"}
    assert codes(changed(hwpx_file(), change={"Contents/header.xml": b"<a" + b"<b>" * 5000})) == {"damaged"}
    assert codes(changed(hwpx_file(), change={"Contents/section0.xml": b"<a>" * 5000 + b"</a>" * 5000})) == {"damaged"}


# --- office documents -------------------------------------------------------------------------------------------------

DOCUMENT_RELS, RELS = "word/_rels/document.xml.rels", "_rels/.rels"


@pytest.mark.parametrize(
    ("kind", "target", "external", "code"),
    [
        ("vbaProject", "vbaProject.bin", False, "macros"),
        ("oleObject", "embeddings/oleObject1.bin", False, "embedded"),
        ("package", "embeddings/a.xlsx", False, "embedded"),
        ("control", "activeX/activeX1.xml", False, "embedded"),
        ("aFChunk", "chunk.html", False, "embedded"),
        ("attachedTemplate", "http://example.org/a.dotm", True, "external"),
        ("attachedTemplate", "\\\\server\\share\\a.dotm", True, "external"),
        ("attachedTemplate", "file://server/share/a.dotm", True, "external"),
        ("image", "https://example.org/pixel.png", True, "external"),
        ("oleObject", "http://example.org/a.doc", True, "external"),
        ("frame", "http://example.org/a.htm", True, "external"),
        ("hyperlink", "javascript:alert(1)", True, "script"),
        ("video", "file:///C:/a.mp4", True, ""),
    ],
)
def test_what_a_document_may_not_lead_to(kind, target, external, code):
    data = changed(docx_file(), change={DOCUMENT_RELS: relation(kind, target, external=external)})
    assert codes(data) == ({code} if code else set())


def test_macros_are_found_without_being_declared():
    assert codes(changed(docx_file(), change={"word/vbaProject.bin": b"x"})) == {"macros"}
    assert codes(changed(xlsx_file(), change={"xl/_rels/workbook.xml.rels": relation("xlMacrosheet", "m.xml")})) == {
        "macros"
    }


def test_files_inside_of_documents_are_refused():
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100)
    for make, name in ((docx_file, "word/embeddings/x.bin"), (hwpx_file, "BinData/ole1.ole")):
        assert codes(changed(make(), change={name: ole})) == {"embedded"}
        assert codes(changed(make(), change={name: b"MZ\x90\0"})) == {"program"}


def test_the_workbook_behind_a_chart_is_looked_at_too():
    (name,) = (name for name in members(pptx_file()) if name.startswith("ppt/embeddings/"))
    assert codes(pptx_file()) == set()
    bad = changed(members(pptx_file())[name], change={"xl/vbaProject.bin": b"x", "any.xml": OUTSIDE + "<a/>"})
    assert codes(changed(pptx_file(), change={name: bad})) == {"entities"}


def field(*pieces: str) -> str:
    """A field whose instruction is cut into runs."""
    mark = '<w:r><w:fldChar w:fldCharType="{0}"/></w:r>'
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return f"{mark.format('begin')}{runs}{mark.format('separate')}<w:r><w:t>shown</w:t></w:r>{mark.format('end')}"


@pytest.mark.parametrize(
    ("inserted", "code"),
    [
        (field(" DDEAUTO c:\\windows\\cmd.exe"), "external"),
        (field(" DD", "E", "AUTO c:\\cmd.exe"), "external"),
        (field(" D&#68;E a b"), "external"),
        (field("\n dde a"), "external"),
        ('<w:fldSimple w:instr="DDEAUTO a"/>', "external"),
        (field(' INCLUDEPICTURE "http://example.org/a.png"'), "external"),
        (field(' INCLUDETEXT "\\\\\\\\server\\\\a.docx"'), "external"),
        (field(' IF 1 = 1 "', "") + field(" LINK Excel.Sheet http://example.org/a.xls"), "external"),
        (field(' INCLUDEPICTURE "C:\\\\Users\\\\a.png"'), ""),
        (field(' HYPERLINK "http://example.org"'), ""),
        (field(" PAGE "), ""),
    ],
)
def test_fields_that_fetch_or_run_something_are_refused(inserted, code):
    data = changed(docx_file(), change={"word/document.xml": replacing("<w:p>", f"<w:p>{inserted}")})
    assert codes(data) == ({code} if code else set())


def test_data_connections_are_refused():
    for kind in ("connections", "queryTable"):
        data = changed(xlsx_file(), change={"xl/_rels/workbook.xml.rels": relation(kind, "a.xml")})
        assert codes(data) == {"external"}
    link = "<externalLink><ddeLink ddeService='cmd'/></externalLink>"
    assert codes(changed(xlsx_file(), change={"xl/externalLinks/externalLink1.xml": link})) == {"external"}


@pytest.mark.parametrize(
    "svg",
    [
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:alert(1)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://example.org/a.png"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript&#58;alert(1)"/></svg>',
        '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><style>@import "http://example.org"</style></svg>',
    ],
)
def test_drawings_that_run_or_fetch_something_are_refused(svg):
    assert codes(changed(hwpx_file(), change={"BinData/a.svg": svg})) == {"script"}
    assert codes(changed(pptx_file(), change={"ppt/media/a.svg": svg})) == {"script"}


def test_a_drawing_that_only_draws_is_taken():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9" fill="url(#a)"/><use href="#b"/></svg>'
    assert codes(changed(pptx_file(), change={"ppt/media/a.svg": svg})) == set()


def test_scripts_of_a_word_processor_document_are_refused_unless_they_do_nothing():
    empty = "var Documents = XHwpDocuments;\nvar Document = Documents.Active_XHwpDocument;\n"
    handlers = "function OnDocument_New()\n{\n\t//todo : \n}\n\nfunction OnDocument_Open()\n{\n\t//todo : \n}\n"
    for encoding in ("utf-8", "utf-16"):
        parts = {
            "Scripts/headerScripts.js": empty.encode(encoding),
            "Scripts/sourceScripts.js": handlers.encode(encoding),
        }
        assert codes(changed(hwpx_file(), change=parts)) == set()
        parts["Scripts/sourceScripts.js"] = handlers.replace("//todo : ", "Run();", 1).encode(encoding)
        assert codes(changed(hwpx_file(), change=parts)) == {"macros"}


def test_an_encrypted_word_processor_document_is_refused():
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:encryption-data/></m:manifest>'
    )
    assert codes(changed(hwpx_file(), change={"META-INF/manifest.xml": manifest})) == {"encrypted"}


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("file:///C:\\Users\\kim\\Normal.dotm", True),
        ("C:/Users/kim/a.xlsx", True),
        ("/C:/Users/a.xlsx", True),
        ("../a.xlsx", True),
        ("%EA%B9%80.xlsx", True),
        ("file://localhost/C:/a", True),
        ("file:///home/kim/a", True),
        ("file://server/a", False),
        ("file:////server/a", False),
        ("\\\\server\\a", False),
        ("//server/a", False),
        ("%5C%5Cserver/a", False),
        ("http://example.org", False),
        ("HTTP:example.org", False),
        ("mhtml:http://example.org", False),
    ],
)
def test_addresses_of_the_own_computer_and_of_a_network(address, local):
    assert is_local(address) is local


# --- PDF --------------------------------------------------------------------------------------------------------------


def with_catalogue(**entries: object) -> bytes:
    pdf = blank_pdf()
    for name, value in entries.items():
        pdf.Root[f"/{name}"] = value
    return saved(pdf)


def action(kind: str, **more: object) -> Dictionary:
    return Dictionary(S=Name(f"/{kind}"), **more)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: with_catalogue(OpenAction=action("JavaScript", JS="app.alert(1)")), "script"),
        (lambda: with_catalogue(OpenAction=action("Launch", F="cmd.exe")), "launch"),
        (lambda: with_catalogue(AA=Dictionary(WC=action("SubmitForm", F="http://example.org"))), "launch"),
        (lambda: with_catalogue(OpenAction=action("URI", URI="javascript:alert(1)")), "script"),
        (lambda: with_catalogue(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))), "embedded"),
        (
            lambda: with_catalogue(Names=Dictionary(JavaScript=Dictionary(Names=["a", action("JavaScript", JS="1")]))),
            "script",
        ),
        (lambda: with_catalogue(Collection=Dictionary()), "embedded"),
        (lambda: with_catalogue(AcroForm=Dictionary(XFA=Array([]), Fields=Array([]))), "xfa"),
    ],
)
def test_what_a_pdf_may_not_do(data, code):
    assert codes(data()) == {code}


@pytest.mark.parametrize(
    ("kind", "code"), [("FileAttachment", "embedded"), ("RichMedia", "film"), ("3D", "film"), ("Screen", "film")]
)
def test_annotations_that_hold_something_else_are_refused(kind, code):
    pdf = blank_pdf()
    pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=[0, 0, 9, 9])])
    assert code in codes(saved(pdf))


def test_a_file_attached_without_being_named_and_a_stream_elsewhere_are_refused():
    pdf = blank_pdf()
    pdf.Root.Anything = Dictionary(Type=Name.Filespec, EF=Dictionary(F=pdf.make_stream(b"MZ")))
    assert codes(saved(pdf)) == {"embedded"}
    pdf = blank_pdf()
    pdf.pages[0].Contents.F = pikepdf.String("http://example.org/a")
    assert codes(saved(pdf)) == {"external"}


def test_scripts_are_found_in_packed_and_deep_objects():
    pdf = blank_pdf()
    deep = action("JavaScript", JS="1")
    for _ in range(20):
        deep = Dictionary(Kids=Array([deep]))
    pdf.pages[0].obj.Deep = deep
    packed = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in packed
    assert codes(packed) == {"script"}


def test_a_pdf_with_too_many_pages_is_refused():
    assert codes(pdf_file(), Limits(sheets=1)) == {"too_long"}


# --- pictures ---------------------------------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def huge_png() -> bytes:
    head = struct.pack(">LLBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_picture_that_would_fill_the_memory_is_refused_wherever_it_stands():
    assert codes(huge_png()) == {"pixels"}
    assert codes(changed(docx_file(), change={"word/media/image1.png": huge_png()})) == {"pixels"}
    assert codes(changed(hwpx_file(), change={"BinData/a.png": huge_png()})) == {"pixels"}
    assert codes(picture("JPEG"), Limits(pixels=100)) == {"pixels"}


def test_moving_pictures_are_refused_and_scans_of_several_pages_taken():
    frames = [drawn().rotate(angle) for angle in (90, 180)]
    assert codes(picture("PNG", save_all=True, append_images=frames)) == {"moving"}
    assert codes(picture("WEBP", save_all=True, append_images=frames)) == {"moving"}
    assert codes(picture("TIFF", save_all=True, append_images=frames)) == set()
    assert codes(picture("TIFF", save_all=True, append_images=frames), Limits(sheets=2)) == {"too_long"}
