"""Blocks that tell: quote, pull figure, picture, gallery, and a film elsewhere that loads when it is asked to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

BLANK = "○○○"
"""Stands where a person has still to fill in words; nothing with it can be published."""


class Quote(blocks.StructBlock):
    """What somebody said, and who. A draft leaves the words blank for a person to fill in."""

    words = blocks.TextBlock(label=_("words"), max_length=600)
    speaker = blocks.CharBlock(label=_("speaker"), max_length=100)
    role = blocks.CharBlock(label=_("role"), max_length=100, required=False)

    class Meta:
        icon = "openquote"
        label = _("quote")
        template = "newsroom/blocks/quote.html"


class PullFigure(blocks.StructBlock):
    """One number, large, with what it counts."""

    figure = blocks.CharBlock(label=_("figure"), max_length=30)
    label = blocks.CharBlock(label=_("what it counts"), max_length=120)
    note = blocks.CharBlock(label=_("note"), max_length=200, required=False)

    class Meta:
        icon = "order"
        label = _("pull figure")
        template = "newsroom/blocks/pull_figure.html"


class ShownPicture(blocks.StructBlock):
    """A picture in the text."""

    picture = ImageChooserBlock(label=_("picture"))
    alt = blocks.CharBlock(
        label=_("what can be seen"), max_length=300, help_text=_("Read to those who do not see the picture.")
    )
    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    class Meta:
        icon = "image"
        label = _("picture")
        template = "newsroom/blocks/picture.html"


class Gallery(blocks.StructBlock):
    """Several pictures side by side."""

    pictures = blocks.ListBlock(ShownPicture(), label=_("pictures"), min_num=2, max_num=12)

    class Meta:
        icon = "grip"
        label = _("gallery")
        template = "newsroom/blocks/gallery.html"


FRAMES = {
    "www.youtube.com": ("YouTube", "https://www.youtube-nocookie.com/embed/{video}"),
    "youtu.be": ("YouTube", "https://www.youtube-nocookie.com/embed/{video}"),
    "vimeo.com": ("Vimeo", "https://player.vimeo.com/video/{video}?dnt=1"),
}
"""Sites whose frames may be shown, by host: what readers call them, and the address that keeps the fewest traces."""


class WebEmbed(blocks.StructBlock):
    """A film on another site. Nothing is asked of that site before the reader presses the button."""

    address = blocks.URLBlock(label=_("address"))
    title = blocks.CharBlock(label=_("title"), max_length=120)

    class Meta:
        icon = "media"
        label = _("film on another site")
        template = "newsroom/blocks/embed.html"

    def clean(self, value: Any) -> Any:
        clean = super().clean(value)
        if frame_of(clean["address"]) is None:
            known = ", ".join(sorted({name for name, _address in FRAMES.values()}))
            message = _("No film of a site that is known here: %(known)s.") % {"known": known}
            raise blocks.StructBlockValidationError(block_errors={"address": ValidationError(message)})
        return clean

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        return context | {"frame": frame_of(value["address"])}


def frame_of(address: str) -> tuple[str, str] | None:
    """What readers call the site of a film, and the address of its frame; None for any other address."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("m.")
    host = "www.youtube.com" if host == "youtube.com" else host
    if parts.scheme != "https" or host not in FRAMES:
        return None
    name, frame = FRAMES[host]
    video = dict(part.partition("=")[::2] for part in parts.query.split("&")).get("v") or parts.path.strip("/")
    return (name, frame.format(video=video)) if video.replace("-", "").replace("_", "").isalnum() else None
