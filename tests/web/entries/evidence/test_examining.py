"""The one function that the site calls, with real workers."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

from simsa.web.entries.evidence import Kind, Limits, examine
from tests.web.entries.evidence.files import FILES, WORDS, hwpx_file, package, pdf_file, picture
from tests.web.entries.evidence.telling import TELLING, find

SECRET = "KIMCHULSOO"


@pytest.fixture
def look_at(tmp_path):
    """Examines bytes under a name; says that the original stayed as it was."""

    def examined(data: bytes, name: str, **options):
        path, folder = tmp_path / "original", tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        path.write_bytes(data)
        folder.mkdir()
        before = (hashlib.sha256(data).digest(), path.stat().st_mtime_ns)
        made = examine(path, name, folder, **options)
        assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before
        kept = {page.picture for page in made.pages} | ({made.cleaned} if made.cleaned else set())
        assert set(folder.iterdir()) == kept
        return made

    return examined


def test_office_documents_become_pages_and_words_behind_the_walls(look_at):
    kinds = ("hwpx", "docx", "xlsx", "pptx")
    data = package({f"{number}.{kind}": FILES[kind]() for number, kind in enumerate(kinds)})
    examined = look_at(data, "a.zip", allow_zip=True)
    assert (examined.kind, examined.faults) == (Kind.ZIP, ())
    assert examined.text.count(WORDS) == 4
    assert [note.code for note in examined.notes] == ["plain_preview"]
    assert examined.cleaned is None
    assert len(examined.pages) == 4
    for page in examined.pages:
        assert WORDS in page.text
        with Image.open(page.picture) as picture:
            assert picture.format == "WEBP"
            assert picture.size == (page.width, page.height) == (1240, 1754)
            assert not picture.info.keys() & {"exif", "xmp", "icc_profile"}
            assert len(picture.convert("L").getcolors(1 << 16) or []) > 2  # something is drawn


def test_a_blind_copy_and_its_pages_tell_nothing(look_at):
    examined = look_at(TELLING["zip"](SECRET), "a.zip", allow_zip=True, blind=True)
    assert examined.faults == ()
    assert {"author", "names", "gps"} <= {trace.code for trace in examined.traces}
    copy = examined.cleaned.read_bytes()
    assert find(copy, SECRET) == []
    assert SECRET not in examined.text
    assert len(examined.pages) == 3
    assert examined.cleaned.name == "cleaned.zip"


def test_a_preview_that_is_cut_says_so(look_at):
    examined = look_at(pdf_file(5), "a.pdf", limits=Limits(shown=2))
    assert len(examined.pages) == 2
    assert [(note.code, note.detail) for note in examined.notes] == [("pages_cut", "2")]
    assert "Page 5" in examined.text
    examined = look_at(hwpx_file(), "a.hwpx", limits=Limits(letters=5))
    assert len(examined.text) == 5
    assert "text_cut" in {note.code for note in examined.notes}


def test_large_pages_and_pictures_are_made_small(look_at):
    tall = picture("PNG", Image.new("RGB", (30, 9000), "red"))
    assert [(page.width, page.height) for page in look_at(tall, "a.png").pages] == [(30, 9000)]
    wide = picture("JPEG", Image.new("RGB", (5000, 2500), "red"))
    assert [(page.width, page.height) for page in look_at(wide, "a.jpg").pages] == [(1240, 620)]


def test_what_is_refused_has_no_pages_and_no_copy(look_at):
    examined = look_at(package({"a.pdf": pdf_file()}), "a.pdf", blind=True)
    assert [fault.code for fault in examined.faults] == ["zip"]
    assert (examined.pages, examined.cleaned, examined.text) == ((), None, "")
    assert [fault.code for fault in look_at(bytes(100), "a.pdf", limits=Limits(size=99)).faults] == ["too_large"]
