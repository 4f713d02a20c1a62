"""The sequencer: what waits comes into the logs, a batch a second, whichever process is first."""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef

from simsa.record.log import LogError, sequence
from simsa.web.programmes.keys import SigningKeyError, signing_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Leaf, Log

log = logging.getLogger("simsa.record")

STEP = 1.0
"""Seconds between two looks at what waits: half of what a leaf may wait while the site serves."""
_told: set[str] = set()


def sequence_waiting() -> int:
    """Put everything that waits into its log; how many logs have grown.

    One round's fault, such as a key that is not there, is logged once and keeps no other round waiting.
    """
    waiting = Leaf.objects.filter(log=OuterRef("pk"), position__isnull=True)
    grown = 0
    for one in Log.objects.filter(Exists(waiting)):
        try:
            with DatabaseStore.held(one) as store:
                grown += sequence(store, [signing_key(store.log.key)]) is not None
        except (SigningKeyError, LogError) as error:
            if str(error) not in _told:
                _told.add(str(error))
                log.error("%s", error)
    return grown
