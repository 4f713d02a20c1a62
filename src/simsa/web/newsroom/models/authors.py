"""Authors: who stands in the byline, with a page of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from simsa.web.naming import called


@register_snippet
class Author(index.Indexed, models.Model):
    """Somebody who writes. The page at `/authors/SLUG/` lists what they wrote; without an address nobody is mailed."""

    slug = models.SlugField(_("address of the page"), max_length=64, unique=True, allow_unicode=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=100, blank=True)
    role_ko = models.CharField(_("role (Korean)"), max_length=100, blank=True)
    role_en = models.CharField(_("role (English)"), max_length=100, blank=True)
    email = models.EmailField(_("email"), blank=True, help_text=_("Shown on the author's page and in the byline."))

    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel([FieldPanel("name_ko"), FieldPanel("role_ko")], heading=_("Korean")),
        MultiFieldPanel([FieldPanel("name_en"), FieldPanel("role_en")], heading=_("English")),
        MultiFieldPanel([FieldPanel("slug"), FieldPanel("email")], heading=_("Page and address")),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [index.AutocompleteField("name_ko"), index.SearchField("name_en")]

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering: ClassVar[list[str]] = ["name_ko"]

    def __str__(self) -> str:
        return self.name_ko

    @property
    def name(self) -> str:
        """In the language of the page."""
        return called(self.name_ko, self.name_en)

    @property
    def role(self) -> str:
        return self.role_en if translation.get_language() == "en" else self.role_ko

    def get_absolute_url(self) -> str:
        return reverse("newsroom:author", args=[self.slug])


@receiver(pre_delete, sender=Author)
def keep_who_has_written(instance: Author, **_signal: object) -> None:
    """ProtectedError while an author stands in the byline of an article, whichever way the author is deleted."""
    written = set(instance.written.all())
    if written:
        raise models.ProtectedError(_("The author stands in the byline of articles."), written)
