"""What tells who made a file is found, and is nowhere in the copy; what is shown stays the same."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import docx
import pikepdf
import pypdfium2
import pytest
from django.utils.translation import override
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from simsa.web.entries.evidence import Kind, Limits, Trace
from simsa.web.entries.evidence.forms.media import cleaned_media
from simsa.web.entries.evidence.forms.profile import neutral_profile
from simsa.web.entries.evidence.looking import left_in_copy, look
from simsa.web.entries.evidence.previews import preview
from simsa.web.entries.evidence.words import TRACES
from tests.draws import draws
from tests.web.entries.evidence.files import FILES, blank_pdf, changed, members, picture, saved, telling_picture
from tests.web.entries.evidence.telling import TELLING, find, pdf_secret

LIMITS = Limits()
SECRETS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=10, max_size=14).map(lambda text: f"Q{text}")


def cleaned(data: bytes, kind: Kind, limits: Limits) -> bytes:
    """The copy, in which nothing is found any more."""
    looked = look(data, limits, allow_zip=True)
    assert (looked.kind, looked.faults) == (kind, ())
    assert left_in_copy(looked, limits) == []
    return looked.copy


@pytest.mark.parametrize("kind", TELLING)
def test_no_planted_secret_is_left_in_the_copy(kind):
    @settings(max_examples=max(1, draws(8)), deadline=None, phases=[Phase.generate])
    @given(SECRETS)
    def nothing_left(secret: str) -> None:
        original = TELLING[kind](secret)
        assert find(original, secret), "the secret was not planted"
        copy = cleaned(original, Kind(kind), LIMITS)
        assert find(copy, secret) == []
        assert look(copy, LIMITS, allow_zip=True).traces == ()

    nothing_left()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "docx",
            {
                "author",
                "company",
                "comments",
                "changes",
                "template",
                "identifier",
                "custom",
                "field",
                "path",
                "thumbnail",
                "times",
            },
        ),
        ("xlsx", {"author", "company", "comments", "printer", "path", "custom"}),
        ("pptx", {"author", "company", "comments", "changes", "custom", "path", "gps", "device"}),
        (
            "hwpx",
            {"author", "comments", "printer", "program", "path", "thumbnail", "signature", "custom", "gps", "device"},
        ),
        (
            "pdf",
            {
                "author",
                "company",
                "comments",
                "signature",
                "xmp",
                "custom",
                "words",
                "thumbnail",
                "changes",
                "gps",
                "device",
            },
        ),
        ("zip", {"author", "names", "gps", "times"}),
        ("jpeg", {"author", "device", "gps", "words", "xmp", "iptc", "times", "behind", "profile"}),
        ("png", {"author", "device", "gps", "words", "xmp", "program", "behind", "profile"}),
        ("webp", {"author", "device", "gps", "xmp", "behind", "profile"}),
        ("tiff", {"author", "device", "words", "program", "path", "xmp", "profile"}),
    ],
)
def test_traces_are_told_by_what_they_tell(kind, expected):
    traces = look(TELLING[kind]("KIMCHULSOO"), LIMITS, allow_zip=True).traces
    assert expected <= {trace.code for trace in traces}
    assert any("KIMCHULSOO" in trace.value for trace in traces if trace.code in ("author", "names"))
    assert len(traces) == len(set(traces))


@pytest.mark.parametrize("kind", sorted({*FILES} - {"pdf"}))
def test_the_copy_shows_the_same_pages_and_words(kind, tmp_path):
    original = FILES[kind]() if kind in ("docx", "hwpx") else TELLING[kind]("KIMCHULSOO")
    copy = cleaned(original, Kind(kind), LIMITS)
    before, after = (_shown(data, Kind(kind), tmp_path / name) for data, name in ((original, "a"), (copy, "b")))
    assert after == before


def _shown(data: bytes, kind: Kind, folder: Path) -> tuple[str, list[bytes]]:
    folder.mkdir()
    made = preview(data, kind, folder, LIMITS)
    assert made.pages
    # The name of a file is no description of a picture.
    return made.text.replace("[KIMCHULSOO.jpg]\n", ""), [
        picture.read_bytes() for picture in sorted(folder.glob("*.webp"))
    ]


def test_tracked_changes_are_accepted_and_remarks_gone():
    document = docx.Document(io.BytesIO(cleaned(TELLING["docx"]("KIMCHULSOO"), Kind.DOCX, LIMITS)))
    words = ["".join(text.text for text in paragraph._element.iter("{*}t")) for paragraph in document.paragraphs]
    assert words[:2] == ["addedmovedkeptledledboundsmartmail", "joined with this"]
    (table,) = document.tables
    assert len(table.rows) == 1


def test_changes_in_a_word_processor_document_are_accepted(tmp_path):
    copy = cleaned(TELLING["hwpx"]("KIMCHULSOO"), Kind.HWPX, LIMITS)
    text = preview(copy, Kind.HWPX, tmp_path, LIMITS).text
    assert "beforeafter" in text
    assert "remarked" in text


def test_a_copy_opens_in_every_library_for_its_form():
    import openpyxl
    import pptx
    from hwpx.document import HwpxDocument
    from hwpx.tools.package_validator import validate_package

    copies = {
        kind: cleaned(TELLING[kind]("KIMCHULSOO"), Kind(kind), LIMITS)
        for kind in ("docx", "xlsx", "pptx", "hwpx", "pdf")
    }
    (row,) = openpyxl.load_workbook(io.BytesIO(copies["xlsx"])).active.iter_rows(min_col=4, values_only=True)
    assert row == (7, "=B1*2", 8, 9)  # what came from elsewhere is the number that was last computed
    show = pptx.Presentation(io.BytesIO(copies["pptx"]))
    assert [shape.has_chart for shape in show.slides[0].shapes].count(True) == 1
    assert HwpxDocument.open(copies["hwpx"]).sections
    report = validate_package(copies["hwpx"])
    assert report.ok, report
    with pikepdf.open(io.BytesIO(copies["pdf"])) as pdf:
        assert pdf.check_pdf_syntax() == []
        (link,) = pdf.pages[0].Annots
        assert str(link.A.URI) == "https://example.org/"
        assert pdf.Root.StructTreeRoot.K[0].Alt == "shown"


def test_the_copy_of_a_copy_is_the_same():
    for kind, make in FILES.items():
        copy = cleaned(make(), Kind(kind), LIMITS)
        assert cleaned(copy, Kind(kind), LIMITS) == copy, kind


MODES = {"JPEG": ("RGB", "L", "CMYK", "1"), "PNG": ("RGB", "L", "RGBA", "P", "1", "I;16")}
MODES |= {"WEBP": ("RGB", "L", "RGBA", "P"), "TIFF": ("RGB", "L", "RGBA", "CMYK", "P", "1", "I;16")}


@pytest.mark.parametrize(("form", "mode"), [(form, mode) for form in MODES for mode in MODES[form]])
def test_a_picture_keeps_every_pixel_and_stands_upright(form, mode):
    image = Image.linear_gradient("L").resize((60, 40)).convert("I" if mode == "I;16" else mode)
    image = image.convert("I;16") if mode == "I;16" else image
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "KIMCHULSOO"
    original = picture(form, image, exif=exif)
    copy = cleaned(original, Kind(form.lower()), LIMITS)
    before, after = (ImageOps.exif_transpose(Image.open(io.BytesIO(data))) for data in (original, copy))
    assert after.size == before.size == (40, 60)
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()
    assert find(copy, "KIMCHULSOO") == []


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_blocks": 1}, {"subsampling": 2}, {"quality": 5}]
)
def test_a_jpeg_of_any_make_keeps_every_pixel(options):
    noise = Image.effect_noise((90, 70), 80).convert("RGB")
    original = picture("JPEG", noise, comment=b"KIMCHULSOO", **options)
    copy = cleaned(original, Kind.JPEG, LIMITS)
    assert Image.open(io.BytesIO(copy)).tobytes() == Image.open(io.BytesIO(original)).tobytes()
    assert find(copy, "KIMCHULSOO") == []


@pytest.mark.parametrize("space", ["sRGB", "LAB", "XYZ"])
def test_a_neutral_profile_computes_the_same_colours(space):
    profile = ImageCms.ImageCmsProfile(io.BytesIO(ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()))
    neutral, _ = neutral_profile(profile.tobytes(), "")
    again, told = neutral_profile(neutral, "")
    assert (again, told) == (neutral, [])
    if space == "sRGB":
        image = Image.effect_noise((40, 40), 99).convert("RGB")
        lab = ImageCms.createProfile("LAB")
        own = ImageCms.ImageCmsProfile(io.BytesIO(neutral))
        one, other = (ImageCms.profileToProfile(image, used, lab, outputMode="LAB") for used in (profile, own))
        assert one.tobytes() == other.tobytes()


def test_a_pdf_looks_the_same_to_the_pixel():
    original = pdf_secret("KIMCHULSOO")
    copy = cleaned(original, Kind.PDF, LIMITS)
    assert list(_rendered(copy)) == list(_rendered(original, without_notes=True))


def _rendered(data: bytes, *, without_notes: bool = False) -> Iterator[bytes]:
    """Every page as PDFium shows it, without the signs of notes, which a copy lacks."""
    if without_notes:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                if "/Annots" in page:
                    page.Annots = pikepdf.Array([one for one in page.Annots if one.Subtype != pikepdf.Name.Text])
            made = io.BytesIO()
            pdf.save(made)
            data = made.getvalue()
    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    for page in document:
        yield page.render(scale=1).to_pil().tobytes()


def test_a_drawing_in_a_document_is_only_a_drawing_in_the_copy():
    inner = base64.b64encode(telling_picture("JPEG", "KIMCHULSOO")).decode()
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/namespaces/inkscape" '
        'i:export-filename="C:/KIMCHULSOO.png"><!-- KIMCHULSOO --><metadata>KIMCHULSOO</metadata>'
        f'<i:view name="KIMCHULSOO"/><rect width="9"/><image href="data:image/jpeg;base64,{inner}"/></svg>'
    )
    copy, told = cleaned_media("BinData/a.svg", drawing.encode())
    assert {"path", "details", "gps"} <= {trace.code for trace in told}
    again = cleaned_media("BinData/a.svg", copy)
    assert again == (copy, [])
    assert find(copy, "KIMCHULSOO") == []
    pictured = base64.b64decode(copy.partition(b"base64,")[2].partition(b'"')[0])
    assert find(pictured, "KIMCHULSOO") == []
    assert b'<rect width="9"/>' in copy


def test_what_is_of_an_unknown_form_is_never_in_a_blind_copy():
    (name,) = (name for name in members(FILES["hwpx"]()) if name.startswith("BinData/"))
    original = changed(FILES["hwpx"](), change={name: b"\x12\x34KIMCHULSOO"})
    looked = look(original, LIMITS, allow_zip=False)
    assert looked.faults == ()
    assert left_in_copy(looked, LIMITS) == ["details"]


@pytest.mark.parametrize(
    ("pack", "before"),
    [(lambda data: data.hex().encode() + b">", ["ASCIIHexDecode"]), (lambda data: data[:30], [])],
    ids=["packed twice", "cut off"],
)
def test_a_picture_of_a_pdf_that_cannot_be_cleaned_keeps_it_out_of_a_blind_round_alone(pack, before):
    pdf = blank_pdf()
    filters = pikepdf.Array([pikepdf.Name(f"/{name}") for name in (*before, "DCTDecode")])
    image = pdf.make_stream(
        pack(picture("JPEG")), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Filter=filters
    )
    pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(Im=image)
    looked = look(saved(pdf), LIMITS, allow_zip=False)
    assert looked.faults == ()
    assert left_in_copy(looked, LIMITS) == ["details"]


def test_the_original_is_not_changed():
    for kind, make in TELLING.items():
        original = make("KIMCHULSOO")
        before = bytes(bytearray(original))
        look(original, LIMITS, allow_zip=True)
        cleaned(original, Kind(kind), LIMITS)
        assert original == before


def test_the_orientation_of_a_telling_picture_is_the_only_thing_it_still_says():
    copy = cleaned(telling_picture("JPEG", "KIMCHULSOO"), Kind.JPEG, LIMITS)
    with Image.open(io.BytesIO(copy)) as opened:
        assert dict(opened.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_trace_is_told_in_words(language):
    with override(language):
        for code, said in TRACES.items():
            told = str(Trace(code, "docProps/core.xml", "김철수"))
            assert "김철수" in told
            assert "docProps/core.xml" in told
            assert (said in told) is (language == "en")
