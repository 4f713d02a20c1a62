"""The verbs of rounds: open one, publish it, and keep its record.

Every verb of any room leaves one event through `record`, but for sheets, whose own leaf says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.record.bundle import Tier
from simsa.record.commitments import new_secret
from simsa.record.leaves import event_opening
from simsa.record.notes import VerifierKey
from simsa.record.statements import NO_SEED, beacon, forgotten, given, key_statement, seed_statement
from simsa.rules import Rules, RulesError, parse
from simsa.web.prepared import ask
from simsa.web.programmes.bundles import made_bundle
from simsa.web.programmes.erasing import erase_openings
from simsa.web.programmes.keys import forget_key, new_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Event, Opening, Programme, Round, Stage
from simsa.web.programmes.recording import begin, seal, state
from simsa.web.public import publish_pages

SYSTEM = "system"
"""The actor of what no person did: a command, a background task."""


class StageError(RuntimeError):
    """A verb that the round's stage does not allow (any more, or yet)."""


class ChangedEventError(RuntimeError):
    """An event is not what its leaf in the log commits to; the message names it."""


def open_round(
    rules_text: str,
    *,
    seed: str = "",
    source: str = "",
    synthetic_note: str = "",
    credit: str = "",
    actor: str = SYSTEM,
) -> Round:
    """Freeze rules and open their round, in preparation and not public; its slug is the rules' id. Its record begins.

    The seed of lots is given with the rules (`seed`), or comes from a beacon (`source`) that nobody knows yet, or there
    is none. `synthetic_note` says where invented data comes from and labels the round synthetic. ValidationError, one
    message for each fault, if the rules cannot be used or a round with their id exists.
    """
    if seed and source:
        raise ValueError("a seed is given, or comes from a source; not both")
    rules = parsed(rules_text)
    with transaction.atomic():
        if Round.objects.filter(slug=rules.id).exists():
            message = _("There is a round with the id “%(id)s” already; give the new round another id in its rules.")
            raise ValidationError(message % {"id": rules.id}, code="taken")
        programme, _new = Programme.objects.get_or_create(slug=rules.programme or rules.id)
        opened = Round.objects.create(
            programme=programme,
            slug=rules.id,
            rules_toml=rules_text,
            rules_hash=rules.hash,
            seed=seed,
            synthetic=bool(synthetic_note),
            synthetic_note=synthetic_note,
            credit=credit,
            language=rules.language,
            time_zone=rules.time_zone,
        )
        begin(opened, given(seed) if seed else beacon(source) if source else NO_SEED)
        facts = {"programme": programme.slug, "rules_hash": rules.hash, "seed": seed, "synthetic": opened.synthetic}
        record(opened, "round.opened", actor, facts)
    return opened


def parsed(rules_text: str) -> Rules:
    """ValidationError, one message for each fault, for a text that is no rules."""
    try:
        return parse(rules_text)
    except RulesError as error:
        raise ValidationError([str(problem) for problem in error.problems], code="rules") from error


def publish_round(round_: Round, *, actor: str = SYSTEM) -> Round:
    """Let the public know of a round and its rules; nothing happens if it does already. A result is published apart."""
    with transaction.atomic():
        round_ = lock(round_)
        if make_public(round_):
            record(round_, "round.published", actor, {"rules_hash": round_.rules_hash})
            publish_pages()
    return round_


def make_public(round_: Round) -> bool:
    """Set the moment from which the public may know of a locked round; whether it had none yet."""
    if round_.published_at is not None:
        return False
    round_.published_at = timezone.now()
    round_.save(update_fields=["published_at"])
    return True


def lock(round_: Round, *allowed: Stage) -> Round:
    """The round as the database has it now, locked until the transaction ends: its verbs come one after another.

    StageError if its stage is not among `allowed` (where any are named).
    """
    locked = Round.objects.select_for_update(of=("self",)).select_related("programme", "log").get(pk=round_.pk)
    check_stage(locked.slug, locked.stage, *allowed)
    return locked


def check_stage(slug: str, stage: str, *allowed: Stage) -> None:
    """StageError if the stage of the round `slug` is not among `allowed` (where any are named)."""
    if allowed and stage not in allowed:
        message = _("The round “%(round)s” is %(stage)s; that can no longer be done, or not yet.")
        raise StageError(message % {"round": slug, "stage": Stage(stage).label})


HOLD = "SELECT FROM programmes_round WHERE id = %(round)s FOR KEY SHARE"
"""What `hold` does, for who asks more on the same way."""


