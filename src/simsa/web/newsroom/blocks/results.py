"""Blocks that show the result of the article's round: what is published, and in an editor's preview the rest."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from simsa.web.awards.drawings import group_drawing, map_drawing
from simsa.web.awards.lines import Lines
from simsa.web.awards.models import Result
from simsa.web.awards.pages import winners
from simsa.web.entries.models import Entrant


def result_lines(parent_context: dict[str, Any] | None) -> Lines | None:
    """The result of the article's round, in the language of the page; None where the reader may not see one."""
    page = (parent_context or {}).get("page")
    round_ = getattr(page, "round", None)
    if round_ is None:
        return None
    request = (parent_context or {}).get("request")
    done = Result.objects.filter(round=round_, status=Result.Status.DONE).order_by("-pk").defer("payload")
    if not getattr(request, "is_preview", False):
        done = done.filter(published__isnull=False)
    result = done.first()
    return None if result is None else Lines(result, round_.rules, get_language() or "ko")


class ResultBlock(blocks.StructBlock):
    """A block that says something of the article's round."""

    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        lines = result_lines(parent_context)
        return context | ({"lines": lines} | self.facts(value, lines) if lines else {"lines": None})

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        """What the block's template needs of the result."""
        raise NotImplementedError


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


class EntrantChart(ResultBlock):
    """One entrant's group, with its score and interval among the others."""

    entrant = blocks.ChoiceBlock(choices=entrant_choices, label=_("entrant"))

    class Meta:
        icon = "list-ol"
        label = _("one entrant's chart")
        template = "newsroom/blocks/entrant.html"

    def facts(self, value: Any, lines: Lines) -> dict[str, Any]:
        line = next((line for line in lines.all if line.code == value["entrant"]), None)
        return {"line": line, "drawing": line and group_drawing(lines, line.group), "reason": line and lines.why(line)}


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
