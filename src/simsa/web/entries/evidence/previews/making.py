"""From a file to pictures of its pages and its words, within limits."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from simsa.web.colours import in_srgb
from simsa.web.entries.evidence.answers import page_name
from simsa.web.entries.evidence.findings import Finding
from simsa.web.entries.evidence.forms.exif import UNREADABLE
from simsa.web.entries.evidence.kinds import PICTURES, Kind, kind_of
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package

QUALITY = 82
LETTERS = 50_000
"""Of the words of one page."""
LONGEST_SIDE = 16383
"""Pixels of a WebP."""


@dataclass(frozen=True)
class ShownPage:
    width: int
    height: int
    text: str


@dataclass
class Preview:
    """What was made so far. Pictures stand in `folder` as `page-1.webp` and so on."""

    folder: Path
    limits: Limits
    pages: list[ShownPage] = field(default_factory=list)
    text: str = ""
    notes: list[Finding] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.pages) >= self.limits.shown

    def add(self, picture: Image.Image, text: str) -> None:
        """A page, as wide as pages are at most, on white."""
        picture = _flat(picture)
        share = min(1.0, self.limits.page_width / picture.width, LONGEST_SIDE / picture.height)
        if share < 1:
            size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        picture.info.clear()
        picture.save(self.folder / page_name(len(self.pages) + 1), "WEBP", quality=QUALITY, method=2)
        self.pages.append(ShownPage(*picture.size, text[:LETTERS]))

    def say(self, text: str) -> None:
        """More words of the file."""
        left = self.limits.letters - len(self.text)
        if len(text) > left:
            self.note("text_cut", str(self.limits.letters))
        self.text += text[: max(left, 0)]

    def note(self, code: str, detail: str = "") -> None:
        if Finding(code, detail) not in self.notes:
            self.notes.append(Finding(code, detail))


def preview(data: bytes, kind: Kind, folder: Path, limits: Limits) -> Preview:
    """Pictures and words of a file against which nothing speaks."""
    made = Preview(folder, limits)
    _show(data, kind, made)
    return made


def _show(data: bytes, kind: Kind, made: Preview) -> None:
    # Each kind's libraries are loaded where they are needed: most files need one of them.
    from simsa.web.entries.evidence.previews import documents, pdf  # noqa: PLC0415

    if kind is Kind.ZIP:
        _show_members(data, made)
    elif kind in PICTURES:
        _show_picture(data, made)
    elif kind is Kind.PDF:
        pdf.show(data, made, words=True)
    else:
        documents.show(data, kind, made)


def _show_picture(data: bytes, made: Preview) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            for number in range(getattr(picture, "n_frames", 1)):
                if made.is_full:
                    made.note("pages_cut", str(made.limits.shown))
                    break
                picture.seek(number)
                made.add(in_srgb(ImageOps.exif_transpose(picture)), "")
    except (*UNREADABLE, Image.DecompressionBombError):
        made.note("no_preview")


def _show_members(data: bytes, made: Preview) -> None:
    """One after the other: nothing speaks against any of them."""
    package = Package.read(data, made.limits)
    for name in package.names:
        made.say(f"{name}\n")
        _show(package[name], kind_of(package[name], made.limits, allow_zip=False), made)
        made.say("\n")


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA":
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
