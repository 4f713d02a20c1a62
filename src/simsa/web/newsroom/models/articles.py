"""Sections and articles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, MultipleChooserPanel, Panel
from wagtail.blocks import CharBlock
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, Revision
from wagtail.search import index

from simsa.tables import korea
from simsa.web.entries.models import Entrant
from simsa.web.newsroom.blocks import ArticleBody
from simsa.web.newsroom.characters import all_without_controls, without_controls
from simsa.web.newsroom.drafting.panels import FiguresPanel
from simsa.web.newsroom.drafting.publishing import ArticleForm, check_publishable, holds_back
from simsa.web.newsroom.embargo import after_embargo, is_public, public_since
from simsa.web.newsroom.models.authors import Author
from simsa.web.newsroom.models.pictures import NewsPicture
from simsa.web.newsroom.widgets import EntrantsChoice
from simsa.web.programmes.models import Round
from simsa.web.public import publish_pages

SUBHEADS = 3
PLAIN = ("title", "seo_title", "search_description", "dateline", "lead_caption", "lead_alt")
"""Fields of plain text."""
SCHEDULED = "wagtail.publish.scheduled"
"""What Wagtail's log calls the publication of what is due."""


@dataclass(frozen=True)
class Above:
    """A page above another: its title and its path."""

    title: str
    url: str


def address_of(url_path: str, language: str) -> str:
    """The path of a page under the front page of its language, without a question to the database.

    `url_path` is Wagtail's, which begins with the front page's own part.
    """
    return quote(f"/{language}/{url_path.lstrip('/').partition('/')[2]}")


def _answered_by(address: str) -> str | None:
    """The name of what answers an address; None where nothing does."""
    try:
        return resolve(address).url_name
    except Resolver404:
        return None


def region_choices() -> list[tuple[str, Any]]:
    """The 17 upper-level governments, by code."""
    return [(one.code, one.full_name_ko) for one in korea.governments() if one.is_region]


