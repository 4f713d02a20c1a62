"""Witnesses: others follow the logs and cosign their checkpoints, so that nobody can be shown another history.

Every witness is shown the checkpoint of each statement, in order (bundles end in one), and then the last one; it
cosigns what goes on from what it has seen. What they sign is kept below the checkpoint and stands in every bundle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from simsa.record.checkpoints import Checkpoint
from simsa.record.log import cosign
from simsa.record.notes import VerifierKey
from simsa.record.witnesses import RolledBackError, UnreachableError, Witness, WitnessError
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Log, PublicBundle, Witnessed

log = logging.getLogger("simsa.record")


def witnesses() -> list[Witness]:
    """Those of the configured policy that can be asked: with an address, and a key that is understood here."""
    if settings.WITNESSES is None:
        return []
    keys = {text: key for key, text in settings.WITNESSES.cosigners.items()}
    return [Witness(keys[one.key], one.url) for one in settings.WITNESSES.witnesses if one.url and one.key in keys]


def anything_unwitnessed() -> bool:
    """Whether a witness has not seen all that there is of some log."""
    return any(_behind(witness).exists() for witness in witnesses())


def ask_witnesses() -> int:
    """Have every log cosigned as far as it has come; how many cosignatures were added.

    What a witness does not cosign is logged, and it is asked again in time; it keeps neither other witnesses nor other
    logs waiting.
    """
    count = 0
    for witness in witnesses():
        for one in _behind(witness):
            try:
                for checkpoint in _unseen(one, witness):
                    _keep(one, witness, checkpoint)
                    count += 1
            except RolledBackError as error:
                log.error("%s: was an older copy of the database put back? What came in between is missing.", error)
            except UnreachableError as error:
                log.warning("%s", error)
                break
            except WitnessError as error:
                log.warning("%s: no cosignature: %s", one, error)
    return count


def take_cosignatures(log_: Log, checkpoint: Checkpoint, known: Iterable[VerifierKey]) -> list[str]:
    """Keep what some of the `known` witnesses have signed of a checkpoint of this log; their names.

    NoteError and LogError as `simsa.record.log.cosign`.
    """
    with DatabaseStore.held(log_) as store:
        cosigners = cosign(store, checkpoint, known)
        PublicBundle.objects.filter(log=store.log, size=checkpoint.size).delete()  # the next one shows it
    return sorted(key.name for key in cosigners)


def _behind(witness: Witness) -> QuerySet[Log]:
    """Logs of which a witness has not seen the last leaf; `seen` is how far it has come, None where it knows none."""
    last = Witnessed.objects.filter(log=OuterRef("pk"), witness=str(witness.key)).values("size")
    logs = Log.objects.annotate(seen=Subquery(last)).order_by("pk")
    return logs.filter(Q(seen__isnull=True) | Q(seen__lt=F("size")), size__gt=0)


def _unseen(log_: Log, witness: Witness) -> Iterator[Checkpoint]:
    """The checkpoints that a witness has not seen, as it cosigns them."""
    store, seen = DatabaseStore(log_), log_.seen or 0  # type: ignore[attr-defined]
    stated = log_.statements.filter(position__gte=seen).order_by("position").values_list("position", flat=True)
    for size in dict.fromkeys([*(position + 1 for position in stated), log_.size]):
        checkpoint = store.checkpoint(size)
        if checkpoint is not None and size > seen:
            yield witness.ask(store, checkpoint, seen)
            seen = size


def _keep(log_: Log, witness: Witness, checkpoint: Checkpoint) -> None:
    with transaction.atomic():
        take_cosignatures(log_, checkpoint, [witness.key])
        seen = {"size": checkpoint.size}
        Witnessed.objects.update_or_create(log=log_, witness=str(witness.key), defaults=seen)
