"""Reading evidence files: what kind they are, what is wrong with them, what they tell, what they look like.

Until the package itself is here: its interface, and nothing behind it but the first bytes of a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KINDS = {b"%PDF-": ("pdf", "application/pdf"), b"\x89PNG\r\n\x1a\n": ("png", "image/png")}


class NotNow(RuntimeError):  # noqa: N818 (not a fault of the file)
    """The file waits: the scanner or the machine is not ready."""


@dataclass(frozen=True)
class Finding:
    code: str
    detail: str

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True)
class Trace:
    code: str
    place: str
    value: str

    def __str__(self) -> str:
        return f"{self.place}: {self.value}"


@dataclass(frozen=True)
class Page:
    picture: Path
    width: int
    height: int
    text: str


@dataclass(frozen=True)
class Examined:
    kind: str | None
    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    traces: tuple[Trace, ...]
    pages: tuple[Page, ...]
    text: str
    cleaned: Path | None


def examine(
    path: Path, name: str, folder: Path, *, allow_zip: bool = False, blind: bool = False, scanner: str = ""
) -> Examined:
    with path.open("rb") as file:
        begin = file.read(8)
    kind = next((kind for first, (kind, _media) in KINDS.items() if begin.startswith(first)), None)
    faults = () if kind else (Finding("kind", "unknown"),)
    return Examined(kind, faults, (), (), (), "", None)
