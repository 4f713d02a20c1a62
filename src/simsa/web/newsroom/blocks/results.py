"""Blocks that show the result of the article's round: what is published, and in an editor's preview the rest."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from simsa.rules import digest
from simsa.web.awards.drawings import group_drawing, map_drawing
from simsa.web.awards.lines import Lines
from simsa.web.awards.models import Result
from simsa.web.awards.pages import winners
from simsa.web.entries.models import Entrant
from simsa.web.newsroom.drafting.passages import is_bound

VERSION = metadata.version("simsa")
_KEPT = 24 * 60 * 60


class ResultBlock(blocks.StructBlock):
    """A block that says something of the article's round.

    What it looks like follows from the result and from what the editor chose, so it is kept under both.
    """

    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    def render(self, value: Any, context: dict[str, Any] | None = None) -> SafeString:
        told = _digest_of(context or {})
        if told is None:
            return mark_safe("")
        chosen = digest(repr(sorted(self.get_prep_value(value).items())).encode())
        # An editor's preview says of a caption what is bound to nothing.
        reader = "editor" if _is_preview(context or {}) and is_bound((context or {})["page"]) else "public"
        key = f"block:{VERSION}:{told}:{_language()}:{type(self).__name__}:{reader}:{chosen}"
        html = cache.get(key)
        if html is None:
            html = str(super().render(value, context))
            cache.set(key, html, _KEPT)
        return mark_safe(html)  # noqa: S308 (rendered by a template)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        page = (parent_context or {})["page"]
        found = _result_of(parent_context or {})
        assert found is not None  # render would have stopped
        lines = Lines(found, page.round.rules, _language())
        return context | {"lines": lines} | self.facts(value, lines)

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        """What the block's template needs of the result."""
        raise NotImplementedError


def _digest_of(context: dict[str, Any]) -> str | None:
    """The digest of that result: known with a public article, so that nothing is asked for what is kept."""
    page = context.get("page")
    if page is not None and not _is_preview(context) and "result_digest" in page.__dict__:
        known: str | None = page.result_digest
        return known
    found = _result_of(context)
    return None if found is None else found.digest


def _result_of(context: dict[str, Any]) -> Result | None:
    """The result of the article's round that the reader may see, asked for once for each page."""
    page = context.get("page")
    round_id = getattr(page, "round_id", None)
    if page is None or round_id is None:
        return None
    preview = _is_preview(context)
    known = page.__dict__.setdefault("_results", {})
    if preview not in known:
        done = Result.objects.filter(round_id=round_id, status=Result.Status.DONE).order_by("-pk").defer("payload")
        known[preview] = (done if preview else done.filter(published__isnull=False)).first()
    result: Result | None = known[preview]
    return result


def _is_preview(context: dict[str, Any]) -> bool:
    return bool(getattr(context.get("request"), "is_preview", False))


def _language() -> str:
    return get_language() or "ko"


class WinnerTable(ResultBlock):
    """Who was selected in each group, with the reason."""

    class Meta:
        icon = "success"
        label = _("table of the selected")
        template = "newsroom/blocks/winners.html"

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        return {"groups": winners(lines)}


class ResultMap(ResultBlock):
    """The tile map of a round of local governments."""

    class Meta:
        icon = "site"
        label = _("tile map of the result")
        template = "newsroom/blocks/map.html"

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        return {"drawing": map_drawing(lines)}


def entrant_choices() -> list[tuple[str, str]]:
    """The entrants of rounds that have a result, by code, as they are called now."""
    entrants = Entrant.objects.filter(entries__standings__isnull=False).order_by("name_ko", "version")
    return list({entrant.code: entrant.name_ko for entrant in entrants}.items())


def whose(code: str | None) -> str:
    """The name of the entrant with a code, in the language of the page; empty where none was chosen."""
    found = Entrant.objects.filter(code=code).order_by("-version").first() if code else None
    return "" if found is None else found.name(_language())


class EntrantChart(ResultBlock):
    """One entrant's group, with its score and interval among the others."""

    entrant = blocks.ChoiceBlock(choices=entrant_choices, label=_("entrant"))

    class Meta:
        icon = "list-ol"
        label = _("one entrant's chart")
        template = "newsroom/blocks/entrant.html"

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        line = next((line for line in lines.all if line.code == value["entrant"]), None)
        if line is None:
            return {"line": None}
        return {"line": line, "drawing": group_drawing(lines, line.group, line.code), "reason": lines.why(line)}


class Outcome(blocks.StructBlock):
    """A measured outcome of a case."""

    label = blocks.CharBlock(label=_("what was measured"), max_length=80)
    figure = blocks.CharBlock(label=_("figure with its unit"), max_length=60)


class Case(blocks.StructBlock):
    """An excellent case, told with its measured outcomes."""

    title = blocks.CharBlock(label=_("title"), max_length=120)
    entrant = blocks.ChoiceBlock(choices=entrant_choices, label=_("entrant"), required=False)
    text = blocks.TextBlock(label=_("what was done"), max_length=1500)
    outcomes = blocks.ListBlock(Outcome(), label=_("outcomes"), min_num=1, max_num=8)

    class Meta:
        icon = "pick"
        label = _("case with its outcomes")
        template = "newsroom/blocks/case.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        return context | {"whose": whose(value["entrant"])}
