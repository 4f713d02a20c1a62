"""A newsroom with a section in each language, and articles written in a line."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.images import ImageFile
from PIL import Image
from wagtail.models import Collection

from simsa.web.newsroom.models import ArticlePage, HomePage, NewsPicture, SectionPage

Write = Callable[..., ArticlePage]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sections(db: None) -> dict[str, SectionPage]:
    """A section in each language, the two translations of each other."""
    korean = HomePage.objects.get(locale__language_code="ko").add_child(
        instance=SectionPage(title="소식", slug="sosik", locale_id=None)
    )
    english = SectionPage(title="Reports", slug="reports", translation_key=korean.translation_key)
    HomePage.objects.get(locale__language_code="en").add_child(instance=english)
    return {"ko": korean, "en": english}


@pytest.fixture
def write(sections: dict[str, SectionPage]) -> Write:
    """`write(title, paragraph, ...)`: a published article, in Korean unless `language` says otherwise.

    `published=False` leaves it a draft; other arguments are fields of the article.
    """

    def written(
        title: str, text: str = "", *, language: str = "ko", published: bool = True, **fields: Any
    ) -> ArticlePage:
        body = fields.pop("body", [("paragraph", f"<p>{text}</p>")] if text else [])
        slug = fields.pop("slug", f"a{ArticlePage.objects.count() + 1}")
        article = ArticlePage(title=title, slug=slug, body=body, live=False, **fields)
        sections[language].add_child(instance=article)
        article.full_clean()
        revision = article.save_revision()
        if published:
            revision.publish()
        return ArticlePage.objects.get(pk=article.pk)

    return written


@pytest.fixture
def picture(db: None) -> NewsPicture:
    """A picture of 1600 x 900 pixels."""
    if not Collection.objects.exists():  # what the first migration plants is gone after a test with real transactions
        Collection.add_root(name="Root")
    data = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 900)).convert("RGB").save(data, "JPEG")
    data.seek(0)
    return NewsPicture.objects.create(title="gradient", file=ImageFile(data, name="gradient.jpg"), credit="simsa")
