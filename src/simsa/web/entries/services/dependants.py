"""What depends on entries, so that they cannot just leave a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count
from django.dispatch import Signal
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry, ReportedNumber
from simsa.web.programmes.models import Invitation, Kind, Role, Round

leaving = Signal()
"""Sent with `round` and `codes` before entries leave. A receiver answers by code what in its room names them without
pointing at them (see `dependants`): {code: "a table of affinities"}."""


def dependants(round_: Round, entries: Sequence[Entry]) -> dict[str, str]:
    """By code of an entry what depends on it, in words; entries on which nothing does are not in it.

    Everything that points at an entry counts but for the numbers that an import brings itself.
    """
    found: dict[str, list[str]] = {}
    for code, what in (*_pointing(entries), *_acting(round_, entries), *_naming(round_, entries)):
        found.setdefault(code, []).append(what)
    said = _("stays in the round: there is something that depends on it (%(what)s)")
    return {code: said % {"what": ", ".join(whats)} for code, whats in found.items()}


def _pointing(entries: Sequence[Entry]) -> Iterable[tuple[str, str]]:
    for relation in Entry._meta.related_objects:
        model = relation.related_model
        if not entries or model is ReportedNumber:
            continue
        name = relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": entries}).values_list(f"{name}__entrant__code")
        for code, count in rows.order_by(f"{name}__position").annotate(count=Count("pk")):
            yield code, f"{model._meta.verbose_name_plural}: {count}"


def _acting(round_: Round, entries: Sequence[Entry]) -> Iterable[tuple[str, str]]:
    """Who acts for entries, or is invited to: roles name them by code."""
    codes = [entry.entrant.code for entry in entries]
    acting = {"round": round_, "kind": Kind.ENTRANT, "code__in": codes}
    for code in Role.objects.filter(**acting, until__isnull=True).values_list("code", flat=True):
        yield code, _("somebody acts for it")
    open_ = Invitation.objects.filter(**acting, accepted_at__isnull=True, withdrawn_at__isnull=True)
    for code in open_.values_list("code", flat=True):
        yield code, _("somebody is invited to act for it")


def _naming(round_: Round, entries: Sequence[Entry]) -> Iterable[tuple[str, str]]:
    codes = frozenset(entry.entrant.code for entry in entries)
    if codes:
        for _receiver, answer in leaving.send(sender=Entry, round=round_, codes=codes):
            told: Mapping[str, str] = answer or {}
            yield from told.items()
