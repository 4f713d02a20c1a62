"""What every picture shares: a growing SVG with title, description and the word *synthetic* where it must be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html import escape

from simsa.tables.pictures.colours import FONT, INK, LIMIT
from simsa.tables.pictures.lettering import TEXT, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.words import fill, translator

WIDTH = 360
"""Natural width of a picture: a phone's page less its margins."""
Href = Callable[[str], str | None]


class Picture:
    """A growing SVG: marks are added with `add`, `svg` closes it."""

    def __init__(self, title: str, language: str, synthetic: bool, width: float) -> None:
        self.title, self.language, self.synthetic, self.width = title, language, synthetic, width
        self.texts = translator(language)
        self.marks: list[str] = []
        self.height = 0.0
        self.linked = False

    def add(self, *marks: str) -> None:
        self.marks += marks

    def close(self, description: str) -> str:
        """The whole picture. A picture with links is a group, because an image hides what is inside it."""
        if self.synthetic:
            _ = self.texts.gettext
            description = f"{_('Synthetic data')}. {description}"
        body = "".join(self.marks)
        key = hashlib.sha256(f"{self.title}|{description}|{body}".encode()).hexdigest()[:10]
        role = "group" if self.linked else "img"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(self.width)} {px(self.height)}" '
            f'width="{px(self.width)}" height="{px(self.height)}" role="{role}" lang="{self.language}" '
            f'aria-labelledby="t{key} d{key}" font-family="{escape(FONT)}" font-size="{TEXT}" fill="{INK}">'
            f'<title id="t{key}">{escape(self.title)}</title><desc id="d{key}">{escape(description)}</desc>'
            f"{body}</svg>\n"
        )

    def synthetic_mark(self, y: float) -> float:
        """The word *synthetic* in amber at the top right; gives the height it took."""
        if not self.synthetic:
            return 0.0
        _ = self.texts.gettext
        word = _("Synthetic data")
        wide = text_width(word, 12) + 12
        left = self.width - wide - 0.5
        self.add(
            f'<rect x="{px(left)}" y="{px(y + 0.5)}" width="{px(wide)}" height="18" rx="3" fill="none" '
            f'stroke="{LIMIT}"/>',
            text_at(left + wide / 2, y + 13.5, word, size=12, fill=LIMIT, anchor="middle"),
        )
        return 24.0


def selected_words(names: str, language: str) -> str:
    """Who is selected, as the end of a picture's description."""
    _ = translator(language).gettext
    return fill(_("Selected: %(names)s."), names=names) if names else _("Nobody is selected.")
