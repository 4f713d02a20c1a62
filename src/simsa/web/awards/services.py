"""The verbs of awards: compute a round's result, publish it, and load a whole round folder."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.engine.evaluation import evaluate
from simsa.engine.inputs import InputError
from simsa.record import canonical_text
from simsa.rules import digest
from simsa.tables.round_folder import read_round
from simsa.tables.run import Progress
from simsa.web.awards.inputs import Inputs, about, inputs_of
from simsa.web.awards.loading import Folder
from simsa.web.awards.models import Result, Standing
from simsa.web.awards.outcome import ESTIMATES, outcome_of
from simsa.web.awards.stating import ResultError, state_result
from simsa.web.panel.services import close_round
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, StageError, advance, lock, make_public, record
from simsa.web.public import publish_pages


def run_selection(round_: Round, *, actor: str = SYSTEM) -> Result:
    """The result of what is in the database now: the one there is for exactly these inputs, or a new one.

    A fault in the inputs is kept as a failed result and raised as ResultError. StageError before the assignment.
    """
    inputs = _checked_inputs(round_)
    result = Result.objects.filter(round=round_, inputs=inputs.fingerprint).first()
    if result is not None and result.status == Result.Status.DONE:
        return result
    return _compute(round_, inputs, actor)


def start_selection(round_: Round, *, actor: str = SYSTEM) -> Result:
    """Have the result computed in the background; what is returned may be `computing` still, or done already."""
    from simsa.web.awards.tasks import compute_result  # noqa: PLC0415 (the task calls back into this module)

    inputs = _checked_inputs(round_)
    with transaction.atomic():
        round_ = lock(round_)
        result, new = Result.objects.get_or_create(
            round=round_, inputs=inputs.fingerprint, defaults={"rules_hash": inputs.rules.hash}
        )
        if result.status == Result.Status.DONE:
            return result
        if not new:
            result.status, result.error = Result.Status.COMPUTING, ""
            result.save(update_fields=["status", "error"])
        record(round_, "selection.started", actor, {"inputs": result.inputs, "rules_hash": result.rules_hash})
        transaction.on_commit(lambda: compute_result.enqueue(result.pk))
    return result


def finish_selection(result: Result, *, actor: str = SYSTEM) -> Result:
    """Compute a result that was started. ResultError if that fails, or if the inputs have changed since."""
    if result.status == Result.Status.DONE:
        return result
    inputs = inputs_of(result.round)
    if inputs.fingerprint != result.inputs:
        raise _failed(result.round, result.inputs, _("The inputs have changed since; start again."), actor)
    return _compute(result.round, inputs, actor)


def publish(result: Result, *, actor: str = SYSTEM) -> Result:
    """Announce a computed result; it and its round become public and the round takes no more sheets.

    The record is closed, if it was not, and states the result. Publishing again changes nothing. ResultError if the
    result is not done, does not follow from what is in the database any more, is not what the record leads to, or
    another result of the round is public.
    """
    with transaction.atomic():
        round_ = lock(result.round)
        result = Result.objects.select_related("round").get(pk=result.pk)
        if result.published is not None:
            return result
        if result.status != Result.Status.DONE:
            raise ResultError(_("A result can be published when it has been computed."))
        if round_.results.filter(published__isnull=False).exists():
            raise ResultError(_("Another result of this round is public already."))
        if inputs_of(round_).fingerprint != result.inputs:
            raise ResultError(_("Sheets or entries have changed since this result was computed; compute it again."))
        if round_.stage != Stage.CLOSED:
            round_ = close_round(round_, actor=actor)
        make_public(round_)
        advance(round_, Stage.ANNOUNCED)
        result.published = timezone.now()
        result.save(update_fields=["published"])
        record(round_, "result.published", actor, {"inputs": result.inputs, "result": result.digest})
        state_result(round_, result)
        publish_pages()
    return result


def load_folder(
    folder: str | Path, *, data: str | Path | None = None, progress: Progress | None = None, actor: str = SYSTEM
) -> Round:
    """Load a round folder (rules.toml, round.toml and data) by the verbs that anybody's data takes, all or nothing.

    In order: open the round, import entries, reviewers, conflicts and affinities; assign; submit sheets; compute the
    result and publish it, as far as the folder goes: without sheets and without a synthetic panel the round is left
    ready for its panel, and not published. `data` is where the round's files are, if not in one of the usual places.

    A round that is there already under the same rules is returned as it is. Raises RulesError and RoundError for a
    faulty folder, ValidationError for another round of the same id, and what the verbs raise.
    """
    inputs = read_round(folder, data=data, progress=progress)
    found = Round.objects.filter(slug=inputs.rules.id, rules_hash=inputs.rules.hash).first()
    if found is not None:
        return found
    source = Folder(inputs, progress or (lambda _step, _done, _total: None), actor)
    with transaction.atomic():
        round_ = source.open()
        if source.has_result:
            source.assign()
            source.submit()
            source.tell(3)
            publish(run_selection(round_, actor=actor), actor=actor)
    source.tell(4)
    return Round.objects.get(pk=round_.pk)


def _checked_inputs(round_: Round) -> Inputs:
    """The inputs; StageError while a panel is needed and has not been assigned."""
    inputs = inputs_of(round_)
    if inputs.rules.leaves and Round.objects.get(pk=round_.pk).stage == Stage.PREPARING:
        raise StageError(_("The panel of this round has not been assigned yet."))
    return inputs


def _compute(round_: Round, inputs: Inputs, actor: str) -> Result:
    """Evaluate, then keep result and standings in one transaction, unless somebody was faster."""
    try:
        evaluation = evaluate(inputs.rules, inputs.entries, inputs.sheets, inputs.reported, seed=inputs.seed)
        outcome = outcome_of(inputs, evaluation, about(round_))
    except InputError as error:
        raise _failed(round_, inputs.fingerprint, str(error), actor) from error
    except Exception:
        _failed(round_, inputs.fingerprint, traceback.format_exc(), actor)
        raise
    payload = canonical_text(outcome)
    with transaction.atomic():
        round_ = lock(round_)
        result = _result(round_, inputs.fingerprint)
        if result.status == Result.Status.DONE:
            return result
        result.status, result.error, result.payload = Result.Status.DONE, "", payload
        result.digest = digest(payload.encode())
        result.save()
        _keep_standings(result, outcome)
        record(round_, "selection.computed", actor, {"inputs": result.inputs, "result": result.digest})
    return result


def _failed(round_: Round, fingerprint: str, error: str, actor: str) -> ResultError:
    """Keep a failure for staff to read, and hand back what to raise."""
    with transaction.atomic():
        round_ = lock(round_)
        result = _result(round_, fingerprint)
        result.status, result.error = Result.Status.FAILED, error
        result.save()
        record(round_, "selection.failed", actor, {"inputs": fingerprint})
    return ResultError(error)


def _result(round_: Round, fingerprint: str) -> Result:
    """The row of these inputs, or a new one that is not saved."""
    found = Result.objects.filter(round=round_, inputs=fingerprint).first()
    return found or Result(round=round_, inputs=fingerprint, rules_hash=round_.rules_hash)


def _keep_standings(result: Result, outcome: Mapping[str, Any]) -> None:
    entries = dict(result.round.entries.values_list("entrant__code", "pk"))
    Standing.objects.bulk_create(
        Standing(
            result=result,
            entry_id=entries[row["entry"]],
            order=order,
            score=row["score"],
            place=row["place"],
            rank=row["rank"],
            outcome=row["outcome"],
            reason=canonical_text(row["reason"]),
            values=canonical_text(row["values"]),
            means=canonical_text(row["means"]),
            sheets=row["sheets"],
            zone=row["zone"] or "",
            **{name: _float(row[name]) for name in ESTIMATES},
        )
        for order, row in enumerate(outcome["standings"], start=1)
    )


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)
