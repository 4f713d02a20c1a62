"""Pictures: what they show in words, whose they are, and whether they show anything real."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from simsa.web.newsroom.uploads import CleanFile, cleaned


class NewsPicture(AbstractImage):
    """A picture. `description` says what can be seen, for those who do not see it; an article may say it otherwise.

    Whoever saves one, its file is kept upright and without what a camera wrote into it (see `uploads`).
    """

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

    def clean(self) -> None:
        super().clean()
        try:
            self._take_in()
        except ValidationError as error:
            raise ValidationError({"file": error}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._take_in()
        super().save(*args, **kwargs)

    def _take_in(self) -> None:
        """Clean a file that is new. ValidationError if it is none that can be shown."""
        if self.file and not self.file._committed and not isinstance(self.file.file, CleanFile):
            self.file = cleaned(self.file.file)
            self._set_image_file_metadata()


class NewsRendition(AbstractRendition):
    """A picture in one size and format. Its address says whose it is, and changes with the content of the picture."""

    image = models.ForeignKey(NewsPicture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="rendition_once")
        ]

    def get_upload_to(self, filename: str) -> str:
        name = self.file.field.storage.get_valid_name(filename)
        return f"images/{self.image_id}/{self.image.get_file_hash()[:8]}/{name}"
