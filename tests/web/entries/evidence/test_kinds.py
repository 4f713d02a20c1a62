"""A file is what it holds, whatever it is called; what is not taken is told by its name in words."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.web.entries.evidence import Finding, Kind, Limits
from simsa.web.entries.evidence.findings import RefusedError
from simsa.web.entries.evidence.kinds import MEDIA_TYPES, contradiction, kind_of
from simsa.web.entries.evidence.looking import look
from simsa.web.entries.evidence.words import FINDINGS
from tests.web.entries.evidence.files import FILES, blank_pdf, docx_file, package, pdf_file, picture, saved

LIMITS = Limits()
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def refused(data: bytes, *, allow_zip: bool = False) -> str:
    with pytest.raises(RefusedError) as raised:
        kind_of(data, LIMITS, allow_zip=allow_zip)
    (fault,) = raised.value.faults
    return fault.code


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_is_known_by_its_content(kind):
    assert kind_of(FILES[kind](), LIMITS, allow_zip=False) is Kind(kind)
    assert look(FILES[kind](), LIMITS, allow_zip=False).faults == ()


def test_a_zip_is_taken_where_it_is_allowed_with_what_is_taken_in_it():
    data = package({"1.pdf": pdf_file(), "사진.jpg": picture("JPEG")})
    assert refused(data) == "zip"
    assert kind_of(data, LIMITS, allow_zip=True) is Kind.ZIP
    assert look(data, LIMITS, allow_zip=True).faults == ()
    (fault,) = look(package({"a.html": "<html>"}), LIMITS, allow_zip=True).faults
    assert (fault.code, fault.detail) == ("web_page", "a.html")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (OLE + "HwpSummaryInformation".encode("utf-16-le"), "hwp"),
        (b"HWP Document File V3.00", "hwp"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE + "WordDocument".encode("utf-16-le"), "old_office"),
        (OLE, "other"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
        (b"\xef\xbb\xbf  <svg/>", "svg"),
        (b"<!DOCTYPE html><p>", "web_page"),
        (b"<script>alert(1)</script>", "web_page"),
        (b'<?xml version="1.0"?><a/>', "xml"),
        (b"MZ\x90\0", "program"),
        (b"\x7fELF\2", "program"),
        (b"#!/bin/sh\n", "program"),
        (picture("GIF"), "gif"),
        (picture("BMP"), "picture"),
        (b"\0\0\0\x18ftypheic\0\0", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0", "film"),
        (b"7z\xbc\xaf\x27\x1c\0", "archive"),
        (b"Rar!\x1a\x07\0", "archive"),
        (rb"{\rtf1 a}", "rtf"),
        ("그냥 글".encode(), "text"),
        (b"\0\1\2\3\4", "other"),
        (package({"META-INF/MANIFEST.MF": "", "A.class": b"\xca\xfe\xba\xbe"}), "program"),
        (package({"mimetype": "application/vnd.oasis.opendocument.text"}), "open_document"),
    ],
)
def test_what_is_not_taken_is_named(data, code):
    assert refused(data) == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"document.main+xml", b"document.macroEnabled.main+xml", "macros"),
        (b"document.main+xml", b"template.main+xml", "office_form"),
    ],
)
def test_office_files_of_another_form_are_told_apart(old, new, code):
    from tests.web.entries.evidence.files import changed

    data = changed(docx_file(), change={"[Content_Types].xml": lambda part: part.replace(old, new)})
    assert refused(data) == code


def test_a_pdf_that_asks_for_a_password_is_refused_and_one_that_does_not_is_taken():
    import pikepdf

    locked = saved(blank_pdf(), encryption=pikepdf.Encryption(owner="a", user="b"))
    assert [fault.code for fault in look(locked, LIMITS, allow_zip=False).faults] == ["encrypted"]
    limited = saved(blank_pdf(), encryption=pikepdf.Encryption(owner="a", user=""))
    assert look(limited, LIMITS, allow_zip=False).faults == ()


ARCHIVE = package({"a.txt": "a"})


@pytest.mark.parametrize(
    "data",
    [
        pdf_file() + ARCHIVE,
        ARCHIVE + pdf_file(),
        b"junk" + pdf_file(),
        picture("PNG") + ARCHIVE,
        picture("JPEG") + ARCHIVE,
        picture("PNG") + b"<script>alert(1)</script>",
        picture("JPEG", comment=b"*/=1;<script src=x></script>"),
        picture("JPEG")[:4] + b"/*" + picture("JPEG")[6:],
        picture("JPEG", comment=b"%PDF-1.4 "),
        picture("GIF") + b"=1;alert(1)",
        b"MZ" + docx_file(),
    ],
)
def test_a_file_that_is_two_things_at_once_is_refused(data):
    assert look(data, LIMITS, allow_zip=True).faults


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("보고서.PDF", Kind.PDF, None),
        ("사진.jpeg", Kind.JPEG, None),
        ("보고서.docx", Kind.PDF, ".docx / .pdf"),
        ("보고서", Kind.HWPX, "- / .hwpx"),
        ("보고서.pdf.exe", Kind.PDF, ".exe / .pdf"),
    ],
)
def test_a_name_whose_ending_contradicts_the_content_is_told(name, kind, told):
    found = contradiction(name, kind)
    assert found is None if told is None else found == Finding("ending", told)


@settings(deadline=None)
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.7", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"]),
)
def test_any_bytes_are_taken_or_refused_with_a_reason(data, start):
    looked = look(start + data, LIMITS, allow_zip=True)
    assert looked.faults or looked.kind is not None
    assert all(fault.code in FINDINGS for fault in looked.faults)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(deadline=None)
@given(kind=st.sampled_from(sorted(FILES)), data=st.data())
def test_a_damaged_file_is_taken_or_refused_with_a_reason(kind, data):
    whole = bytearray(FILES[kind]())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole))) if data.draw(st.booleans()) else len(whole)
    looked = look(bytes(whole[:cut]), LIMITS, allow_zip=False)
    assert all(fault.code in FINDINGS for fault in looked.faults)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_reason_is_a_sentence_that_says_what_to_do(language):
    with override(language):
        for code in FINDINGS:
            for detail in ("", "100% {x} %s"):
                said = str(Finding(code, detail))
                assert said.endswith(".")
                assert "%(" not in said
                assert "()" not in said


def test_kinds_have_media_types_and_endings():
    assert set(MEDIA_TYPES) == set(Kind)
    assert Kind.JPEG.ending == ".jpg"
    assert Kind.HWPX.media_type == "application/hwp+zip"
