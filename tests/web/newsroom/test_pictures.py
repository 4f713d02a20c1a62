"""Pictures: seen only where something public shows them, made beforehand, and telling nothing but what can be seen."""

from __future__ import annotations

import io
import random
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image, ImageCms, PngImagePlugin
from wagtail.images.forms import get_image_form
from wagtail.images.rect import Rect
from wagtail.models import ReferenceIndex

from simsa.web.newsroom.models import ArticlePage, Author, HomePage, NewsPicture
from simsa.web.newsroom.pictures import is_shown
from simsa.web.newsroom.previews import RATIOS
from simsa.web.newsroom.renditions import PLAIN, SHOWN, THUMB
from simsa.web.newsroom.tasks import make_renditions

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WHERE = "37.5665"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>{WHERE}</place></x:xmpmeta>'.encode()


def noise(size=(60, 40), mode="RGB"):
    draw = random.Random(7)
    data = bytes(draw.randrange(256) for _ in range(size[0] * size[1] * len(mode)))
    return Image.frombytes(mode, size, data)


def exif(orientation=1):
    told = Image.Exif()
    told[0x0112] = orientation
    told[0x010F] = "Maker of cameras"
    told[0x9286] = "taken at home"
    told.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.4), 3: "E", 4: (126.0, 58.0, 40.8), 29: "2026:01:01"})
    return told


def written(kind, picture=None, **options):
    data = io.BytesIO()
    (picture or noise()).save(data, kind, **options)
    return data.getvalue()


def taken(data, name="photo.jpg"):
    """A picture as a program keeps it."""
    return NewsPicture.objects.create(title="photo", file=ImageFile(io.BytesIO(data), name=name))


def uploaded(data, name):
    """The form of the editors, with this file chosen."""
    form = get_image_form(NewsPicture)
    return form({"title": "photo", "collection": 1, "tags": ""}, {"file": SimpleUploadedFile(name, data)})


def stored(picture):
    with picture.file.storage.open(picture.file.name) as file:
        return file.read()


def test_the_place_is_gone_and_the_picture_upright():
    data = written("JPEG", exif=exif(orientation=6), xmp=XMP, comment=b"a comment", quality=95)
    source = Image.open(io.BytesIO(data))
    assert source.getexif().get_ifd(0x8825)
    picture = taken(data)
    kept = stored(picture)
    for trace in (b"Exif", b"xmpmeta", WHERE.encode(), b"Maker of cameras", b"taken at home", b"a comment"):
        assert trace in data
        assert trace not in kept
    shown = Image.open(io.BytesIO(kept))
    assert (picture.width, picture.height) == shown.size == (40, 60)
    assert dict(shown.getexif()) == {}
    assert picture.file_size == len(kept)
    for spec in (*SHOWN, *THUMB, *RATIOS, "width-40|format-png"):
        made = picture.get_rendition(spec)
        assert dict(Image.open(io.BytesIO(stored(made))).getexif()) == {}, spec
        assert b"xmpmeta" not in stored(made)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "JPEG"])
def test_every_format_is_cleaned(kind):
    options = {"exif": exif()}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("XML:com.adobe.xmp", XMP.decode())
        text.add_itxt("Comment", WHERE)
        options["pnginfo"] = text
    else:
        options["xmp"] = XMP
    data = written(kind, **options)
    assert WHERE.encode() in data
    picture = taken(data, f"photo.{kind.lower()}")
    kept = stored(picture)
    assert WHERE.encode() not in kept
    assert b"Maker of cameras" not in kept
    shown = Image.open(io.BytesIO(kept))
    assert shown.format == kind
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background", "timestamp"}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_taken_in(mode):
    source = Image.new("I;16", (60, 40), 40000) if mode == "I;16" else noise().convert(mode)
    if mode == "P":
        source.info["transparency"] = 0
    name, kind = ("photo.jpg", "JPEG") if mode == "CMYK" else ("photo.png", "PNG")
    picture = taken(written(kind, source), name)
    shown = Image.open(io.BytesIO(stored(picture)))
    assert shown.mode == {"P": "RGBA", "LA": "RGBA", "RGBA": "RGBA", "L": "L", "I;16": "L"}.get(mode, "RGB")
    if mode == "I;16":
        assert shown.getpixel((3, 3)) == 40000 // 256
    assert picture.get_rendition(PLAIN).width == 60


