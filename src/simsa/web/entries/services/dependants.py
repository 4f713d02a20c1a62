"""What depends on those whom an import lists, so that they cannot just leave a round."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Count, Model
from django.dispatch import Signal
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry, ReportedNumber, Visit
from simsa.web.programmes.models import Invitation, Kind, Role, Round

leaving = Signal()
"""Sent with `round`, `kind` (of role: `entrant`, `reviewer`) and `codes` before they leave. A receiver answers by code
what in its room names them without pointing at them: {code: "a table of affinities"}."""


def dependants(round_: Round, entries: Sequence[Entry]) -> dict[str, str]:
    """By code of an entry what depends on it, in words; entries on which nothing does are not in it.

    Everything that points at an entry counts but for the numbers that an import brings itself, and who looked at it.
    """
    named = {entry.pk: entry.entrant.code for entry in entries}
    return dependants_of(round_, Kind.ENTRANT, Entry, named, apart_from=(ReportedNumber, Visit))


def dependants_of(
    round_: Round, kind: Kind, model: type[Model], named: Mapping[int, str], apart_from: Collection[type[Model]] = ()
) -> dict[str, str]:
    """By code what depends on rows of a model (`named`: code by primary key) that roles of a kind act for."""
    found: dict[str, list[str]] = {}
    if named:
        codes = frozenset(named.values())
        pointing = _pointing(model, named, apart_from)
        for code, what in (*pointing, *_acting(round_, kind, codes), *_naming(round_, kind, codes)):
            found.setdefault(code, []).append(what)
    said = _("stays in the round: there is something that depends on it (%(what)s)")
    return {code: said % {"what": ", ".join(whats)} for code, whats in found.items()}


def _pointing(
    model: type[Model], named: Mapping[int, str], apart_from: Collection[type[Model]]
) -> Iterable[tuple[str, str]]:
    for relation in model._meta.related_objects:
        related, name = relation.related_model, relation.field.name
        if related not in apart_from:
            rows = related._base_manager.filter(**{f"{name}__in": list(named)}).order_by(name)
            for pk, count in rows.values_list(name).annotate(count=Count("pk")):
                yield named[pk], f"{related._meta.verbose_name_plural}: {count}"


def _acting(round_: Round, kind: Kind, codes: Collection[str]) -> Iterable[tuple[str, str]]:
    """Who acts for them, or is invited to: roles name them by code."""
    acting = {"round": round_, "kind": kind, "code__in": codes}
    for code in Role.objects.filter(**acting, until__isnull=True).values_list("code", flat=True):
        yield code, _("somebody acts for it")
    offered = Invitation.objects.filter(**acting, accepted_at__isnull=True, withdrawn_at__isnull=True)
    for code in offered.values_list("code", flat=True):
        yield code, _("somebody is invited to act for it")


def _naming(round_: Round, kind: Kind, codes: Collection[str]) -> Iterable[tuple[str, str]]:
    for _receiver, answer in leaving.send(sender=Round, round=round_, kind=kind, codes=codes):
        told: Mapping[str, str] = answer or {}
        yield from told.items()
