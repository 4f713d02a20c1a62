"""What becomes of a picture when it is taken in: upright, in sRGB, and without anything that a camera or a program
wrote into it (EXIF with the place, XMP, IPTC, comments, previews).

So nothing that is made from it can tell more than can be seen.
"""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from simsa.web.colours import in_srgb

FORMATS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0, "optimize": True},
    "PNG": {},
    "WEBP": {"quality": 95},
    "AVIF": {"quality": 90},
}
"""Formats that are taken in, and how they are written again: so that nobody sees the difference."""


class CleanFile(ContentFile):
    """A picture that holds nothing but what can be seen."""


def cleaned(file: File) -> CleanFile:
    """The same picture under the same name. ValidationError if it moves, is damaged, or has another format."""
    file.seek(0)
    try:
        with Image.open(file) as source:
            # A camera's MPO is a JPEG with further pictures behind it.
            kind = "JPEG" if source.format == "MPO" else str(source.format)
            if kind not in FORMATS:
                raise ValidationError(_("Pictures are taken as JPEG, PNG, WebP or AVIF."))
            if source.format != "MPO" and getattr(source, "n_frames", 1) > 1:
                raise ValidationError(
                    _("Moving pictures are not shown here: choose a still one, or put a film into the text.")
                )
            picture = in_srgb(ImageOps.exif_transpose(source))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValidationError(_("The picture cannot be read: its file is damaged or too large.")) from error
    picture.info.clear()
    data = io.BytesIO()
    picture.save(data, kind, **FORMATS[kind])
    return CleanFile(data.getvalue(), name=PurePath(file.name or "picture").name)
