"""Pictures: what they show in words, whose they are, and whether they show anything real."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class NewsPicture(AbstractImage):
    """A picture. `description` says what can be seen, for those who do not see it; an article may say it otherwise."""

    credit = models.CharField(
        _("credit"),
        max_length=200,
        blank=True,
        help_text=_("Who made it, and under which licence: stands under the picture wherever it is shown."),
    )
    generated = models.BooleanField(
        _("made by a program"),
        default=False,
        help_text=_("A drawing that shows nobody and nothing real: said under the picture."),
    )

    admin_form_fields: ClassVar[tuple[str, ...]] = (*Image.admin_form_fields, "credit", "generated")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")


class NewsRendition(AbstractRendition):
    """A picture in one size and format."""

    image = models.ForeignKey(NewsPicture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="rendition_once")
        ]
