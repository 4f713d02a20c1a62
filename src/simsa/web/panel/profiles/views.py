"""A reviewer's profile, their bids, and the officer's switch that asks for bids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.panel.access import reviewer_at
from simsa.web.panel.affinities.texts import submitted
from simsa.web.panel.models import Bid, BidCall, Profile, Reviewer
from simsa.web.panel.services.profiling import LONGEST, LONGEST_LANGUAGES, ProfileRow, ask_for_bids, bid, save_profile
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.services import StageError
from simsa.web.programmes.sight import ENTRANT, sees


class ProfileForm(forms.Form):
    """What a reviewer says of themselves."""

    keywords = forms.CharField(
        label=gettext_lazy("Fields of expertise"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Words apart by commas, in the languages in which entries are written."),
    )
    publications = forms.CharField(
        label=gettext_lazy("Publications and projects"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea,
        help_text=gettext_lazy("Titles or abstracts, one in each line. They are compared with the entries' texts."),
    )
    languages = forms.CharField(label=gettext_lazy("Languages"), required=False, max_length=LONGEST_LANGUAGES)
    most = forms.IntegerField(
        label=gettext_lazy("Entries at most"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=gettext_lazy("You are not given more, whatever the rules allow."),
    )
    available_from = forms.DateField(
        label=gettext_lazy("Available from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    available_until = forms.DateField(
        label=gettext_lazy("Available until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@permitted("panel.view_reviewer", reviewer_at)
def profile(request: HttpRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """What a reviewer knows; they and officers write it until the panel is assigned."""
    kept = Profile.objects.filter(reviewer=reviewer).first()
    form = ProfileForm(request.POST or None, initial={} if kept is None else vars(kept))
    seen, theirs = kept.version if kept else 0, False
    if request.method == "POST":
        check(request.user, "panel.edit_profile", reviewer)
        number = request.POST.get("version", "")
        seen = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
        if form.is_valid():
            try:
                save_profile(reviewer, ProfileRow(**form.cleaned_data), seen, actor=actor_of(request))
            except (StageError, ValidationError) as error:
                form.add_error(None, refusal(error))
                kept = Profile.objects.filter(reviewer=reviewer).first()
                theirs = kept is not None and kept.version != seen
                seen = kept.version if kept else 0  # who saves again has seen it
            else:
                messages.success(request, _("Saved."))
                return redirect("panel:profile", pk)
    context = {
        "reviewer": reviewer,
        "round": reviewer.round,
        "form": form,
        "seen": seen,
        "kept": kept,
        "theirs": theirs,
        "own": request.user.has_perm("panel.declare", reviewer),
        "editable": reviewer.round.stage == Stage.PREPARING and request.user.has_perm("panel.edit_profile", reviewer),
        "bids": BidCall.objects.filter(round=reviewer.round).exists(),
    }
    return render(request, "panel/profile.html", context)


@dataclass(frozen=True)
class Offer:
    """An entry to bid for: its name (or its number, where entrants are hidden), what it is about, and the bid."""

    code: str
    name: str
    about: tuple[str, ...]
    wish: str


@permitted("panel.view_reviewer", reviewer_at)
def bids(request: HttpRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """What a reviewer would like to score."""
    if request.method == "POST":
        check(request.user, "panel.declare", reviewer)
        wishes = {key.removeprefix("bid/"): wish for key, wish in request.POST.items() if key.startswith("bid/")}
        try:
            bid(reviewer, _by_code(reviewer, wishes), actor=actor_of(request))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("Saved."))
        return redirect("panel:bids", pk)
    asked = BidCall.objects.filter(round=reviewer.round).exists()
    editable = asked and reviewer.round.stage == Stage.PREPARING
    context = {
        "reviewer": reviewer,
        "round": reviewer.round,
        "asked": asked,
        "offers": _offers(reviewer) if asked else [],
        "wishes": Bid.Wish.choices,
        "editable": editable and request.user.has_perm("panel.declare", reviewer),
    }
    return render(request, "panel/bids.html", context)


@require_POST
@permitted("panel.disclose", round_of)
def ask(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Ask reviewers for bids, or no longer."""
    try:
        ask_for_bids(round_, request.POST.get("asked") == "yes", actor=actor_of(request))
    except StageError as error:
        messages.error(request, refusal(error))
    return redirect("panel:members", slug)


def _offers(reviewer: Reviewer) -> list[Offer]:
    """Entries in their order; where entrants are hidden, by number and with the titles of their cases alone, in an
    order of each reviewer's own that tells nothing."""
    round_, language = reviewer.round, get_language() or "ko"
    said = dict(Bid.objects.filter(reviewer=reviewer).values_list("entry", "wish"))
    content, found = submitted(round_), []
    keys = _keys(reviewer)
    entries = {entry.entrant.code: entry for entry in round_.entries.select_related("entrant")}
    shown = sees(round_, Kind.REVIEWER, ENTRANT)
    for number, (key, code) in enumerate(keys.items(), 1):
        entry = entries[code]
        name = entry.entrant.name(language) if shown else _("Entry %(n)d") % {"n": number}
        titles = (str(case.get("title", "")) for case in content.get(entry.pk, {}).get("cases", ()))
        found.append(Offer(key, name, tuple(filter(None, titles)), said.get(entry.pk, "")))
    return found


def _keys(reviewer: Reviewer) -> dict[str, str]:
    """Codes of the entries in the order of the page, by what the page calls them: the code, or what tells nothing."""
    round_ = reviewer.round
    entries = list(round_.entries.order_by("position").values_list("pk", "entrant__code"))
    if sees(round_, Kind.REVIEWER, ENTRANT):
        return {code: code for _pk, code in entries}
    # Of the row and not of the code: nothing that whoever it belongs to would change.
    hidden = {salted_hmac("bids", f"{reviewer.pk}/{pk}").hexdigest()[:16]: code for pk, code in entries}
    return dict(sorted(hidden.items()))


def _by_code(reviewer: Reviewer, wishes: Mapping[str, str]) -> dict[str, str]:
    codes = _keys(reviewer)
    return {codes.get(key, ""): wish for key, wish in wishes.items()}
