"""How officers begin: a programme, rules from scratch, the next round, an amendment."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from simsa.web.accounts.access import actor_of
from simsa.web.programmes.access import permitted, programme_of, round_of
from simsa.web.programmes.drafting.beginnings import cloned_rules, least_rules
from simsa.web.programmes.drafting.document import EditError
from simsa.web.programmes.drafting.forms import faults_of, said
from simsa.web.programmes.models import Programme, Round
from simsa.web.programmes.services import begin_draft, begin_programme

ID = r"^[^\W][\w.-]{0,63}$"


class ProgrammeForm(forms.Form):
    """A new programme."""

    slug = forms.CharField(
        label=gettext_lazy("Identifier"),
        max_length=64,
        help_text=gettext_lazy("It stands in addresses and rules: letters, digits, “.”, “_”, “-”."),
    )
    name_ko = forms.CharField(label=gettext_lazy("Name, Korean"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name, English"), max_length=200, required=False)


class CloneForm(forms.Form):
    """What is different in the next round."""

    id = forms.RegexField(ID, label=gettext_lazy("Identifier of the new round"), max_length=64)
    name = forms.CharField(label=gettext_lazy("Name of the new round"), max_length=200)
    months = forms.IntegerField(
        label=gettext_lazy("All dates later by so many months"), min_value=0, max_value=120, initial=12
    )


class NewRulesForm(forms.Form):
    """The least that rules must say."""

    id = forms.RegexField(
        ID,
        label=gettext_lazy("Identifier of the round"),
        max_length=64,
        help_text=gettext_lazy("For example proactive-2025."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the round"), max_length=200)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of reports"), choices=[("ko", "한국어"), ("en", "English")]
    )
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), initial="Asia/Seoul", max_length=64)
    groups = forms.CharField(
        label=gettext_lazy("Groups, one on each line, with the number that is selected"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Entrants compete within their group. For example: City 2"),
    )
    criteria = forms.CharField(
        label=gettext_lazy("Criteria, one on each line"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("They count the same at first; weights and a tree of criteria come later."),
    )
    highest = forms.IntegerField(label=gettext_lazy("Highest mark"), min_value=1, max_value=1000, initial=10)
    sheets = forms.IntegerField(label=gettext_lazy("Sheets of an entry"), min_value=1, max_value=100, initial=3)

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValidationError(_("There is no such time zone; write for example Asia/Seoul.")) from None
        return zone

    def clean_groups(self) -> list[tuple[str, int]]:
        found = []
        for line in _lines(self.cleaned_data["groups"]):
            name, _space, number = line.rpartition(" ")
            if not name.strip() or not number.isdecimal() or len(number) > 6:
                raise ValidationError(
                    _("“%(line)s”: write the group and how many are selected, e.g. City 2.") % {"line": line}
                )
            found.append((name.strip(), int(number)))
        return found

    def clean_criteria(self) -> list[str]:
        return _lines(self.cleaned_data["criteria"])


@permitted("programmes.add_programme", lambda _request: None)
def programmes(request: HttpRequest, _nothing: None) -> HttpResponse:
    """All programmes of the installation, and a new one."""
    form = ProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = begin_programme(**form.cleaned_data, officer=request.user, actor=actor_of(request))
            return redirect("office:programme", made.slug)
        except ValidationError as error:
            form.add_error("slug", error)
    return render(request, "office/programmes.html", {"form": form, "programmes": Programme.objects.all()})


@permitted("programmes.manage_programme", programme_of)
def new_draft(request: HttpRequest, found: Programme, programme: str) -> HttpResponse:
    """Begin rules with the least that they must say."""
    form = NewRulesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        text = least_rules(
            round_id=given["id"], name=given["name"], programme=found.slug, time_zone=given["time_zone"],
            language=given["language"], groups=given["groups"], criteria=given["criteria"],
            highest=given["highest"], sheets=given["sheets"],
        )  # fmt: skip
        faults = faults_of(text)  # two groups of one name, for example
        if not faults:
            made = begin_draft(found, given["name"], text, by=request.user)  # type: ignore[arg-type]
            return redirect("office:draft", made.pk)
        form.add_error(None, [said(problem) for problem in faults])
    return render(request, "office/new_draft.html", {"programme": found, "form": form})


@permitted("programmes.clone_round", round_of)
def clone(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Begin the next round with the rules of this one."""
    form = CloneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            text = cloned_rules(round_.rules_toml, round_id=given["id"], name=given["name"], months=given["months"])
            made = begin_draft(round_.programme, given["name"], text, by=request.user, based_on=round_)  # type: ignore[arg-type]
            return redirect("office:draft", made.pk)
        except (EditError, ValueError):  # or a date that no calendar has
            form.add_error(None, _("The rules of this round are written in a way that cannot be cloned here."))
    return render(request, "office/clone.html", {"round": round_, "form": form})


@require_POST
@permitted("programmes.manage_round", round_of)
def amend(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Begin a draft that is to take the place of the rules in force."""
    title = _("Amendment of %(round)s") % {"round": round_.title}
    made = begin_draft(round_.programme, title[:200], round_.rules_toml, by=request.user, amends=round_)  # type: ignore[arg-type]
    messages.success(request, _("These are the rules in force. Nothing changes until another officer approves."))
    return redirect("office:draft", made.pk)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
