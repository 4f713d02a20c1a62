"""Look at a file that somebody handed in: the one function that the rest of the site calls."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from struct import unpack_from
from tempfile import TemporaryDirectory
from typing import Any

from simsa.web.entries.evidence.answers import CLEANED, COPY, LOOKED, SHOWN, page_name
from simsa.web.entries.evidence.findings import Finding, Trace
from simsa.web.entries.evidence.kinds import Kind, contradiction
from simsa.web.entries.evidence.limits import MEGABYTE, Limits
from simsa.web.entries.evidence.sandbox.launch import answer, content, run, taken
from simsa.web.entries.evidence.scan import scan

log = logging.getLogger("simsa.entries")

LARGEST_PAGE = 16 << 20
WALLS = ("limits", "network", "files", "calls")


@dataclass(frozen=True)
class Page:
    """One page of a preview: a WebP of `width` x `height` pixels, and the words on it."""

    picture: Path
    width: int
    height: int
    text: str


@dataclass(frozen=True)
class Examined:
    """What is known of a file. Pages and the cleaned copy lie in the folder that was given."""

    kind: Kind | None
    faults: tuple[Finding, ...]
    """Reasons to refuse it; with any of them there are neither pages nor a copy."""
    notes: tuple[Finding, ...] = ()
    """To be told, not to be refused."""
    traces: tuple[Trace, ...] = ()
    """What the original tells of who made it."""
    pages: tuple[Page, ...] = ()
    text: str = ""
    cleaned: Path | None = None
    confined: tuple[str, ...] = ()
    """Which walls stood around the process that read it: of "limits", "network", "files", "calls"."""


def examine(
    path: Path,
    name: str,
    folder: Path,
    *,
    allow_zip: bool = False,
    blind: bool = False,
    scanner: str = "",
    limits: Limits | None = None,
) -> Examined:
    """Examine a file that its person named `name`; what is made of it goes to `folder`, which exists and is empty.

    Takes seconds to minutes, and is safe in threads. `blind` makes the copy without traces, and pages of that copy.
    NotNowError (ScannerError, ReadingError): the file has to wait; OSError if `path` or `folder` cannot be used.
    """
    limits = limits or Limits()
    if path.stat().st_size > limits.size:
        return Examined(None, (Finding("too_large", f"> {limits.size // MEGABYTE} MB"),))
    if scanner and (known := scan(path, scanner)) is not None:
        return Examined(None, (known,))
    task = {"limits": asdict(limits), "allow_zip": allow_zip, "blind": blind}
    with TemporaryDirectory(prefix="reading-", dir=folder) as scratch, path.open("rb") as original:
        ended = run(task, original, Path(scratch), limits.wall)
        return _taken(Path(scratch), folder, ended, name, blind=blind, limits=limits)


def _taken(scratch: Path, folder: Path, ended: str, name: str, *, blind: bool, limits: Limits) -> Examined:
    """What the worker left, as far as it holds what it should. What a step did not bring is a fault or a note."""
    looked = answer(scratch, LOOKED)
    if looked is None:
        log.warning("the worker left nothing: %s", ended)
        return Examined(None, (Finding("costly" if ended in ("memory", "time") else "damaged"),))
    try:
        kind = None if looked["kind"] is None else Kind(looked["kind"])
        faults = _findings(looked["faults"])
        traces = tuple(Trace(str(one["code"]), str(one["place"]), str(one["value"])) for one in looked["traces"])
        confined = tuple(wall for wall in WALLS if wall in looked["walls"])
    except (KeyError, TypeError, ValueError):
        log.exception("the worker said what it should not")
        return Examined(None, (Finding("damaged"),))
    notes = tuple(note for note in [kind and contradiction(name, kind)] if note)
    if kind is None or faults:
        return Examined(kind, faults or (Finding("other", "?"),), notes, traces, confined=confined)
    cleaned = None
    if blind:
        copy = answer(scratch, CLEANED)
        cleaned = folder / f"cleaned{kind.ending}"
        if copy is None or copy.get("left") != [] or not taken(scratch / COPY, cleaned, limits.output):
            log.warning("no copy without traces: %s, %s", ended, copy)
            return Examined(kind, (Finding("not_cleaned"),), notes, traces, confined=confined)
    pages, text, told = _shown(scratch, folder, limits)
    return Examined(kind, (), notes + told, traces, pages, text, cleaned, confined)


def _findings(said: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(str(one["code"]), str(one["detail"])) for one in said)


def _shown(scratch: Path, folder: Path, limits: Limits) -> tuple[tuple[Page, ...], str, tuple[Finding, ...]]:
    shown = answer(scratch, SHOWN)
    if shown is None:
        return (), "", (Finding("no_preview"),)
    try:
        text, notes, said = str(shown["text"])[: limits.letters], _findings(shown["notes"]), shown["pages"]
        texts = [str(page["text"])[: limits.letters] for page in said[: limits.shown]]
    except (KeyError, TypeError):
        log.exception("the worker said what it should not")
        return (), "", (Finding("no_preview"),)
    pages = []
    for number, words in enumerate(texts, start=1):
        data = content(scratch / page_name(number), LARGEST_PAGE)
        size = None if data is None else webp_size(data)
        if data is None or size is None:
            notes = (*notes, Finding("no_preview"))
            break
        picture = folder / page_name(number)
        picture.write_bytes(data)
        pages.append(Page(picture, *size, words))
    return tuple(pages), text, notes


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP that holds one picture without transparency and nothing else; None if it does not."""
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8 " or data[23:26] != b"\x9d\x01\x2a":
        return None
    whole, inside = unpack_from("<L", data, 4)[0], unpack_from("<L", data, 16)[0]
    if whole + 8 != len(data) or inside + inside % 2 + 20 != len(data):
        return None
    width, height = unpack_from("<HH", data, 26)
    return (width & 0x3FFF, height & 0x3FFF)
