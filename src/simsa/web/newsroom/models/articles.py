"""Sections and articles."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, MultipleChooserPanel, Panel
from wagtail.blocks import CharBlock
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from simsa.tables import korea
from simsa.web.entries.models import Entrant
from simsa.web.newsroom.blocks import ArticleBody
from simsa.web.newsroom.embargo import is_public
from simsa.web.newsroom.models.authors import Author
from simsa.web.newsroom.models.pictures import NewsPicture
from simsa.web.programmes.models import Round

SUBHEADS = 3


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
    about; numbers in the body may be bound to the round's result.
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
        NewsPicture, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead picture")
    )
    lead_caption = models.CharField(_("caption"), max_length=200, blank=True)
    lead_alt = models.CharField(
        _("what can be seen"),
        max_length=300,
        blank=True,
        help_text=_("Read to those who do not see the picture; needed wherever there is one."),
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

    content_panels: ClassVar[list[Panel | str]] = [
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
                FieldPanel("entrants", widget=forms.SelectMultiple(attrs={"size": 8})),
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
        if self.lead_picture_id and not self.lead_alt.strip():
            raise ValidationError({"lead_alt": _("Say what can be seen in the picture.")})
        self.hold_back()

    def hold_back(self) -> None:
        """No schedule earlier than the embargo."""
        if (
            self.embargo
            and self.embargo > timezone.now()
            and (self.go_live_at is None or self.go_live_at < self.embargo)
        ):
            self.go_live_at = self.embargo

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_public(self):
            raise Http404("no such article")
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from simsa.web.newsroom.lists import beside  # noqa: PLC0415 (lists are made of articles)

        return super().get_context(request, *args, **kwargs) | {"related": beside(self)}

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it now."""
        return is_public(self)

    @property
    def section(self) -> SectionPage:
        """The section that the article stands in."""
        found: SectionPage = self.get_parent().specific_deferred
        return found

    @property
    def bylines(self) -> list[Author]:
        return [line.author for line in self.authors.select_related("author")]

    @property
    def changed(self) -> Any:
        """When it was last changed for readers: the latest correction, or its publication."""
        moments = [correction.at for correction in self.corrections.all()]
        return max([*moments, self.first_published_at], default=None)


class ArticleAuthor(Orderable):
    """Who wrote an article, in the order of the byline."""

    article = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="authors")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="written", verbose_name=_("author"))

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
