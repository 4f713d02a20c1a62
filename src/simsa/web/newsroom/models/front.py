"""The front page (Wagtail): its words belong to the editors, its results to the rooms that publish them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Protocol, runtime_checkable

from django.apps import apps
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, Panel
from wagtail.fields import RichTextField
from wagtail.models import Page


class PublishedRound(Protocol):
    """What the front page shows of a round: any object with these attributes will do."""

    title: str
    url: str
    summary: str
    published: date | None
    synthetic: bool


@runtime_checkable
class PublishesRounds(Protocol):
    """An AppConfig with this method puts rounds on the front page, newest first, in the language of the request."""

    def published_rounds(self, request: HttpRequest) -> Iterable[PublishedRound]: ...


class HomePage(Page):
    """The front page in one language; the Korean and the English one are translations of each other."""

    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=["bold", "italic", "link", "ol", "ul"],
        help_text=_("Stands under the title. Two or three sentences say who evaluates what, and for whom."),
    )

    content_panels: ClassVar[list[Panel | str]] = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    template = "newsroom/home_page.html"

    class Meta:
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from simsa.web.newsroom.front import front  # noqa: PLC0415 (what stands there is made of articles)

        context = super().get_context(request, *args, **kwargs)
        return context | {"rounds": published_rounds(request), "front": front(self)}


def published_rounds(request: HttpRequest) -> list[PublishedRound]:
    """Every round that any room publishes, in the order of the rooms."""
    rooms = [config for config in apps.get_app_configs() if isinstance(config, PublishesRounds)]
    return [shown for room in rooms for shown in room.published_rounds(request)]