class SectionPage(Page):
    """A section of the newsroom. Its articles stand under it."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)

    content_panels: ClassVar[list[Panel | str]] = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["newsroom.HomePage"]
    subpage_types: ClassVar[list[str]] = ["newsroom.ArticlePage"]
    template = "newsroom/section_page.html"

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def clean(self) -> None:
        """ValidationError for an address that the site answers itself: no article could be read there."""
        super().clean()
        here = f"/{settings.LANGUAGE_CODE}/{self.slug}/"
        with override(settings.LANGUAGE_CODE):  # an address is resolved only in the language that is spoken
            free = not self.slug or (_answered_by(here), _answered_by(f"{here}a/")) == ("wagtail_serve", "article")
        if not free:
            raise ValidationError({"slug": _("The site itself uses this address: choose another one.")})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from simsa.web.newsroom.lists import articles_of  # noqa: PLC0415 (lists are made of articles)

        return super().get_context(request, *args, **kwargs) | articles_of(request, section=self)


class ArticleTag(TaggedItemBase):
    """A tag of an article."""

    content_object = ParentalKey("newsroom.ArticlePage", on_delete=models.CASCADE, related_name="tagged_items")


class ArticlePage(Page):
    """An article. Its title is the headline.

    `dateline` is where it was written (더코리아-광주 북구), without the brackets in which readers see it. `embargo`:
    nothing of the article is public before that moment, whoever publishes it. `round` and `entrants` say what it tells
    about; numbers in the body may be bound to the round's result (see `drafting.binding`), and `bound` says which
    in headline and subheads are: for each its place (`title`, or the id of the subhead), its reference and its text.
    """

    subheads = StreamField(
        [("subhead", CharBlock(max_length=120, label=_("subhead")))],
        verbose_name=_("subheads"),
        blank=True,
        max_num=SUBHEADS,
        help_text=_("One to three lines under the headline, each a whole statement."),
    )
    dateline = models.CharField(
        _("dateline"), max_length=80, blank=True, help_text=_("Publication and place, such as 더코리아-광주 북구.")
    )
    region = models.CharField(_("region"), max_length=10, blank=True, choices=region_choices)
    lead_picture = models.ForeignKey(
        NewsPicture, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead picture")
    )
    lead_caption = models.CharField(_("caption"), max_length=200, blank=True)
    lead_alt = models.CharField(
        _("what can be seen"),
        max_length=300,
        blank=True,
        help_text=_(
            "Read to those who do not see the picture. Where it is empty, the picture's own description is read."
        ),
    )
    body = StreamField(ArticleBody(), verbose_name=_("text"), blank=True)
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("round")
    )
    entrants = ParentalManyToManyField(Entrant, blank=True, related_name="articles", verbose_name=_("entrants"))
    tags = ClusterTaggableManager(through=ArticleTag, blank=True, verbose_name=_("tags"))
    embargo = models.DateTimeField(
        _("embargo"),
        null=True,
        blank=True,
        help_text=_("Nothing of this article can be seen before this moment, also when it is published earlier."),
    )

    bound = models.JSONField(default=list, blank=True, editable=False)
    _was_live: bool | None = None
    """Whether it was published when it was read; None where it was not read."""

    base_form_class = ArticleForm
    content_panels: ClassVar[list[Panel | str]] = [
        FiguresPanel(),
        *Page.content_panels,
        FieldPanel("subheads"),
        MultiFieldPanel(
            [FieldPanel("dateline"), MultipleChooserPanel("authors", chooser_field_name="author", label=_("author"))],
            heading=_("Byline"),
        ),
        MultiFieldPanel(
            [FieldPanel("lead_picture"), FieldPanel("lead_caption"), FieldPanel("lead_alt")], heading=_("Lead picture")
        ),
        FieldPanel("body"),
        InlinePanel("corrections", heading=_("Corrections"), label=_("correction")),
    ]
    promote_panels: ClassVar[list[Panel | str]] = [
        MultiFieldPanel(
            [
                FieldPanel("round"),
                FieldPanel("entrants", widget=EntrantsChoice),
                FieldPanel("region"),
                FieldPanel("tags"),
            ],
            heading=_("What it is about"),
        ),
        *Page.promote_panels,
    ]
    settings_panels: ClassVar[list[Panel | str]] = [FieldPanel("embargo"), *Page.settings_panels]
    search_fields: ClassVar[list[index.BaseField]] = [*Page.search_fields, index.FilterField("embargo")]
    parent_page_types: ClassVar[list[str]] = ["newsroom.SectionPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "newsroom/article_page.html"

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def clean(self) -> None:
        super().clean()
        self._drop_controls()
        self.hold_back()
        if self.live and not self._is_what_is_live():
            check_publishable(self)

    def publish(self, revision: Revision, *args: Any, log_action: bool | str = True, **kwargs: Any) -> None:
        """Publish a revision, or note when it is due. NotPublishableError if something has to be put right first.

        What is due by a schedule then waits, so that nothing else that is due waits with it.
        """
        draft = revision.as_object()
        if log_action == SCHEDULED and holds_back(draft):
            return
        check_publishable(draft)
        super().publish(revision, *args, log_action=log_action, **kwargs)

    def with_content_json(self, content: dict[str, Any]) -> ArticlePage:
        """A revision as an article. Whoever publishes it publishes this: so none comes before its embargo.

        As long as nobody has read the article, the embargo of its latest draft holds for every revision.
        """
        draft: ArticlePage = super().with_content_json(content)
        newest = None if is_public(self) else self._latest("embargo")
        draft.go_live_at = after_embargo(draft.go_live_at, draft.embargo, newest)
        draft._was_live = self.live
        return draft

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> ArticlePage:
        article: ArticlePage = super().from_db(*args, **kwargs)
        article._was_live = article.__dict__.get("live")
        return article

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._was_live = self.__dict__.get("live")

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """What readers have is not written over by a draft that began before it was published.

        An editor's page saves by itself, and may do so while somebody publishes: the draft is then kept as a revision
        alone, as every draft of a published article is.
        """
        self.first_published_at = public_since(self)
        with transaction.atomic():
            if kwargs.get("update_fields") is None and self._is_overtaken():
                return None
            saved = super().save(*args, **kwargs)
            self._was_live = self.live
            return saved

    def _is_overtaken(self) -> bool:
        """Whether somebody has published the article since this draft of it was read."""
        if self.pk is None or self.live or self._was_live is not False:
            return False
        there = Page.objects.select_for_update().filter(pk=self.pk).values_list("live", flat=True)
        return bool(there.first())

    def _drop_controls(self) -> None:
        """Take out the control characters that come along when text is pasted from a word processor."""
        for name in PLAIN:
            setattr(self, name, without_controls(getattr(self, name)))
        for name in ("subheads", "body"):
            blocks = getattr(self, name).get_prep_value()
            clean = all_without_controls(blocks)
            if clean != blocks:
                setattr(self, name, json.dumps(clean))

    def _is_what_is_live(self) -> bool:
        """Whether readers have this revision already."""
        return ArticlePage.objects.filter(pk=self.pk, live=True, live_revision=self.live_revision_id).exists()

    def withdraw(self, until: datetime) -> None:
        """Take the article, and the pages that repeat it, from the public until a moment."""
        same = models.Q(pk=self.pk) | models.Q(alias_of=self.pk)
        if ArticlePage.objects.filter(same, live=True).update(embargo=until, first_published_at=until):
            publish_pages()

    def hold_back(self) -> None:
        """No schedule earlier than the embargo; a schedule that came from an embargo goes when that is moved."""
        if self.go_live_at is not None and self.go_live_at == self._latest("go_live_at") == self._latest("embargo"):
            self.go_live_at = None
        self.go_live_at = after_embargo(self.go_live_at, self.embargo)

    def _latest(self, name: str) -> datetime | None:
        """A moment as the latest draft has it."""
        said = self.latest_revision.content.get(name) if self.latest_revision else None
        moment: datetime | None = self._meta.get_field(name).to_python(said)
        return moment

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if not path_components and not is_public(self):
            raise Http404("no such article")
        return super().route(request, path_components)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """In the article's own language, which the address of a draft does not say."""
        request.LANGUAGE_CODE = self.locale.language_code  # type: ignore[attr-defined]
        with override(self.locale.language_code):
            response = super().serve_preview(request, mode_name)
            return response.render() if hasattr(response, "render") else response

    def get_url_parts(self, request: HttpRequest | None = None) -> Any:
        """None while it is not public: nothing links or redirects there. `address` says where it will be."""
        return super().get_url_parts(request) if is_public(self) else None

    @property
    def address(self) -> str:
        """The path where it is, or will be once it is public."""
        return address_of(self.url_path, self.locale.language_code)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from simsa.web.newsroom.reading import complete  # noqa: PLC0415 (it is made of articles)

        related = complete(self, preview=getattr(request, "is_preview", False))
        return super().get_context(request, *args, **kwargs) | {"related": related}

    def translated_address(self, language: str) -> str | None:
        """The path of its translation, where anybody may read that."""
        from simsa.web.newsroom.reading import translation_of  # noqa: PLC0415 (it is made of articles)

        return translation_of(self, language)

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it now."""
        return is_public(self)

    @property
    def section(self) -> Above:
        """The section that the article stands in."""
        title = self.__dict__.get("section_title")  # known where the article was found by `reading.at`
        if title is None:
            above = Page.objects.filter(path=self.path[: -self.steplen])
            title = self.section_title = above.values_list("title", flat=True).get()
        return Above(title, address_of(f"{self.url_path.rstrip('/').rpartition('/')[0]}/", self.locale.language_code))

    @property
    def lead_words(self) -> str:
        """What can be seen in the lead picture, for those who do not see it."""
        return self.lead_alt.strip() or (self.lead_picture.description.strip() if self.lead_picture else "")

    @property
    def bylines(self) -> list[Author]:
        return [line.author for line in self.authors.all()]

    @property
    def changed(self) -> Any:
        """When it was last changed for readers: the latest correction, or its publication."""
        moments = [correction.at for correction in self.corrections.all()]
        return max([*moments, self.first_published_at], default=None)


class ArticleAuthor(Orderable):
    """Who wrote an article, in the order of the byline."""

    article = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="authors")
    # A draft that names an author who is gone could not be opened again if this were PROTECT. `keep_who_has_written`
    # refuses instead, and what only drafts say of an author goes with the author.
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="written", verbose_name=_("author"))

    panels: ClassVar[list[Panel]] = [FieldPanel("author")]


class Correction(Orderable):
    """What was wrong in an article, and when it was put right: shown above the text, and told to machines."""

    article = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="corrections")
    at = models.DateTimeField(_("put right at"), default=timezone.now)
    what = models.CharField(
        _("what was wrong, and what is right"),
        max_length=500,
        help_text=_("Both the wrong statement and the right one."),
    )

    panels: ClassVar[list[Panel]] = [FieldPanel("at"), FieldPanel("what")]

    class Meta(Orderable.Meta):
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
