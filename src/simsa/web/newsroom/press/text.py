"""An article as plain text (UTF-8), for mail and for systems that take nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from simsa.web.newsroom.press.sheet import Chart, Grid, Heading, Paragraph, Part, Quoted, Sheet, Shown


def as_text(sheet: Sheet) -> str:
    """The whole article."""
    head = [
        sheet.release,
        "",
        sheet.title,
        "",
        *(f"- {line}" for line in sheet.subheads),
        "",
        *sheet.notes,
        sheet.byline,
    ]
    told = [line for part in sheet.parts for line in ("", *_lines(part))]
    lines = "\n".join([*head, *told, "", sheet.address, ""]).split("\n")
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept)


def _lines(part: Part) -> Iterator[str]:
    if isinstance(part, Heading):
        yield f"■ {part.text}"
    elif isinstance(part, Paragraph):
        said = "".join(run.text for run in part.runs)
        links = "".join(
            f" <{link}>" for link in dict.fromkeys(run.link for run in part.runs) if link and link not in said
        )
        yield f"{part.marker} {said}{links}".strip()
    elif isinstance(part, Quoted):
        yield f"“{part.words}”"
        yield f"  {part.speaker}"
    elif isinstance(part, Shown):
        yield f"[{part.caption or part.alt}] {part.credit}".strip()
    elif isinstance(part, Chart):
        yield f"[{part.title}] {part.alt}"
    elif isinstance(part, Grid):
        yield from (" | ".join(row) for row in (part.header, *part.rows))
        if part.caption:
            yield part.caption
