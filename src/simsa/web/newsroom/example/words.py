"""What the demo says in one language: sections, what fills the blanks of the announcement, and articles.

In a paragraph `%(round)s` and `%(rules)s` stand for the addresses of those pages. A picture is named as in
`pictures.DRAWN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BlockOf = tuple[str, Any]


@dataclass(frozen=True)
class Section:
    slug: str
    title: str
    intro: str


@dataclass(frozen=True)
class Told:
    """One article in one language."""

    title: str
    subheads: tuple[str, ...]
    alt: str
    body: tuple[BlockOf, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    dateline: str
    announcer: str
    quote: str
    speaker: str
    role: str
    correction: str
    tiles: str
    tags: tuple[str, ...]
    releases: str
    regions: Section
    explained: Section
    mission: Told
    evaluated: Told
    checked: Told


def paragraph(text: str) -> BlockOf:
    return "paragraph", f"<p>{text}</p>"


def listed(*items: str) -> BlockOf:
    return "paragraph", f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def heading(text: str) -> BlockOf:
    return "heading", text


def figure(figure: str, label: str, note: str = "") -> BlockOf:
    return "pull_figure", {"figure": figure, "label": label, "note": note}


def picture(name: str, alt: str, caption: str) -> BlockOf:
    return "picture", _picture(name, alt, caption)


def gallery(*pictures: tuple[str, str, str]) -> BlockOf:
    return "gallery", {"pictures": [_picture(*one) for one in pictures]}


def case(title: str, text: str, *outcomes: tuple[str, str]) -> BlockOf:
    told = [{"label": label, "figure": figure} for label, figure in outcomes]
    return "case", {"title": title, "entrant": "", "text": text, "outcomes": told}


def chart(caption: str) -> BlockOf:
    """Of one of the selected; which one, the result says."""
    return "entrant_chart", {"entrant": "", "caption": caption}


def _picture(name: str, alt: str, caption: str) -> dict[str, Any]:
    return {"picture": name, "alt": alt, "caption": caption}
