"""Pictures as every screen shows them."""

from __future__ import annotations

import io
from contextlib import suppress

from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def in_srgb(picture: Image.Image) -> Image.Image:
    """A copy in the colours of the web; a profile that does not fit the picture is left aside."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits a pixel
        picture = picture.point(lambda value: value / 256).convert("L")
    shown = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode in ("1", "P", "PA", "LA"):
        picture = picture.convert(shown)
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, own, SRGB, outputMode=shown) or picture
    return picture if picture.mode in ("L", shown) else picture.convert(shown)
