"""The letters of a round, and for whoever runs the installation all of them: what became of each, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.table import Table
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.accounts.models import User
from simsa.web.exports import SHEETS, download, table_file
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Invitation, Role, Round, SentLetter, UnreachableAddress
from simsa.web.programmes.models.letters import unclear
from simsa.web.programmes.office.letter_words import STATES, UNCLEAR, state_of, template_words, trouble
from simsa.web.programmes.services.posting import (
    correct_address,
    invitation_in,
    mark_address,
    post_again,
    stop_letter,
)

PER_PAGE, MOST = 50, 20_000
"""Rows of a page, and of a file."""
SORTS = {
    "to": ("to", "pk"),
    "letter": ("template", "pk"),
    "state": ("status", "pk"),
    "written": ("written_at", "pk"),
    "sent": (F("sent_at").asc(nulls_last=True), "due"),
    "attempts": ("attempts", "pk"),
}


@dataclass(frozen=True)
class Shown:
    """A letter as it stands in a list."""

    letter: SentLetter
    who: tuple[str, ...]
    state: str
    problem: str
    todo: str
    marked: bool
    corrects: bool

    @property
    def called(self) -> str:
        return template_words(self.letter.template)

    @property
    def label(self) -> str:
        return str(STATES[self.state])


@require_safe
@permitted("programmes.view_letters", round_of)
def of_round(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Every letter of a round with what became of it, to filter, to search and to sort."""
    return _page(request, SentLetter.objects.filter(round=round_), round_)


@require_safe
@permitted("programmes.view_all_letters", lambda _request: None)
def of_all(request: HttpRequest, _nothing: None) -> HttpResponse:
    """The same for all rounds, and for letters that belong to none."""
    return _page(request, SentLetter.objects.all(), None)


@require_safe
@permitted("programmes.view_letters", round_of)
def round_file(request: HttpRequest, round_: Round, slug: str, ending: str) -> HttpResponse:
    """What the page shows, as a file."""
    return _file(request, SentLetter.objects.filter(round=round_), f"{slug}-letters", ending)


@require_safe
@permitted("programmes.view_all_letters", lambda _request, **_kwargs: None)
def all_file(request: HttpRequest, _nothing: None, ending: str) -> HttpResponse:
    """The same for all rounds."""
    return _file(request, SentLetter.objects.all(), "letters", ending)


def letter_at(_request: HttpRequest, pk: int) -> SentLetter:
    """A letter by its number."""
    found = SentLetter.objects.select_related("round__programme").filter(pk=pk).first()
    if found is None:
        raise Http404("no such letter")
    return found


