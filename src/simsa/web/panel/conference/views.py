"""Pages of a conference from another system: send its exports, look at what they say, take it into the round."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.table import RowError, RowsError, TableError
from simsa.tables.words.faults import fault_words
from simsa.web.accounts.access import actor_of
from simsa.web.entries.models import ImportDraft
from simsa.web.entries.services.plans import StalePlanError
from simsa.web.panel.conference.drafts import (
    ENDINGS,
    KIND,
    MOST_BYTES,
    MOST_FILES,
    begin_conference,
    conference_of,
    confirm_conference,
)
from simsa.web.panel.services.conferring import PRODUCTS
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError

SHOWN = 300


class Files(forms.FileField):
    """Several files in one field."""

    widget = forms.ClearableFileInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(Files, self).clean(one, initial) for one in given]


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ConferenceForm(forms.Form):
    """Which system, and its files."""

    product = forms.ChoiceField(label=gettext_lazy("Exported from"), choices=list(PRODUCTS.items()))
    files = Files(
        label=gettext_lazy("Files"),
        widget=SeveralFiles(attrs={"accept": ",".join(ENDINGS)}),
        help_text=gettext_lazy("All exports at once, in any order; what each is, its content tells."),
    )

    def clean_files(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["files"]
        if len(files) > MOST_FILES or sum(file.size for file in files) > MOST_BYTES:
            size = MOST_BYTES // 2**20
            what = _("At most %(files)d files of together %(size)d MiB are read.")
            raise forms.ValidationError(what % {"files": MOST_FILES, "size": size})
        return files


class GroupForm(forms.Form):
    """In which group the submissions compete."""

    group = forms.CharField(label=gettext_lazy("Group"), max_length=64)

    def __init__(self, round_: Round, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(one.id, one.name.text(get_language() or "ko")) for one in round_.rules.groups if one.id != "*"]
        if groups:
            self.fields["group"] = forms.ChoiceField(label=gettext_lazy("Group"), choices=groups)


@permitted("panel.import_reviewers", round_of)
def index(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Send the exports."""
    form, faults = ConferenceForm(request.POST or None, request.FILES or None), ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = [(one.name, one.read()) for one in given["files"]]
        try:
            kept = begin_conference(round_, given["product"], sent, actor=actor_of(request))
            return redirect("panel:conference_draft", round_.slug, kept.pk)
        except RowsError as error:
            faults = error.errors
        except TableError as error:
            form.add_error("files", fault_words(str(error), get_language() or "ko"))
        except StageError as error:
            form.add_error(None, str(error))
    return _page(request, "panel/conference.html", round_, {"form": form, "faults": _told(faults), "most": SHOWN})


@require_safe
@permitted("panel.import_reviewers", round_of)
def draft(request: HttpRequest, round_: Round, slug: str, pk: int) -> HttpResponse:
    """What the exports say, before it changes anything."""
    kept = _draft(round_, pk)
    found = conference_of(kept)
    notes = [(fault_words(what, get_language() or "ko"), times) for what, times in found.notes.items()]
    product = PRODUCTS[found.source]
    context = {"draft": kept, "found": found, "notes": notes, "form": GroupForm(round_), "product": product}
    return _page(request, "panel/conference_draft.html", round_, context)


@require_POST
@permitted("panel.import_reviewers", round_of)
def confirm(request: HttpRequest, round_: Round, slug: str, pk: int) -> HttpResponse:
    """Take it into the round."""
    kept = _draft(round_, pk)
    form = GroupForm(round_, request.POST)
    if not form.is_valid():
        return redirect("panel:conference_draft", round_.slug, pk)
    try:
        confirm_conference(kept, form.cleaned_data["group"], actor=actor_of(request))
    except (ValidationError, StageError, StalePlanError) as error:
        for what in getattr(error, "messages", [str(error)])[:SHOWN]:
            messages.error(request, what)
        return redirect("panel:conference_draft", round_.slug, pk)
    return redirect("entries:lists", round_.slug, "entries")


def _told(faults: tuple[RowError, ...]) -> list[tuple[RowError, str, str]]:
    language = get_language() or "ko"
    return [(one, fault_words(one.what, language), fault_words(one.hint, language)) for one in faults]


def _draft(round_: Round, pk: int) -> ImportDraft:
    found: ImportDraft | None = round_.import_drafts.filter(kind=KIND, pk=pk).first()
    if found is None:
        raise Http404("no such export")
    return found


def _page(request: HttpRequest, template: str, round_: Round, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, {"round": round_, **context})
    response.headers["Cache-Control"] = "no-store"
    return response
