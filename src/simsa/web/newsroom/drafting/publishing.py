"""What keeps an article from being published: stale figures, blanks, and a result that is not public.

Drafts may have all of it. The check stands where every way of publishing passes, `ArticlePage.publish`; the editor's
form asks the same before, so that an editor reads what is missing instead of an error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Task

from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.binding import figures, inside, known_to, unbound, untranslated
from simsa.web.newsroom.drafting.passages import block_anchor, is_bound, where
from simsa.web.newsroom.drafting.references import result_of
from simsa.web.programmes.access import is_staff
from simsa.web.programmes.models import Round

if TYPE_CHECKING:
    from simsa.web.newsroom.models import ArticlePage

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """What has to be put right before publishing, and where: for people, and the anchor in the editor's form."""

    where: str
    what: str
    anchor: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class NotPublishableError(ValidationError):
    """An article that cannot be published as it is; the messages say what has to be put right, and where."""


def problems(article: ArticlePage) -> list[Problem]:
    """Everything that has to be put right before the article can be published."""
    return [*_stale(article), *_blanks(article), *_silent_picture(article), *_unpublished_result(article)]


def notices(article: ArticlePage) -> list[Problem]:
    """What an editor should look at once more, although it may be meant so."""
    return [*_unbound(article), *_untranslated(article)]


def check_publishable(article: ArticlePage) -> None:
    """NotPublishableError with a line for each problem."""
    found = problems(article)
    if found:
        raise NotPublishableError([str(problem) for problem in found])


def holds_back(article: ArticlePage) -> bool:
    """Whether something has to be put right before an article that is due can appear; said in the log."""
    found = problems(article)
    if found:
        logger.warning("due, but not published: %s: %s", article, "; ".join(map(str, found)))
    return bool(found)


class ArticleForm(WagtailAdminPageForm):
    """The editor's form: whoever publishes reads what has to be put right; a draft is saved as it is.

    A round whose result is not public can be chosen by staff alone: whoever may edit the article reads its result.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "entrants" in self.fields:
            language = get_language() or settings.LANGUAGE_CODE
            self.fields["entrants"].label_from_instance = lambda entrant: entrant.name(language)
        if "round" in self.fields:
            self.fields["round"].label_from_instance = lambda round_: round_.title
        if "round" in self.fields and not is_staff(self.for_user):
            told = Q(results__published__isnull=False) | Q(pk=self.instance.round_id)
            self.fields["round"].queryset = Round.objects.filter(told).distinct()

    def clean_tags(self) -> Any:
        """A tag has a page whose address is made of its letters."""
        tags = self.cleaned_data["tags"]
        without = [tag for tag in tags if not slugify(tag, allow_unicode=True)]
        if without:
            raise ValidationError(_("A tag needs letters or digits: %(tags)s") % {"tags": ", ".join(without)})
        return tags

    def _post_clean(self) -> None:
        super()._post_clean()
        if (self._publishes() or self._approves()) and not self.errors:
            for problem in problems(self.instance):
                self.add_error(None, str(problem))

    def _publishes(self) -> bool:
        return "action-publish" in self.data

    def _approves(self) -> bool:
        """Whether the editor gives the last approval, after which the article is published."""
        approves = "action-workflow-action" in self.data and self.data.get("workflow-action-name") == "approve"
        return approves and is_last_approval(self.instance)


def is_last_approval(article: ArticlePage) -> bool:
    """Whether the article is published once what is in progress is approved."""
    state = article.current_workflow_state
    if state is None:
        return False
    tasks = Task.objects.filter(workflow_tasks__workflow=state.workflow, active=True)
    return tasks.exclude(task_states__in=state.successful_task_states).count() <= 1


def _unbound(article: ArticlePage) -> Iterator[Problem]:
    """The numbers that were typed by hand, once for each place: several texts of a block are one."""
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for passage, free, gone in unbound(article):
        there = found.setdefault((passage.where, passage.anchor), ([], []))
        there[0].extend(free)
        there[1].extend(gone)
    for (place, anchor), (free, gone) in found.items():
        said = _("numbers typed by hand, bound to nothing: %(free)s.") % {"free": "; ".join(dict.fromkeys(free))}
        if gone:
            said += " " + _("From the result stood here: %(gone)s.") % {"gone": "; ".join(gone)}
        yield Problem(place, said, anchor)


def _untranslated(article: ArticlePage) -> Iterator[Problem]:
    for passage, words in untranslated(article):
        yield Problem(passage.where, _("still in Korean: “%(words)s”.") % {"words": words}, passage.anchor)


def _stale(article: ArticlePage) -> Iterator[Problem]:
    known = known_to(article) if is_bound(article) else {}  # no question to the result where nothing is bound
    for figure in figures(article, known):
        if figure.within:
            yield Problem(figure.where, inside(figure.text, figure.within), figure.anchor)
        elif figure.present is None:
            gone = _("“%(text)s” was taken from the result, which says nothing about it any more.")
            yield Problem(figure.where, gone % {"text": figure.text}, figure.anchor)
        elif not figure.fresh:
            other = _("says “%(text)s”, the result says “%(present)s”.")
            yield Problem(figure.where, other % {"text": figure.text, "present": figure.present}, figure.anchor)


def _blanks(article: ArticlePage) -> Iterator[Problem]:
    fill_in = _("a blank (%(blank)s) has still to be filled in.") % {"blank": BLANK}
    if BLANK in article.title:
        yield Problem(_("headline"), fill_in, "id_title")
    for number, line in enumerate(article.subheads, start=1):
        if BLANK in str(line.value):
            yield Problem(_("subhead %(n)d") % {"n": number}, fill_in, block_anchor(line))
    for name, label in (("dateline", _("dateline")), ("lead_caption", _("caption"))):
        if BLANK in getattr(article, name):
            yield Problem(label, fill_in, f"id_{name}")
    for number, block in enumerate(article.body, start=1):
        place = where(number, str(block.block.label))
        if block.block_type == "quote" and not (block.value["words"].strip() and block.value["speaker"].strip()):
            yield Problem(place, _("the quote is empty."), block_anchor(block))
        elif any(BLANK in text for text in _texts(block.get_prep_value()["value"])):
            yield Problem(place, fill_in, block_anchor(block))


def _silent_picture(article: ArticlePage) -> Iterator[Problem]:
    if article.lead_picture is not None and not article.lead_words:
        yield Problem(_("lead picture"), _("say what can be seen in the picture."))


def _unpublished_result(article: ArticlePage) -> Iterator[Problem]:
    """An article about figures of a result may wait for it, but not come before it."""
    waits = article.go_live_at is not None and article.go_live_at > timezone.now()
    result = result_of(article.round)
    if result is not None and result.published is None and not waits and figures(article, {}):
        yield Problem("", _("The result of the round has not been published yet: publish it first, or set a time."))


def _texts(value: Any) -> Iterator[str]:
    """Every text in the stored form of a block."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
