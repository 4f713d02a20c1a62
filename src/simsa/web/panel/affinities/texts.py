"""Affinity from texts: by words (TF-IDF), or by whatever `settings.AFFINITY` names, embeddings for example.

That is a function of the entries' texts, the reviewers' texts and `tell(done, total)`, which returns similarities from
0 to 1, shape (entries, reviewers), and what the table of affinities is to say of where they are from.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from simsa.engine.affinity import text_affinity
from simsa.web.entries.models import Submission
from simsa.web.morphology import installed, words_of
from simsa.web.panel.models import Profile
from simsa.web.programmes.models import Round

Tell = Callable[[int, int], None]
_BATCH = 100
"""So many texts are analysed at once: each time the morphology starts anew, which takes seconds."""
_RUNS = re.compile(r"[가-힣]+|[^\W_]+")


def similarity(entries: Sequence[str], reviewers: Sequence[str], tell: Tell) -> tuple[NDArray[np.float64], str]:
    """Similarity as the settings want it."""
    compare = import_string(settings.AFFINITY) if settings.AFFINITY else by_words
    found: tuple[NDArray[np.float64], str] = compare(entries, reviewers, tell)
    return found


def by_words(entries: Sequence[str], reviewers: Sequence[str], tell: Tell) -> tuple[NDArray[np.float64], str]:
    """By the words that the texts have in common: those of the Korean morphology, or pairs of letters without it."""
    texts = [unicodedata.normalize("NFC", text) for text in (*entries, *reviewers)]
    found = list[list[str]]()
    for first in range(0, len(texts), _BATCH):
        tell(first, len(texts))
        batch = texts[first : first + _BATCH]
        found += words_of(batch) if installed() else [letters_of(text) for text in batch]
    tell(len(texts), len(texts))
    source = "TF-IDF, kiwipiepy" if installed() else "TF-IDF, letters"
    return text_affinity(found[: len(entries)], found[len(entries) :]), source


def letters_of(text: str) -> list[str]:
    """Pairs of neighbouring letters of Korean words, and other words whole."""
    found = []
    for run in _RUNS.findall(text.casefold()):
        korean = "가" <= run[0] <= "힣" and len(run) > 1
        found += [run[n : n + 2] for n in range(len(run) - 1)] if korean else [run]
    return found


def entry_texts(round_: Round) -> dict[str, str]:
    """What every entry says, by code: the texts and cases that were submitted last, "" where nothing was."""
    last = submitted(round_)
    entries = round_.entries.order_by("position").values_list("pk", "entrant__code")
    return {code: _text_of(last.get(pk)) for pk, code in entries}


def submitted(round_: Round) -> dict[int, dict[str, Any]]:
    """What was submitted last, by entry; nothing of those that were withdrawn."""
    rows = Submission.objects.filter(entry__round=round_).order_by("version")
    last = {one.entry_id: one for one in rows}
    return {pk: dict(json.loads(one.content)) for pk, one in last.items() if not one.withdrawn}


def reviewer_texts(round_: Round) -> dict[str, str]:
    """What every reviewer knows, by code: keywords and publications of the profile."""
    known = {one.reviewer_id: one.words for one in Profile.objects.filter(reviewer__round=round_)}
    return {one.code: known.get(one.pk, "") for one in round_.reviewers.order_by("position")}


def _text_of(content: Mapping[str, Any] | None) -> str:
    if content is None:
        return ""
    parts = [*content["texts"].values()]
    parts += [str(case.get(part, "")) for case in content["cases"] for part in ("title", "summary")]
    return "\n".join(part for part in parts if part)