def test_colours_are_those_that_every_screen_shows():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red = Image.new("RGB", (60, 40), (200, 30, 40))
    kept = Image.open(io.BytesIO(stored(taken(written("PNG", red, icc_profile=profile), "red.png"))))
    assert "icc_profile" not in kept.info
    assert all(abs(a - b) <= 2 for a, b in zip(kept.getpixel((9, 9)), (200, 30, 40), strict=True))
    broken = taken(written("PNG", red, icc_profile=b"no profile"), "red.png")
    assert Image.open(io.BytesIO(stored(broken))).getpixel((9, 9)) == (200, 30, 40)


def test_further_pictures_of_a_camera_are_left_behind():
    data = written("MPO", save_all=True, append_images=[noise()])
    form = uploaded(data, "photo.jpg")
    assert form.is_valid(), form.errors
    kept = Image.open(io.BytesIO(stored(form.save())))
    assert (kept.format, getattr(kept, "n_frames", 1)) == ("JPEG", 1)


def test_what_an_editor_uploads_is_cleaned(admin_client):
    data = written("JPEG", exif=exif(orientation=6), xmp=XMP)
    answer = admin_client.post(
        "/cms/images/add/",
        {"title": "photo", "collection": 1, "tags": "", "file": SimpleUploadedFile("photo.jpg", data)},
    )
    assert answer.status_code == 302
    picture = NewsPicture.objects.get()
    assert b"Exif" not in stored(picture)
    assert (picture.width, picture.height) == (40, 60)
    assert picture.file_size == len(stored(picture))


HUGE = written("PNG", Image.new("1", (8001, 8001)))
MOVING = [noise(), noise((60, 40)).rotate(90)]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (HUGE, "huge.png", "64016001"),
        (b"x" * (25 * 2**20 + 1), "photo.jpg", ""),
        (written("GIF"), "a.gif", "AVIF"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg", "AVIF"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "a.png", "png"),
        (written("PNG"), "a.jpg", "jpeg"),
        (written("PNG", save_all=True, append_images=MOVING), "a.png", "이미지"),
        (written("WEBP", save_all=True, append_images=MOVING), "a.webp", "움직이는"),
        (written("AVIF", save_all=True, append_images=MOVING), "a.avif", "이미지"),
        (written("JPEG")[:900], "a.jpg", "손상"),
        (b"no picture", "a.jpg", ""),
    ],
    ids=["pixels", "bytes", "gif", "svg", "svg as png", "png as jpeg", "apng", "webp", "avif", "half", "text"],
)
def test_what_cannot_be_shown_is_refused_in_words(data, name, said):
    form = uploaded(data, name)
    assert not form.is_valid()
    assert list(form.errors) == ["file"]
    assert said in str(form.errors)
    assert not NewsPicture.objects.exists()


def test_a_program_cannot_keep_it_either():
    with pytest.raises(ValidationError):
        taken(written("WEBP", save_all=True, append_images=MOVING), "a.webp")
    with pytest.raises(ValidationError):
        taken(written("GIF"), "a.gif")


# --- who may see it ---------------------------------------------------------------------------------------------------


def status(client, address, **options):
    """What is answered, with the file read to its end."""
    return read(client.get(address, **options)).status_code


def read(answer):
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    return answer


@pytest.fixture
def shown(picture):
    return picture.get_rendition(PLAIN)


def test_a_picture_that_nothing_shows_is_for_editors_alone(client, admin_client, shown, picture):
    assert status(client, shown.url) == 404
    reader = Client()
    reader.force_login(get_user_model().objects.create_user("kim@example.kr", password="a long password 1"))
    assert status(reader, shown.url) == 404
    answer = read(admin_client.get(shown.url))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert admin_client.get(picture.file.url).status_code == 404


def test_a_picture_in_a_public_article_may_be_kept(client, write, picture, shown):
    article = write("기사", lead_picture=picture, lead_alt="그림")
    answer = read(client.get(shown.url))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable, s-maxage=30"
    assert status(client, shown.url, headers={"If-Modified-Since": answer.headers["Last-Modified"]}) == 304
    article.unpublish()
    assert status(client, shown.url) == 200  # for a moment
    cache.clear()
    assert status(client, shown.url) == 404
    assert status(client, shown.url, headers={"If-Modified-Since": answer.headers["Last-Modified"]}) == 404


