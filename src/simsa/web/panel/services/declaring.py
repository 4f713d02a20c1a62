"""The verb by which reviewers declare their conflicts before scoring, and what follows from what they declared."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.engine.inputs import values_of
from simsa.record import canonical_text
from simsa.web.entries.inputs import fields_of
from simsa.web.entries.models import Entry
from simsa.web.panel.models import Conflict, Declaration, Reviewer
from simsa.web.panel.texts import storable
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.phases import moments
from simsa.web.programmes.services import StageError, lock, record
from simsa.web.programmes.sight import ENTRANT, sees

LONGEST = 200
MOST_NAMES = 200
MOST_VALUES = 60


def declaring_rule(round_: Round) -> str | None:
    """The id of the rule that counts declared conflicts; None: the rules know none."""
    return next((rule.id for rule in round_.rules.conflicts if rule.kind == "declared"), None)


def declared_until(round_: Round) -> datetime | None:
    """Until when conflicts are declared by the schedule; None: until the panel is assigned."""
    return moments(round_.rules).get("scoring_from")


def may_declare(round_: Round, now: datetime) -> bool:
    """Whether conflicts are declared now: after that, reviewers withdraw from single entries."""
    until = declared_until(round_)
    in_time = round_.stage == Stage.PREPARING and (until is None or now < until)
    return in_time and declaring_rule(round_) is not None


def last_declaration(reviewer: Reviewer) -> Declaration | None:
    """What a reviewer declared last; None if they have not answered."""
    return reviewer.declarations.order_by("version").last()


def declare(
    reviewer: Reviewer,
    entries: Mapping[str, str],
    values: Mapping[str, Sequence[str]],
    names: Sequence[str] = (),
    *,
    actor: str,
) -> Declaration:
    """Declare all of a reviewer's conflicts, in the place of what they declared before; nothing at all: "I have none".

    `entries`: codes with the reason ("" for none); `values`: those of `declarable`;
    `names`: of entrants or institutions as the reviewer writes them, which need not fit anybody. StageError after the
    time for it; ValidationError for codes, fields or values that the round does not have, and texts too long.
    """
    with transaction.atomic():
        round_ = lock(reviewer.round)
        if not may_declare(round_, timezone.now()):
            raise StageError(_("Conflicts are no longer declared, or not yet; withdraw from the single entry instead."))
        content = _content(round_, entries, values, names)
        last = last_declaration(reviewer)
        made = Declaration.objects.create(
            reviewer=reviewer,
            version=1 if last is None else last.version + 1,
            content=canonical_text(content),
            declared_at=timezone.now(),
            actor=actor,
        )
        _spread(round_, [made])
        told = {
            "reviewer": reviewer.code,
            "version": made.version,
            "conflicts": list(made.conflicts.order_by("entry").values_list("entry__entrant__code", flat=True)),
            "sha256": hashlib.sha256(made.content.encode()).hexdigest(),
        }
        record(round_, "conflicts.declared", actor, told)
    return made


def spread_declarations(round_: Round) -> None:
    """Have conflicts follow from what was declared for the entries as they are now, in a locked round."""
    declared = Declaration.objects.filter(reviewer__round=round_).select_related("reviewer").order_by("version")
    _spread(round_, list({one.reviewer_id: one for one in declared}.values()))


def _content(
    round_: Round, entries: Mapping[str, str], values: Mapping[str, Sequence[str]], names: Sequence[str]
) -> dict[str, Any]:
    # Where entrants are hidden, no answer tells whether a code takes part.
    shown = sees(round_, Kind.REVIEWER, ENTRANT)
    known = set(round_.entries.values_list("entrant__code", flat=True)) if shown else set()
    fields = declarable(round_)
    if unknown := sorted(set(entries) - known):
        raise ValidationError(_("There is no entry %(code)s in this round.") % {"code": unknown[0]})
    for field, chosen in values.items():
        if lost := [one for one in chosen if one not in fields.get(field, ())]:
            raise ValidationError(_("No entrant has %(value)s as %(field)s.") % {"value": lost[0], "field": field})
    given = list(dict.fromkeys(name for text in names if (name := " ".join(storable(text).split()))))
    reasons = {code: storable(reason).strip() for code, reason in sorted(entries.items())}
    if len(given) > MOST_NAMES or any(len(text) > LONGEST for text in (*given, *reasons.values())):
        raise ValidationError(_("At most %(most)d names, and %(long)d characters each.") % _LIMITS)
    return {
        "entries": reasons,
        "values": {field: sorted(set(chosen)) for field, chosen in sorted(values.items()) if chosen},
        "names": given,
    }


_LIMITS = {"most": MOST_NAMES, "long": LONGEST}


def declarable(round_: Round) -> dict[str, list[str]]:
    """Values of entrants' fields that can be declared, by field: of the region, and of what the rules compare.

    Fields with more than `MOST_VALUES` tell entrants apart and are left out; where entrants are hidden, so are those
    of which most values are one entrant's alone.
    """
    compared = [rule.entrant for rule in round_.rules.conflicts if rule.entrant is not None]
    texts, found = fields_of(round_), dict[str, list[str]]()
    shown = sees(round_, Kind.REVIEWER, ENTRANT)
    for field in dict.fromkeys(("region", *compared)):
        counts = Counter(value for text in texts.get(field, ()) for value in values_of(text))
        alone = 2 * sum(n == 1 for n in counts.values()) > len(counts)
        if 0 < len(counts) <= MOST_VALUES and (shown or not alone):
            found[field] = sorted(counts)
    return found


def _spread(round_: Round, declared: Sequence[Declaration]) -> None:
    """Make the conflicts of these reviewers what they declared."""
    there = list(round_.entries.select_related("entrant").order_by("position"))
    columns = {field: [values_of(text) for text in texts] for field, texts in fields_of(round_).items()}
    rule = declaring_rule(round_)
    Conflict.objects.filter(reviewer__in=[one.reviewer_id for one in declared], declaration__isnull=False).delete()
    for one in declared:
        reasons = (
            (entry, _why(one.said, entry, {field: column[row] for field, column in columns.items()}))
            for row, entry in enumerate(there)
        )
        Conflict.objects.bulk_create(
            (
                Conflict(
                    entry=entry,
                    reviewer=one.reviewer,
                    reason=(reason or rule or "declared")[:LONGEST],  # without a rule nothing is assigned
                    source=Conflict.Source.REGISTER,
                    declaration=one,
                )
                for entry, reason in reasons
                if reason is not None
            ),
            ignore_conflicts=True,  # an officer wrote the same into the register
        )


def _why(said: Mapping[str, Any], entry: Entry, fields: Mapping[str, Sequence[str]]) -> str | None:
    """Why a declaration names an entry, in its own words ("" for none); None if it does not name it."""
    code = entry.entrant.code
    if code in said["entries"]:
        return str(said["entries"][code])
    for field, chosen in said["values"].items():
        if shared := set(chosen) & set(fields.get(field, ())):
            return f"{field}: {min(shared)}"
    own = {_folded(text) for text in (code, entry.entrant.name_ko, entry.entrant.name_en)}
    own |= {_folded(value) for values in fields.values() for value in values}
    return next((name for name in said["names"] if _folded(name) in own), None)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
