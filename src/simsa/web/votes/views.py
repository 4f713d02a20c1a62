"""Pages of voters: what the vote is about, the way to a link, the ballot, and the receipt.

Nothing here says how many voted what before the count. Pages of a link are kept by nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from simsa.engine.votes import BallotError, ballot_rows
from simsa.record.ballots import secret_of
from simsa.record.commitments import new_secret
from simsa.record.receipt_pictures import receipt_svgs
from simsa.record.receipts import ReceiptError
from simsa.web.accounts.access import refusal
from simsa.web.entries.desk.panel_view import seen_submission
from simsa.web.programmes.access import permitted
from simsa.web.programmes.models import Round, Stage
from simsa.web.public import public_form, public_page
from simsa.web.votes.access import voted_round
from simsa.web.votes.booth import booth_of, choices_of, fault_of, said
from simsa.web.votes.identities import of_person, tag_of_device, tag_of_network
from simsa.web.votes.models import Candidate, Vote
from simsa.web.votes.providers import identities_of, names
from simsa.web.votes.results import points_of
from simsa.web.votes.rows import Rows
from simsa.web.votes.services import (
    AlreadyVotedError,
    ClosedVoteError,
    TooManyError,
    ask_for_link,
    cast,
    has_voted,
    link_of,
    receipt_of,
    window,
)

DEVICE = "simsa_voter"
"""The cookie by which ballots of one browser are known to each other, as long as the vote is open."""


class LinkForm(forms.Form):
    """Where the link is to be sent."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("A link to your ballot is sent there. Your address is not kept with what you vote."),
    )


class CodeForm(forms.Form):
    """The code of a receipt."""

    code = forms.CharField(label=gettext_lazy("Code of your receipt"), max_length=200)


@dataclass(frozen=True)
class Voter:
    """Who stands in the booth: their identities, and the addresses of their pages."""

    identities: Sequence[str]
    here: str
    entries: str


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What the vote is about, and a link for who may vote by one."""
    round_ = voted_round(request, slug)
    vote = Vote.objects.filter(round=round_).select_related("round__log").first()
    form, sent = LinkForm(request.POST or None), False
    if request.method == "POST" and form.is_valid() and vote is not None:
        try:
            language, address = get_language() or "ko", _address(request)
            ask_for_link(vote, form.cleaned_data["email"], language=language, address=address)
            sent = True
        except (ValidationError, TooManyError) as error:
            form.add_error("email", refusal(error))
    may_vote = request.user.has_perm("votes.cast_ballot", round_)  # type: ignore[union-attr]
    points = points_of(round_) if round_.stage == Stage.ANNOUNCED else []
    context = {"form": form, "sent": sent, "vote": vote, "may_vote": may_vote, "points": points}
    context["providers"] = names(request)
    return _page(request, "votes/index.html", round_, context)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, secret: str) -> HttpResponse:
    """The ballot of who has a link."""
    link = _link(secret)
    here = reverse("votes:ballot", args=[secret])
    return _booth(request, link.vote, Voter([link.identity], here, f"{here}entries/"))


@public_page
def entry_by_link(request: HttpRequest, secret: str, pk: int) -> HttpResponse:
    """What an entry on the ballot says, for who has a link."""
    return _entry(request, _link(secret).vote.round, pk, reverse("votes:ballot", args=[secret]))


@permitted("votes.cast_ballot", voted_round)
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The ballot of who has signed in."""
    vote = Vote.objects.filter(round=round_).select_related("round__log").first()
    if vote is None:
        return _page(request, "votes/closed.html", round_, {})
    here = reverse("votes:own", args=[slug])
    return _booth(request, vote, Voter(of_person(vote, request.user), here, here))  # type: ignore[arg-type]


@permitted("votes.cast_ballot", voted_round)
@require_safe
def own_entry(request: HttpRequest, round_: Round, slug: str, pk: int) -> HttpResponse:
    """What an entry on the ballot says, for who has signed in."""
    return _entry(request, round_, pk, reverse("votes:own", args=[slug]))


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def provided(request: HttpRequest, slug: str) -> HttpResponse:
    """The ballot of whom a provider of OpenID Connect has sent here, without an account."""
    vote, identities = _provided(request, slug)
    here = reverse("votes:provided", args=[slug])
    return _booth(request, vote, Voter(identities, here, here))