@require_POST
@permitted("programmes.send_letters", round_of)
def all_again(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Send everything of a round once more that failed; not what nobody knows of, nor what somebody stopped."""
    sent = post_again(SentLetter.objects.filter(round=round_, status=SentLetter.Status.FAILED), actor=actor_of(request))
    said = ngettext("%(n)d letter is on its way once more.", "%(n)d letters are on their way once more.", sent)
    messages.success(request, said % {"n": sent})
    return _back(request, round_)


@require_POST
@permitted("programmes.send_letter", letter_at)
def again(request: HttpRequest, letter: SentLetter, pk: int) -> HttpResponse:
    """Send a letter once more that did not arrive, or of which nobody knows."""
    if post_again([letter], actor=actor_of(request)):
        messages.success(request, _("The letter is on its way once more."))
    else:
        messages.error(request, _("This letter cannot be sent again: it is on its way, or its text is kept no more."))
    return _back(request, letter.round)


@require_POST
@permitted("programmes.send_letter", letter_at)
def stop(request: HttpRequest, letter: SentLetter, pk: int) -> HttpResponse:
    """Do not send a letter that waits, with a reason."""
    try:
        stop_letter(letter, request.POST.get("reason", ""), actor=actor_of(request))
    except ValidationError as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("The letter is stopped, and is not sent."))
    return _back(request, letter.round)


@require_POST
@permitted("programmes.send_letter", letter_at)
def address(request: HttpRequest, letter: SentLetter, pk: int) -> HttpResponse:
    """Correct the address of an invitation (`email`), or mark an address as (not) reachable (`reachable`)."""
    said, actor = request.POST.get("reachable", ""), actor_of(request)
    try:
        if "email" in request.POST:
            correct_address(letter, request.POST["email"], actor=actor)
            messages.success(request, _("An invitation to the right address is on its way; the earlier link is void."))
        elif letter.round is None or said not in {"yes", "no"}:
            raise ValidationError(_("Addresses are marked within a round."))
        else:
            mark_address(letter.round, letter.to, said == "yes", actor=actor)
            messages.success(request, _("It is kept."))
    except ValidationError as error:
        messages.error(request, refusal(error))
    return _back(request, letter.round)


def _page(request: HttpRequest, letters: QuerySet[SentLetter], round_: Round | None) -> HttpResponse:
    found, asked = _asked_for(request, letters)
    page = Paginator(found.select_related("round"), PER_PAGE).get_page(request.GET.get("page"))
    counts = _counts(letters)
    failed = counts[SentLetter.Status.FAILED]
    templates = letters.order_by("template").values_list("template", flat=True).distinct()
    context = {
        "round": round_,
        "page": page,
        "rows": _shown(page.object_list),
        "counts": [(key, str(label), counts[key]) for key, label in STATES.items() if counts[key]],
        "all": sum(counts.values()),
        "found": page.paginator.count,
        "asked": asked,
        "templates": [(one, template_words(one)) for one in templates],
        "sorts": {key: _sorted_by(request, asked["sort"], key) for key in SORTS},
        "query": _query(request),
        "here": request.GET.urlencode(),
        "failed": failed,
        "may_send": request.user.has_perm("programmes.send_letters", round_),  # type: ignore[union-attr]
        "files": [(ending, _file_at(round_, ending)) for ending in SHEETS],
    }
    response = render(request, "office/letters.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _file_at(round_: Round | None, ending: str) -> str:
    if round_ is None:
        return reverse("office:all_letters_file", args=[ending])
    return reverse("office:letters_file", args=[round_.slug, ending])


def _file(request: HttpRequest, letters: QuerySet[SentLetter], name: str, ending: str) -> HttpResponse:
    if ending not in SHEETS:
        raise Http404("no such file")
    found, _asked = _asked_for(request, letters)
    attempts = _("Attempts")
    header = [
        *(_("Round"), _("To"), _("Whose address"), _("Letter"), _("Language"), _("State"), _("Written"), _("Due")),
        *(_("Sent"), attempts, _("Problem"), _("What to do")),
    ]
    rows = [_row(one) for one in _shown(found.select_related("round")[:MOST])]
    table = Table.of(header, rows, name)
    return download(table_file(table, ending, {attempts: 0}), name, ending)


def _row(one: Shown) -> list[str]:
    letter = one.letter
    return [
        "" if letter.round is None else letter.round.slug,
        letter.to,
        "; ".join(one.who),
        one.called,
        letter.language,
        one.label,
        *(_moment(at) for at in (letter.written_at, letter.due, letter.sent_at)),
        str(letter.attempts),
        letter.reason or one.problem,
        one.todo,
    ]


def _asked_for(request: HttpRequest, letters: QuerySet[SentLetter]) -> tuple[QuerySet[SentLetter], dict[str, str]]:
    """The letters that are asked for, in the order that is, and what was asked."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("state", "letter", "q", "sort")}
    lost = unclear(timezone.now())
    if asked["state"] == UNCLEAR:
        letters = letters.filter(lost)
    elif asked["state"] in STATES:
        letters = letters.filter(status=asked["state"]).exclude(lost)
    if asked["letter"]:
        letters = letters.filter(template=asked["letter"])
    if asked["q"]:
        letters = letters.filter(_names(asked["q"]))
    order = SORTS.get(asked["sort"].removeprefix("-"))
    if order is not None:
        letters = letters.order_by(*order)
        letters = letters.reverse() if asked["sort"].startswith("-") else letters
    return letters, asked


def _names(text: str) -> Q:
    """Letters whose address, subject, person or code has this in it."""
    people = User.objects.filter(name__icontains=text).values("email")
    acting = Role.objects.filter(code__icontains=text).values("person__email")
    invited = Invitation.objects.filter(code__icontains=text).values("email")
    here = Q(to__icontains=text) | Q(subject__icontains=text)
    return here | Q(to__in=people) | Q(to__in=acting) | Q(to__in=invited)


def _counts(letters: QuerySet[SentLetter]) -> Counter[str]:
    """How many there are in each of `STATES`."""
    lost = letters.filter(unclear(timezone.now())).count()
    found = letters.order_by().values_list("status").annotate(n=Count("pk"))
    counts: Counter[str] = Counter(dict(found))
    counts[UNCLEAR] = lost
    counts[SentLetter.Status.SENDING] -= lost
    return counts


def _shown(letters: Iterable[SentLetter]) -> list[Shown]:
    rows = list(letters)
    who = _who(rows)
    rounds = {letter.round_id for letter in rows if letter.round_id is not None}
    marked = set(UnreachableAddress.objects.filter(round__in=rounds).values_list("round", "address"))
    found = []
    for letter in rows:
        problem, todo = trouble(letter)
        corrects = bool(problem or letter.status == SentLetter.Status.STOPPED) and invitation_in(letter) is not None
        is_marked = (letter.round_id, letter.to) in marked
        found.append(Shown(letter, who.get(letter.pk, ()), state_of(letter), problem, todo, is_marked, corrects))
    return found


def _who(letters: Sequence[SentLetter]) -> dict[int, tuple[str, ...]]:
    """By letter, whose address it goes to: name, and what they are in the round with the code that they act for."""
    addresses = {letter.to for letter in letters}
    names = dict(User.objects.filter(email__in=addresses).exclude(name="").values_list("email", "name"))
    acts: dict[tuple[int | None, str], list[str]] = {}
    roles = Role.objects.filter(person__email__in=addresses, until=None).select_related("person")
    offers = Invitation.objects.filter(email__in=addresses, accepted_at=None)
    for one, to in [*((role, role.person.email) for role in roles), *((offer, offer.email) for offer in offers)]:
        said = f"{one.get_kind_display()} {one.code}".rstrip()
        if said not in acts.setdefault((one.round_id, to), []):
            acts[one.round_id, to].append(said)
    return {
        letter.pk: (*([names[letter.to]] if letter.to in names else []), *acts.get((letter.round_id, letter.to), ()))
        for letter in letters
    }


def _back(request: HttpRequest, round_: Round | None) -> HttpResponse:
    """To the list that somebody came from, as they had it."""
    query = QueryDict(request.POST.get("here", "")).urlencode()
    here = reverse("office:letters", args=[round_.slug]) if round_ is not None and "all" not in request.POST else ""
    address = here or reverse("office:all_letters")
    return redirect(f"{address}?{query}" if query else address)


def _query(request: HttpRequest, **other: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for key, value in other.items():
        query[key] = value
    return query.urlencode()


def _sorted_by(request: HttpRequest, sort: str, key: str) -> tuple[str, str]:
    """Where a column's head leads, and how it is sorted now."""
    now = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    return _query(request, sort=f"-{key}" if sort == key else key), now


def _moment(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S%z")