def hold(round_pk: int) -> None:
    """Keep verbs that `lock` the round waiting until the transaction ends; others may hold it at the same time.

    What is read of the round after this stays so. (SQLite has one writer at a time anyway.)
    """
    if connection.features.has_select_for_update:
        ask((HOLD, {"round": round_pk}))


def advance(round_: Round, stage: Stage) -> None:
    """Move a locked round on; StageError backwards."""
    order = list(Stage)
    if order.index(stage) < order.index(Stage(round_.stage)):
        raise StageError(f"round {round_.slug}: {stage} comes before {round_.stage}")
    round_.stage = stage
    round_.save(update_fields=["stage"])


def record(round_: Round, verb: str, actor: str, payload: Mapping[str, Any]) -> Event:
    """Keep an event and have its leaf wait for the log, inside the transaction of the verb that it tells of."""
    event = Event(round=round_, verb=verb, actor=actor, at=timezone.now(), payload=canonical_text(payload))
    event.leaf = seal(round_, event_opening(round_.slug, event.told, new_secret()))
    event.save()
    return event


def check_events(round_: Round) -> int:
    """Whether every event is what its leaf commits to; how many there are. ChangedEventError names one that is not.

    What was forgotten cannot be checked any more, and does not count.
    """
    sealed = Opening.objects.filter(leaf__log__round=round_, kind=Opening.Kind.EVENT)
    if gone := sealed.filter(leaf__event__isnull=True).first():
        raise ChangedEventError(f"round {round_.slug}: the event of leaf {gone.leaf_id} is missing")
    for opening in sealed.order_by("pk").select_related("leaf__event"):
        event = opening.leaf.event
        told = event_opening(round_.slug, event.told, bytes(opening.secret))
        if event.round_id != round_.pk or told.leaf != bytes(opening.leaf.data):
            raise ChangedEventError(f"round {round_.slug}: event {event.pk} ({event.verb}) was changed")
    count = sealed.count()
    if count < round_.events.count() and not round_.log.statements.filter(kind="forgotten").exists():
        raise ChangedEventError(f"round {round_.slug}: there are events that nothing opens")
    return count


def draw_seed(round_: Round, value: str, *, actor: str = SYSTEM) -> str:
    """The value of the beacon that was named when the round was opened, and the seed that follows for its lots.

    StageError before the round is closed, OrderError where no value is awaited.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.CLOSED)
        close = round_.log.statements.get(kind="close")
        checkpoint = DatabaseStore(round_.log).checkpoint(close.position + 1)
        assert checkpoint is not None  # every statement ends in one
        said = seed_statement(round_.slug, checkpoint.root, value)
        state(round_, lambda _head: said)
        round_.seed = said.content["seed"]
        round_.save(update_fields=["seed"])
        record(round_, "seed.drawn", actor, {"value": value, "seed": round_.seed})
    return str(round_.seed)


def bundle(round_: Round, tier: Tier) -> bytes:
    """The round's bundle as of now, for `simsa verify`. BundleError for the full tier of what was forgotten."""
    return made_bundle(round_, tier)


def forget(round_: Round, reason: str, *, actor: str = SYSTEM) -> None:
    """Destroy every secret behind the commitments of an announced round. The log stays as it is and can be verified;
    who gave which mark can never be proven again, and there is no full tier any more.

    StageError before the announcement, and the second time.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.ANNOUNCED)
        if round_.log.statements.filter(kind="forgotten").exists():
            raise StageError(_("What is behind the record of this round was forgotten before."))
        record(round_, "openings.forgotten", actor, {"reason": reason})
        said = forgotten(round_.slug, reason)
        state(round_, lambda _head: said)
        erase_openings(round_)
        publish_pages()


def rotate(round_: Round, *, actor: str = SYSTEM) -> VerifierKey:
    """Another signing key from here on; the checkpoint of the change is signed by the old one as well."""
    with transaction.atomic():
        round_ = lock(round_)
        with DatabaseStore.held(round_.log) as store:
            before, key = store.log.key, new_key(store.log.origin)
            record(round_, "key.rotated", actor, {"key": str(key.verifier)})
            said = key_statement(round_.slug, key.verifier)
            state(round_, lambda _head: said, key)
            store.log.refresh_from_db()
            store.log.key = str(key.verifier)
            store.log.save(update_fields=["key"])
        transaction.on_commit(lambda: forget_key(store.log, before))
        publish_pages()
    return key.verifier
