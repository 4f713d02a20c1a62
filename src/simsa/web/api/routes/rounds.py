"""The round of a token, and how far its evaluation has come."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from simsa.web.api.access import round_for, token_in, user_of
from simsa.web.api.paging import Paged, etag_of, page, tag
from simsa.web.api.schemas import Progress, RoundOut, RoundPage
from simsa.web.panel.models import Slot
from simsa.web.programmes.access import check
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import phase_of

router = Router(tags=["rounds"])


@router.get("/rounds", response=RoundPage, operation_id="listRounds")
def rounds(request: HttpRequest, part: Paged) -> dict[str, Any]:
    """The rounds that the token is for: one."""
    found = token_in(request).round
    check(user_of(request), "programmes.view_round", found)
    return page(request, [found], part, _shown)


@router.get("/rounds/{slug}", response=RoundOut, operation_id="readRound")
def read_round(request: HttpRequest, response: HttpResponse, slug: str) -> dict[str, Any]:
    shown = _shown(round_for(request, slug))
    tag(response, etag_of(shown))
    return shown


@router.get("/rounds/{slug}/progress", response=Progress, operation_id="readProgress")
def progress(request: HttpRequest, slug: str) -> dict[str, Any]:
    """How many sheets there are of how many, in all and by reviewer."""
    round_ = round_for(request, slug, "panel.view_progress")
    slots = Slot.objects.filter(entry__round=round_, replaced_by=None).values_list("reviewer__code", "status")
    by_code: dict[str, Counter[str]] = {code: Counter() for code in _codes(round_)}
    for code, status in slots:
        by_code[code][status] += 1
    return {
        "stage": round_.stage,
        "phase": _phase(round_),
        "entries": round_.entries.count(),
        "reviewers": len(by_code),
        "slots": _slots(sum(by_code.values(), Counter())),
        "by_reviewer": [{"code": code, "slots": _slots(counts)} for code, counts in by_code.items()],
    }


def _codes(round_: Round) -> list[str]:
    return list(round_.reviewers.order_by("position").values_list("code", flat=True))


def _slots(counts: Counter[str]) -> dict[str, int]:
    return {status.value: counts[status] for status in Slot.Status}


def _shown(round_: Round) -> dict[str, Any]:
    return {
        "slug": round_.slug,
        "programme": round_.programme.slug,
        "names": dict(round_.rules.name.by_language),
        "stage": round_.stage,
        "phase": _phase(round_),
        "time_zone": round_.time_zone,
        "rules_hash": round_.rules_hash,
        "published": round_.published_at is not None,
    }


def _phase(round_: Round) -> str:
    return str(phase_of(round_, timezone.now()).value)