@pytest.mark.parametrize("block", ["picture", "gallery"])
def test_a_picture_in_the_text_goes_with_the_article(client, write, picture, shown, block):
    value = {"picture": picture, "alt": "그림", "caption": ""}
    body = [(block, value if block == "picture" else {"pictures": [value, value]})]
    article = write("기사", body=body)
    assert status(client, shown.url) == 200
    cache.clear()
    ArticlePage.objects.filter(pk=article.pk).update(embargo=timezone.now() + timedelta(hours=1))
    assert status(client, shown.url) == 404
    ArticlePage.objects.filter(pk=article.pk).update(embargo=timezone.now())
    assert status(client, shown.url) == 200
    draft = article.get_latest_revision_as_object()
    draft.body = []
    draft.save_revision().publish()
    cache.clear()
    assert status(client, shown.url) == 404


def test_a_picture_in_a_draft_of_a_public_article_is_not_shown(client, write, picture, shown):
    article = write("기사", "글")
    article.lead_picture, article.lead_alt = picture, "그림"
    article.save_revision()
    assert status(client, shown.url) == 404


def test_one_public_use_is_enough(client, write, picture, shown):
    write("기사", lead_picture=picture, lead_alt="그림")
    write("나중", lead_picture=picture, lead_alt="그림", embargo=timezone.now() + timedelta(hours=1))
    assert status(client, shown.url) == 200


def test_pictures_of_other_pages_and_snippets(client, picture, shown):
    def refer(model, pk):
        ReferenceIndex.objects.create(
            base_content_type=ReferenceIndex._get_base_content_type(model),
            content_type=ContentType.objects.get_for_model(model),
            object_id=pk,
            to_content_type=ContentType.objects.get_for_model(NewsPicture),
            to_object_id=picture.pk,
            model_path="x",
            content_path="x",
            content_path_hash="6dd3a8f5-7b0e-5ed5-8d3c-7a1a4f0e5a51",
        )

    home = HomePage.objects.first()
    refer(HomePage, home.pk)
    assert status(client, shown.url) == 200
    cache.clear()
    HomePage.objects.filter(pk=home.pk).update(live=False)
    assert status(client, shown.url) == 404
    refer(Author, 999)  # nobody
    assert status(client, shown.url) == 404
    ReferenceIndex.objects.all().delete()
    refer(Author, Author.objects.create(slug="kim", name_ko="김").pk)
    assert status(client, shown.url) == 200


def test_an_address_is_taken_literally(client, write, picture, shown):
    write("기사", lead_picture=picture, lead_alt="그림")
    other = taken(written("JPEG")).get_rendition(PLAIN)
    name, hidden = (one.file.name.removeprefix("images/") for one in (shown, other))
    assert is_shown(name)
    folder = name.rpartition("/")[0]
    for path in (
        hidden,
        f"{folder}/../../{hidden}",
        f"{folder}/..",
        f"{folder}/.",
        f"{folder}/",
        folder,
        f"/{name}",
        f"0{name}",
        f"{folder}/a\\..\\b.webp",
        f"../original_images/{picture.filename}",
        f"../{picture.file.name}",
        "",
        "9" * 30 + "/00000000/a.webp",
        f"{name}\x00",
    ):
        assert client.get(f"/media/images/{path}", follow=True).status_code in (400, 404), path
    assert client.get("/media/simsa.sqlite3", follow=True).status_code == 404


# --- renditions -------------------------------------------------------------------------------------------------------


def asked():
    found = DBTaskResult.objects.filter(task_path__endswith="make_renditions")
    return {one.args_kwargs["args"][0] for one in found}


