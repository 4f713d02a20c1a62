"""Background work of the search: finding the words of new texts."""

from __future__ import annotations

import logging

from django.db.models import F
from django_tasks import task

from simsa.web.morphology import MorphologyError, installed, morphemes
from simsa.web.newsroom.search.models import SearchText

log = logging.getLogger("simsa.newsroom")
BATCH = 200


@task
def analyse_texts() -> int:
    """Find the words of every text that was not analysed as it is now; how many there were."""
    if not installed():
        return 0
    done = 0
    while True:
        waiting = list(SearchText.objects.exclude(analysed=F("digest"))[:BATCH])
        if not waiting:
            return done
        try:
            found = morphemes([one.plain for one in waiting])
        except MorphologyError as error:
            log.warning("search: %s", error)
            return done
        for one, words in zip(waiting, found, strict=True):
            # A text that has changed meanwhile keeps another digest, and is analysed again.
            SearchText.objects.filter(pk=one.pk).update(morphemes=words, analysed=one.digest)
        done += len(waiting)
