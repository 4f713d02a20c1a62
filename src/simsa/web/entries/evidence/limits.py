"""How much a file may cost."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Of one file and of the process that reads it. Sizes are bytes, times are seconds."""

    size: int = 200 * MEGABYTE
    """Of the file itself; who takes it in has a lower limit of its own."""
    members: int = 4000
    """Parts of a ZIP container."""
    unpacked: int = 400 * MEGABYTE
    """Of all parts of a container together."""
    ratio: int = 250
    """A part above `small` may not be packed tighter. Deflate reaches 1032; office documents stay below 100."""
    small: int = 4 * MEGABYTE
    pixels: int = 60_000_000
    """Of one picture: the largest that common phones take have 50 million."""
    sheets: int = 2000
    """Pages of a document; more is refused."""
    shown: int = 60
    """Pages that a preview has."""
    page_width: int = 1240
    """Pixels: A4 at 150 dots an inch."""
    letters: int = 2_000_000
    """Of the plain text that is kept."""
    set_letters: int = 150_000
    """Of the text of an office document that is set on pages."""
    memory: int = 1536 * MEGABYTE
    """Address space of the worker."""
    cpu: int = 90
    wall: int = 300
    output: int = 400 * MEGABYTE
    """Of any one file that the worker writes."""