def test_they_are_asked_for_when_a_picture_is_saved_and_when_an_article_is_published(
    write, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        picture = taken(written("JPEG"))
    assert asked() == {picture.pk}
    DBTaskResult.objects.all().delete()
    inside = {"picture": picture, "alt": "그림", "caption": ""}
    with django_capture_on_commit_callbacks(execute=True):
        write("기사", body=[("picture", inside)], embargo=timezone.now() + timedelta(hours=1))
    assert asked() == {picture.pk}


def test_a_page_shows_what_is_there_and_asks_for_the_rest(client, write, picture, django_capture_on_commit_callbacks):
    article = write("기사", "글", lead_picture=picture, lead_alt="그림")
    with django_capture_on_commit_callbacks(execute=True):
        first = client.get(article.url).content.decode()
    assert asked() == {picture.pk}
    plain = picture.renditions.get(filter_spec=PLAIN)
    assert f'<img src="{plain.url}" alt="그림" width="800" height="450" fetchpriority="high"' in first
    assert 'type="image/avif"' not in first
    make_renditions.call(picture.pk)
    page = client.get(article.url).content.decode()
    for kind in ("avif", "webp"):
        widths = re.search(rf'type="image/{kind}" srcset="([^"]*)"', page)[1]
        assert re.findall(r" (\d+)w", widths) == ["480", "800", "1200"]
    with CaptureQueriesContext(connection) as queries:
        client.get(article.url)
    assert len([one["sql"] for one in queries if "rendition" in one["sql"]]) == 1


def test_lists_cost_the_same_however_many_pictures_they_have(client, write):
    for number in range(5):
        picture = taken(written("JPEG", noise((300 + number, 200))))
        for spec in THUMB:
            picture.get_rendition(spec)
        write(f"기사 {number}", lead_picture=picture, lead_alt="그림")
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/ko/news/").content.decode()
    assert len([one["sql"] for one in queries if "rendition" in one["sql"]]) == 1
    assert page.count('type="image/avif"') == 5
    assert page.count('width="240" height="160" loading="lazy"') == 5


def test_a_narrow_picture_comes_in_fewer_widths(client, write):
    picture = taken(written("JPEG", noise((600, 300))))
    make_renditions.call(picture.pk)
    page = client.get(write("기사", lead_picture=picture, lead_alt="그림").url).content.decode()
    assert re.findall(r" (\d+)w", re.search(r'type="image/avif" srcset="([^"]*)"', page)[1]) == ["480", "600"]


def test_pictures_below_the_first_load_when_they_are_near(client, write, picture):
    inside = {"picture": picture, "alt": "둘째", "caption": ""}
    page = client.get(write("기사", body=[("picture", inside)]).url).content.decode()
    assert re.search(r'alt="둘째" width="\d+" height="\d+" loading="lazy"', page)


def test_a_thumb_is_cut_around_the_focal_point():
    source = Image.new("RGB", (1600, 400), (0, 0, 0))
    source.paste((255, 255, 255), (1500, 0, 1600, 400))
    picture = taken(written("PNG", source), "a.png")
    first = picture.get_rendition(THUMB[1])
    assert Image.open(io.BytesIO(stored(first))).convert("L").getextrema()[1] < 50
    picture.set_focal_point(Rect.from_point(1550, 200, 90, 90))
    picture.save()
    second = picture.get_rendition(THUMB[1])
    assert second.url != first.url
    assert Image.open(io.BytesIO(stored(second))).convert("L").getextrema()[1] > 200


def test_a_new_file_has_a_new_address(admin_client, django_capture_on_commit_callbacks):
    picture = taken(written("JPEG"))
    first = picture.get_rendition(PLAIN)
    other = SimpleUploadedFile("photo.jpg", written("JPEG", noise((90, 60))))
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(f"/cms/images/{picture.pk}/", {"title": "photo", "collection": 1, "tags": "", "file": other})
    picture = NewsPicture.objects.get(pk=picture.pk)
    assert picture.width == 90
    assert make_renditions.call(picture.pk) == len(SHOWN) + len(THUMB) + len(RATIOS)
    second = picture.get_rendition(PLAIN)
    assert second.width == 90
    assert first.url.rpartition("/")[0] != second.url.rpartition("/")[0]


def test_a_picture_whose_file_is_gone_breaks_no_page(client, write):
    picture = taken(written("JPEG"))
    article = write("기사", lead_picture=picture, lead_alt="그림")
    picture.file.storage.delete(picture.file.name)
    assert make_renditions.call(picture.pk) == 0
    assert make_renditions.call(999_999) == 0
    listed = client.get("/ko/news/").content.decode()
    assert "<picture>" not in listed
    assert article.title in listed
