"""The verbs by which affinities come: computed in the background, or from a file that is looked at first."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from simsa.rules import decimal_text, parse_decimal
from simsa.tables.affinities import read_scores
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import TableError
from simsa.web.entries.models import ImportDraft
from simsa.web.entries.services.plans import StalePlanError
from simsa.web.panel.affinities.texts import entry_texts, reviewer_texts, similarity
from simsa.web.panel.models import AffinityRun, AffinityTable, Bid
from simsa.web.panel.services.registering import record_affinities
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import check_stage, lock, record

KIND = "affinities"
ENDINGS = (".csv", ".tsv", ".xlsx", ".json")
MOST_BYTES = 20 * 2**20
PLACES = 4
LONGEST_WEIGHT = 16
WORTH = {Bid.Wish.EAGER: Fraction(1), Bid.Wish.WILLING: Fraction(1, 2), Bid.Wish.UNWILLING: Fraction(-1)}
"""What a bid adds to the affinity, times the weight that the officer gives to bids."""
log = logging.getLogger("simsa.panel")


def start_affinities(round_: Round, bid_weight: str, *, actor: str) -> AffinityRun:
    """Have affinities computed from texts and bids; the table that comes of it replaces the one there is.

    ValidationError for a weight that is no number from 0 to 10, or while another is being computed.
    """
    try:
        weight = parse_decimal(bid_weight.strip() or "0")
    except ValueError:
        weight = Fraction(-1)
    text = decimal_text(weight)
    if not 0 <= weight <= 10 or len(text) > LONGEST_WEIGHT:
        raise ValidationError(_("The weight of bids is a number from 0 to 10."))
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        if AffinityRun.objects.filter(round=round_, state__in=["waiting", "running"]).exists():
            raise ValidationError(_("Affinities are being computed already."))
        run = AffinityRun.objects.create(round=round_, bid_weight=text, actor=actor)
        record(round_, "affinities.started", actor, {"bid_weight": run.bid_weight})
        transaction.on_commit(lambda: _enqueue(run.pk))
    return run


def compute_affinities(run: AffinityRun) -> AffinityRun:
    """Compute what `start_affinities` asked for; what goes wrong is kept in the run."""
    if AffinityRun.objects.filter(pk=run.pk, state="waiting").update(state="running"):
        run.refresh_from_db()
        try:
            table, source = computed(run)
            with transaction.atomic():
                run.table = record_affinities(run.round, table, source=source, replaces=True, actor=run.actor)
                run.state = AffinityRun.State.DONE
                run.save(update_fields=["table", "state"])
        except Exception as error:
            log.warning("round %s: no affinities: %s", run.round.slug, error, exc_info=True)
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            run.state, run.error = AffinityRun.State.FAILED, " ".join(messages) or type(error).__name__
            run.save(update_fields=["state", "error"])
    return run


def computed(run: AffinityRun) -> tuple[dict[str, dict[str, str]], str]:
    """Affinities of every pair, entry -> reviewer -> decimal text, and where they are from."""

    def tell(done: int, total: int) -> None:
        AffinityRun.objects.filter(pk=run.pk).update(done=done, total=total)

    entries, reviewers = entry_texts(run.round), reviewer_texts(run.round)
    alike, source = similarity(list(entries.values()), list(reviewers.values()), tell)
    wishes = _worth_of(run.round, parse_decimal(run.bid_weight))
    if wishes:
        source = f"{source}; bids × {run.bid_weight}"
    table = {
        entry: {
            reviewer: number_text(round(float(alike[row, column]) + float(wishes.get((entry, reviewer), 0)), PLACES))
            for column, reviewer in enumerate(reviewers)
        }
        for row, entry in enumerate(entries)
    }
    return table, source


def _worth_of(round_: Round, weight: Fraction) -> dict[tuple[str, str], Fraction]:
    bids = Bid.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code", "wish")
    return {(entry, reviewer): weight * WORTH[Bid.Wish(wish)] for entry, reviewer, wish in bids} if weight else {}


def _enqueue(pk: int) -> None:
    from simsa.web.panel.tasks import run_affinities  # noqa: PLC0415 (the task calls back into this module)

    run_affinities.enqueue(pk)


@dataclass(frozen=True)
class Sight:
    """What a table of affinities says, to be looked at: how many pairs, whom it leaves out, and its numbers in tenths.

    `bars`: from what on (as text), and how many pairs.
    """

    pairs: int
    least: str
    most: str
    without_entry: tuple[str, ...]
    without_reviewer: tuple[str, ...]
    bars: tuple[tuple[str, int], ...]


def sight_of(round_: Round, table: Mapping[str, Mapping[str, str]]) -> Sight:
    """A table beside the entries and the panel of its round."""
    numbers = np.array([float(text) for row in table.values() for text in row.values()])
    listed = {code for row in table.values() for code, text in row.items() if float(text) != 0}
    entries = round_.entries.order_by("position").values_list("entrant__code", flat=True)
    reviewers = round_.reviewers.order_by("position").values_list("code", flat=True)
    rated = {entry for entry, row in table.items() if any(float(text) != 0 for text in row.values())}
    return Sight(
        pairs=numbers.size,
        least=number_text(float(numbers.min())) if numbers.size else "",
        most=number_text(float(numbers.max())) if numbers.size else "",
        without_entry=tuple(code for code in entries if code not in rated),
        without_reviewer=tuple(code for code in reviewers if code not in listed),
        bars=_bars(numbers),
    )


def _bars(numbers: NDArray[np.float64]) -> tuple[tuple[str, int], ...]:
    if not numbers.size or numbers.min() == numbers.max():
        return ()
    counts, edges = np.histogram(numbers, bins=10)
    return tuple((f"{edge:.2f}", int(count)) for edge, count in zip(edges[:-1], counts, strict=True))


def begin_import(round_: Round, name: str, data: bytes, *, actor: str) -> ImportDraft:
    """Keep the affinities of a file until they are confirmed. TableError, RowsError as `read_scores` has them."""
    check_stage(round_.slug, round_.stage, Stage.PREPARING)
    if Path(name).suffix.lower() not in ENDINGS or len(data) > MOST_BYTES:
        raise TableError(f"{name}: is neither CSV nor a spreadsheet of at most {MOST_BYTES // 2**20} MiB")
    entries = list(round_.entries.order_by("position").values_list("entrant__code", flat=True))
    reviewers = list(round_.reviewers.order_by("position").values_list("code", flat=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{Path(name).stem[:40]}{Path(name).suffix}")  # names in Hangul are long in bytes
        path.write_bytes(data)
        found = read_scores(path, entries=entries, reviewers=reviewers)
    table: dict[str, dict[str, str]] = {}
    for row, column, value in zip(found.entry.tolist(), found.reviewer.tolist(), found.value.tolist(), strict=True):
        table.setdefault(found.entries[row], {})[found.reviewers[column]] = number_text(value)
    return ImportDraft.objects.create(
        round=round_,
        kind=KIND,
        actor=actor,
        file_name=Path(name).name[:255],
        sha256=hashlib.sha256(data).hexdigest(),
        content=json.dumps(table, ensure_ascii=False),
    )


def table_of(draft: ImportDraft) -> dict[str, dict[str, str]]:
    """The affinities of a file that waits."""
    return dict(json.loads(draft.content))


def confirm_import(draft: ImportDraft, *, actor: str) -> AffinityTable:
    """Have them count, in the place of those there are. StalePlanError if the draft is gone; errors of the verb."""
    with transaction.atomic():
        kept = ImportDraft.objects.select_for_update().filter(pk=draft.pk, kind=KIND).first()
        if kept is None:
            raise StalePlanError(_("This list was confirmed or dropped before."))
        source = f"{kept.file_name} (SHA-256 {kept.sha256})"
        table = record_affinities(kept.round, table_of(kept), source=source, replaces=True, actor=actor)
        kept.delete()
    return table
