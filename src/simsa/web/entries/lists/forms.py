"""The forms of a list: the file, and what its columns hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.tables.lists import FIELD, LIMITS
from simsa.web.entries.lists.kinds import KINDS
from simsa.web.entries.models import ImportDraft


class ListForm(forms.Form):
    """A file, and where in it the list is."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("XLSX, or CSV in any usual encoding (UTF-8, CP949), of at most 5 MiB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet"),
        required=False,
        max_length=31,
        help_text=gettext_lazy("Of a workbook; the first, if you leave it empty."),
    )
    header_row = forms.IntegerField(
        label=gettext_lazy("Row with the names of the columns"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("It is found by itself, if you leave this empty."),
    )
    removes = forms.BooleanField(
        label=gettext_lazy("Remove from the round who is not in the list"),
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file:
            raise forms.ValidationError(_("The file is too large; at most 5 MiB are read."))
        return file


class ColumnsForm(forms.Form):
    """What each column holds, asked by its place: headings can be anything."""

    def __init__(self, draft: ImportDraft, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, table = KINDS[draft.kind], draft.table
        targets = [(target.key, kind.label(target.key)) for target in kind.targets(draft.round.rules)]
        known = {key for key, _label in targets}
        for n, column in enumerate(table.header):
            own = FIELD + column
            free = [] if own in known else [(own, _("kept as a field of its own"))]
            self.fields[f"column-{n}"] = forms.ChoiceField(
                label=column,
                required=False,
                choices=[("", _("left out")), *targets, *free],
                initial=draft.mapping.get(column, ""),
                help_text=", ".join(cell for cell in table.columns[n][:3] if cell)[:80],
            )
        self.columns = table.header
        self.fields["removes"] = forms.BooleanField(
            label=_("Remove from the round who is not in the list"), required=False, initial=draft.removes
        )

    @property
    def mapping(self) -> dict[str, str]:
        """What was said of each column."""
        return {column: self.cleaned_data[f"column-{n}"] for n, column in enumerate(self.columns)}
