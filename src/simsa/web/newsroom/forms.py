"""The form in which editors choose a picture: a damaged file is refused in words."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm


class PictureField(WagtailImageField):
    """Wagtail's, which takes it for granted that a file that begins like a picture ends like one."""

    def check_image_pixel_size(self, f: Any) -> None:
        try:
            super().check_image_pixel_size(f)
        except (OSError, SyntaxError, ValueError) as error:
            raise ValidationError(_("The picture cannot be read: its file is damaged or too large.")) from error


class PictureForm(BaseImageForm):
    file = PictureField(label=_("file"), widget=BaseImageForm.Meta.widgets["file"])
