"""What other entrants submitted, where the rules let them see it, and objections to it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.entries.access import objection_at
from simsa.web.entries.desk.panel_view import Seen, seen_submission
from simsa.web.entries.models import Entry, Evidence, Objection
from simsa.web.entries.services import ClosedError, object_to, reply_to, rule_on
from simsa.web.entries.services.objecting import LONGEST, peers_object
from simsa.web.entries.services.submitting import last_submissions
from simsa.web.programmes.access import permitted, roles_of, round_of
from simsa.web.programmes.models import Kind, Round


class ObjectionForm(forms.Form):
    """What is objected to, and why."""

    about = forms.ChoiceField(label=gettext_lazy("What you object to"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}))


@require_safe
@permitted("entries.view_peers", round_of)
def index(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The entries that were submitted, and the objections that concern the visitor."""
    entries = [one.entry for one in last_submissions(round_)]
    own = own_entry(request, round_)
    all_ = request.user.has_perm("entries.rule_objections", round_)
    found = Objection.objects.filter(entry__round=round_).select_related("entry__entrant", "by__entrant", "evidence")
    shown = [one for one in found if all_ or own in (one.entry, one.by)]
    context = {"round": round_, "entries": entries, "own": own, "objections": shown, "rules_on": all_}
    return render(request, "entries/peers.html", context)


@permitted("entries.view_peers", round_of)
def entry(request: HttpRequest, round_: Round, slug: str, entry: int) -> HttpResponse:
    """What one entrant submitted; POST objects to it."""
    found = round_.entries.select_related("entrant", "round").filter(pk=entry).first()
    seen = None if found is None else seen_submission(found)
    if found is None or seen is None:
        raise Http404("nothing was submitted")
    own = own_entry(request, round_)
    may_object = own is not None and own.pk != found.pk and peers_object(round_, timezone.now())
    form = ObjectionForm(request.POST or None)
    form.fields["about"].choices = _subjects(found, seen)
    if request.method == "POST":
        if own is None or own.pk == found.pk:
            raise PermissionDenied
        if form.is_valid():
            try:
                _object(request, found, own, form.cleaned_data)
            except (ClosedError, ValidationError) as error:
                form.add_error(None, str(error) if isinstance(error, ClosedError) else error)
            else:
                messages.success(request, _("The objection was filed; the entrant and the office see it."))
                return redirect("entries:peers", slug)
    context = {"round": round_, "entry": found, "seen": seen, "form": form, "may_object": may_object}
    return render(request, "entries/peer.html", context)


@require_POST
@permitted("entries.reply_objection", objection_at)
def reply(request: HttpRequest, objection: Objection, pk: int) -> HttpResponse:
    """The entrant's reply."""
    return _say(request, objection, lambda: reply_to(objection, request.POST.get("text", ""), actor=actor_of(request)))


@require_POST
@permitted("entries.rule_objection", objection_at)
def rule(request: HttpRequest, objection: Objection, pk: int) -> HttpResponse:
    """The office's ruling."""
    given = request.POST
    return _say(
        request,
        objection,
        lambda: rule_on(objection, given.get("ruling", ""), given.get("text", ""), actor=actor_of(request)),
    )


def own_entry(request: HttpRequest, round_: Round) -> Entry | None:
    """The entry that a visitor acts for in a round."""
    mine = [one.code for one in roles_of(request.user) if one.kind == Kind.ENTRANT and one.round_id == round_.pk]
    return round_.entries.select_related("entrant").filter(entrant__code__in=mine).first()


def _subjects(entry: Entry, seen: Seen) -> list[tuple[str, str]]:
    """What can be objected to: the criteria, and the files that are shown."""
    language = get_language() or "ko"
    nodes = [node for node in entry.round.rules.criteria if node.parent]
    files = [one for section in seen.sections for one in section.files]
    return [(f"criterion/{node.id}", node.name.text(language)) for node in nodes] + [
        (f"evidence/{one.pk}", one.name) for one in files
    ]


def _object(request: HttpRequest, entry: Entry, own: Entry, given: dict[str, str]) -> None:
    kind, _slash, key = given["about"].partition("/")
    evidence = Evidence.objects.get(pk=key) if kind == "evidence" else None
    criterion = key if kind == "criterion" else ""
    object_to(entry, own, given["reason"], criterion=criterion, evidence=evidence, actor=actor_of(request))


def _say(request: HttpRequest, objection: Objection, say) -> HttpResponse:  # type: ignore[no-untyped-def]
    try:
        say()
        messages.success(request, _("Saved."))
    except (ClosedError, ValidationError) as error:
        messages.error(request, refusal(error))
    return redirect("entries:peers", objection.round.slug)
