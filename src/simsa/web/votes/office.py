"""The vote for officers and auditors: whom to invite, what is put aside, the count, and the ballots to recount.

As long as ballots are not counted nobody sees here what they say, nor how many were cast.
"""

from __future__ import annotations

import io
import re
from typing import Any

import polars as pl
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.ballots import BallotRow, BallotsError, ballot_table
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.programmes.access import check, permitted
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError
from simsa.web.votes.access import aside_at, voted_round
from simsa.web.votes.identities import normal_address
from simsa.web.votes.models import Aside, Ballot, Vote
from simsa.web.votes.results import points_of
from simsa.web.votes.services import count_vote, invite_voters, rule_aside, window
from simsa.web.votes.work import state_of

MOST, LARGEST = 20_000, 2_000_000
"""Addresses in one list, and bytes of its file."""


class InviteForm(forms.Form):
    """Whom to send a link: addresses as they are copied from a table, or a CSV file."""

    lines = forms.CharField(
        label=gettext_lazy("E-mail addresses, a line for each"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "kim@example.kr"}),
        max_length=LARGEST,
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
        help_text=gettext_lazy(
            "The cell of each line that holds an address counts. If one is wrong, nobody is invited."
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.addresses: list[str] = []
        file = given.get("file")
        if file is not None and file.size > LARGEST:
            self.add_error("file", _("The file is larger than what a form may bring here."))
            return given
        text = given.get("lines", "") + "\n" + ("" if file is None else _text(file.read()))
        for number, line in enumerate(text.splitlines(), start=1):
            self._read(number, line)
        if len(self.addresses) > MOST:
            self.add_error("lines", _("At most %(n)d addresses at once.") % {"n": MOST})
        elif not self.addresses and not self.errors:
            self.add_error("lines", _("There is no line with an address."))
        return given

    def _read(self, number: int, line: str) -> None:
        cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", line)]
        address = next((cell for cell in cells if "@" in cell), "")
        try:
            if address:
                normal_address(address)
                self.addresses.append(address)
        except ValidationError:
            said = _("line %(line)d: “%(text)s” has no e-mail address")
            self.add_error("lines", said % {"line": number, "text": line.strip()[:80]})


class RulingForm(forms.Form):
    """Whether ballots count, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000)


@permitted("votes.follow_vote", voted_round)
def vote(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """How far the vote is; whom to invite; what was put aside."""
    may_invite = request.user.has_perm("votes.invite_voters", round_)  # type: ignore[union-attr]
    if request.method == "POST":
        check(request.user, "votes.invite_voters", round_)
    form = InviteForm(request.POST or None, request.FILES or None) if may_invite else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            sent = invite_voters(round_, form.addresses, actor=actor_of(request))
            said = ngettext("%(n)d letter is on its way.", "%(n)d letters are on their way.", sent)
            messages.success(request, said % {"n": sent})
            return redirect("votes:office", slug)
        except (ValidationError, StageError) as error:
            form.add_error(None, refusal(error))
    kept = Vote.objects.filter(round=round_).first()
    asides = Aside.objects.filter(vote__round=round_).annotate(
        n=Count("ballots"), first=Min("ballots__minute"), last=Max("ballots__minute")
    )
    opens, closes = window(round_)
    context = {
        "round": round_,
        "vote": kept,
        "rules": round_.rules.vote,
        "state": state_of(round_),
        "opens": opens,
        "closes": closes,
        "form": form,
        "invited": 0 if kept is None else kept.links.filter(invited=True).count(),
        "asides": list(asides.order_by("found_at", "pk")),
        "ruling": RulingForm(),
        "may_rule": request.user.has_perm("votes.rule_asides", round_),  # type: ignore[union-attr]
        "may_audit": request.user.has_perm("votes.audit_ballots", round_),  # type: ignore[union-attr]
        "points": points_of(round_),
    }
    return _kept_by_nobody(render(request, "votes/office.html", context))


@require_POST
@permitted("votes.rule_asides", aside_at)
def rule(request: HttpRequest, aside: Aside, pk: int) -> HttpResponse:
    """Release ballots that were put aside, or leave them out for good."""
    form = RulingForm(request.POST)
    if form.is_valid():
        try:
            rule_aside(aside, "release" in request.POST, form.cleaned_data["reason"], actor=actor_of(request))
        except ValidationError as error:
            messages.error(request, refusal(error))
    else:
        messages.error(request, _("Say why; it stands in the record."))
    return redirect("votes:office", aside.round.slug)


@require_POST
@permitted("votes.rule_asides", voted_round)
def count(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Count the ballots of a vote that is over; what nobody has released does not count."""
    try:
        count_vote(round_, actor=actor_of(request))
    except StageError as error:
        messages.error(request, str(error))
    return redirect("votes:office", slug)


@require_safe
@permitted("votes.audit_ballots", voted_round)
def ballots(request: HttpRequest, round_: Round, slug: str, ending: str) -> HttpResponse:
    """Every ballot, in an order that tells nothing, for auditors to count again: CSV or Parquet, once it is counted."""
    if ending not in {"csv", "parquet"}:
        raise Http404("no such file")
    if not Vote.objects.filter(round=round_, counted_at__isnull=False).exists():
        raise Http404("not counted yet")
    try:
        table, file = _table(round_), io.BytesIO()
    except BallotsError as error:
        messages.error(request, str(error))
        return redirect("votes:office", slug)
    if ending == "csv":
        table.write_csv(file)
    else:
        table.write_parquet(file)
    kind = "text/csv; charset=utf-8" if ending == "csv" else "application/vnd.apache.parquet"
    answer = HttpResponse(file.getvalue(), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-ballots.{ending}"'
    return _kept_by_nobody(answer)


def _table(round_: Round) -> pl.DataFrame:
    """Every ballot; no commitment leads to a voter: its secret is theirs."""
    assert round_.rules.vote is not None
    kept = Ballot.objects.filter(vote__round=round_)
    rows = kept.values_list("commitment", "batch", "aside__ruling", "aside", "says")
    ballots = (
        BallotRow(commitment, batch, ruling or "", aside is None or ruling == Aside.Ruling.RELEASED, says)
        for commitment, batch, ruling, aside, says in rows.iterator()
    )
    return ballot_table(round_.rules.vote, ballots)


def _text(data: bytes) -> str:
    """What Korean spreadsheets write: UTF-8, or CP949."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp949", errors="replace")


def _kept_by_nobody(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