@public_page
def provided_entry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What an entry on the ballot says, for whom a provider has sent."""
    vote, _identities = _provided(request, slug)
    return _entry(request, vote.round, pk, reverse("votes:provided", args=[slug]))


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, slug: str) -> HttpResponse:
    """What somebody voted, for who has the code; as a file to keep and check."""
    vote = Vote.objects.filter(round__slug=slug).select_related("round__programme", "round__log").first()
    if vote is None:
        raise Http404("no vote")
    form, context = CodeForm(request.POST or None), {}
    if request.method == "POST" and form.is_valid():
        try:
            secret = secret_of(form.cleaned_data["code"])
            found = receipt_of(vote, secret)
        except ReceiptError:
            form.add_error("code", _("There is no ballot of this code; look whether it is whole."))
        else:
            if "file" in request.POST:
                answer = HttpResponse(bytes(found), content_type="application/json")
                answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-ballot.json"'
                answer.headers["Cache-Control"] = "no-store"
                return answer
            pictures = [SafeString(picture.decode()) for picture in receipt_svgs(found)]
            context = {"found": found, "said": said(vote.round, found.rows), "code": secret.hex(), "pictures": pictures}
    return _page(request, "votes/receipt.html", vote.round, {"form": form, "vote": vote, **context})


def _booth(request: HttpRequest, vote: Vote, voter: Voter) -> HttpResponse:
    opens, closes = window(vote.round)
    open_now, what = vote.is_open and opens <= timezone.now() < closes, request.POST.get("do", "")
    if not open_now and what != "cast":  # who casts once more, after an answer that never arrived, hears that it is in
        return _page(request, "votes/closed.html", vote.round, {"vote": vote})
    booth = booth_of(vote, voter.identities[0], request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"vote": vote, "voter": voter, "booth": booth, "fault": ""}
    if what in {"check", "cast"}:
        try:
            filled = booth.ballot()
            if what == "cast":
                return _cast(request, vote, voter, filled)
            context |= {"filled": said(vote.round, ballot_rows(filled)), "secret": new_secret().hex()}
            return _with_device(request, _page(request, "votes/check.html", vote.round, context))
        except BallotError as error:
            context["fault"] = fault_of(error, booth.rules)
    elif has_voted(voter.identities):
        return _page(request, "votes/voted.html", vote.round, {"vote": vote})
    else:
        context["booth"] = booth.after(what)
    context["rows"] = Rows(context["booth"], voter.entries)
    return _with_device(request, _page(request, "votes/ballot.html", vote.round, context))


def _cast(request: HttpRequest, vote: Vote, voter: Voter, filled: Any) -> HttpResponse:
    """The ballot is cast, and the receipt shown; sent once more, it is the same answer."""
    try:
        secret = secret_of(request.POST.get("secret", ""))
        device = tag_of_device(vote, request.COOKIES.get(DEVICE, "")[:100])
        cast(vote, voter.identities, filled, secret, device=device, network=tag_of_network(vote, _address(request)))
    except ReceiptError:
        raise Http404("no secret") from None
    except AlreadyVotedError:
        return _page(request, "votes/voted.html", vote.round, {"vote": vote})
    except ClosedVoteError:
        return _page(request, "votes/closed.html", vote.round, {"vote": vote})
    code = secret.hex()
    spaced = " ".join(code[n : n + 8] for n in range(0, len(code), 8))
    return _page(request, "votes/cast.html", vote.round, {"vote": vote, "code": code, "spaced": spaced})


def _entry(request: HttpRequest, round_: Round, pk: int, back: str) -> HttpResponse:
    candidate = Candidate.objects.filter(vote__round=round_, pk=pk).select_related("entry__entrant").first()
    if candidate is None:
        raise Http404("not on this ballot")
    candidate.entry.round = round_
    name = choices_of(round_, "")[str(candidate.pk)].name
    context = {"name": name, "seen": seen_submission(candidate.entry), "back": back}
    return _page(request, "votes/entry.html", round_, context)


def _provided(request: HttpRequest, slug: str) -> tuple[Vote, list[str]]:
    vote = Vote.objects.filter(round__slug=slug).select_related("round__programme", "round__log").first()
    identities = [] if vote is None else identities_of(request, vote)
    if vote is None or not identities:
        raise Http404("nobody was sent here")
    return vote, identities


def _link(secret: str) -> Any:
    found = link_of(secret)
    if found is None:
        raise Http404("no such link")
    return found


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Gives the browser a token, if it has none."""
    if not request.COOKIES.get(DEVICE):
        about: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
        response.set_cookie(DEVICE, secrets.token_urlsafe(24), max_age=90 * 24 * 60 * 60, **about)
    return response


def _address(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request) or "")


def _page(request: HttpRequest, template: str, round_: Round, context: dict[str, Any]) -> HttpResponse:
    opens, closes = window(round_)
    response = render(request, template, {"round": round_, "opens": opens, "closes": closes, **context})
    response.headers["Cache-Control"] = "no-store"
    return response
