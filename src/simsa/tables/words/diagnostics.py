"""What diagnostics found, as sentences that accuse nobody and say how much of it is expected to be chance."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.engine.diagnostics import (
    Counted,
    Diagnosis,
    Drift,
    Estimate,
    Habits,
    NotMade,
    Origin,
    Outliers,
    Pairs,
    Sizes,
    Why,
)
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.screening import one_by_one_words, screened_words, some_names


def diagnosis_title(diagnosis: Diagnosis, subject: str = "", language: str = "ko") -> str:
    """The heading of a diagnosis; `subject` is the field of an origin."""
    _ = translator(language).gettext
    return {
        Diagnosis.OUTLIERS: _("Severity and noise"),
        Diagnosis.ORIGIN: fill(_("Own %(field)s"), field=field_word(subject, language)) if subject else _("Own origin"),
        Diagnosis.ORDER: _("Running order"),
        Diagnosis.SESSION: _("Morning and afternoon"),
        Diagnosis.PAIRS: _("Identical sheets"),
        Diagnosis.HABITS: _("Flat and repeated sheets"),
        Diagnosis.SIZES: _("Panels that changed size"),
    }[diagnosis]


def field_word(field: str, language: str = "ko") -> str:
    """What a shared field is called: a word for the usual ones, else its name in the data."""
    _ = translator(language).gettext
    known = {
        "region": _("region"),
        "country": _("country"),
        "nation": _("country"),
        "institution": _("institution"),
        "group": _("group"),
    }
    return known.get(field, field)


def diagnostics_lead(language: str = "ko", *, level: float) -> str:
    """What diagnostics are, and what they are not."""
    _ = translator(language).gettext
    return fill(
        _(
            "Diagnostics change no result and accuse nobody: what stands out is a reason to look, and has innocent "
            "explanations too. Of everything that is said to stand out, at most %(share)s is expected to be chance."
        ),
        share=f"{level:.0%}",
    )


def outlier_words(found: Outliers, names: Sequence[str], language: str = "ko") -> tuple[str, ...]:
    """Severity, and noise."""
    _ = translator(language).gettext
    severe = screened_words(
        found.severe,
        names,
        language,
        none=_("Not one of %(tests)s reviewers is harsher or milder by more than reviewers of this panel are anyway."),
        some=_(
            "Harsher or milder by more than the others differ: %(names)s (of %(tests)s reviewers). That is consistent "
            "with another reading of the scale."
        ),
        untested=_("Severities cannot be compared: the sheets do not tell that reviewers differ."),
    )
    noisy = screened_words(
        found.noisy,
        names,
        language,
        none=_("No reviewer's marks scatter clearly more about those of the others on the same entries."),
        some=_(
            "Marks that scatter more about those of the others on the same entries: %(names)s (of %(tests)s "
            "reviewers). That is consistent with haste, with another view of what counts, and with harder entries."
        ),
        untested=_("Noise cannot be compared: too few sheets on common entries."),
    )
    return severe, noisy


def origin_words(found: Origin, names: Sequence[str], language: str = "ko") -> tuple[str, ...]:
    """The panel's difference with its interval, and how many reviewers stand out."""
    _ = translator(language).gettext
    overall = found.slopes.overall
    assert overall is not None
    template = (
        _(
            "On the same entries, reviewers score entrants of their own %(field)s %(points)s points higher than the "
            "others do (95%% interval %(low)s to %(high)s; %(same)s such sheets)."
        )
        if overall.value >= 0
        else _(
            "On the same entries, reviewers score entrants of their own %(field)s %(points)s points lower than the "
            "others do (95%% interval %(low)s to %(high)s; %(same)s such sheets)."
        )
    )
    said = fill(template, field=field_word(found.field, language), same=f"{found.same:,}", **_interval(overall))
    if overall.low <= 0 <= overall.high:
        meaning = _("That is consistent with no difference.")
    elif overall.value > 0:
        meaning = _("That is consistent with a preference, meant or not, and with knowing one's own better.")
    else:
        meaning = _("That is consistent with holding oneself back towards one's own.")
    return f"{said} {meaning}", one_by_one_words(found.slopes, names, language)


def drift_words(found: Drift, names: Sequence[str], language: str = "ko") -> tuple[str, ...]:
    """The panel's drift, or the trend that cannot be told from better entries, and each reviewer's."""
    _ = translator(language).gettext
    overall = found.slopes.overall
    each = one_by_one_words(found.slopes, names, language)
    if found.diagnosis is Diagnosis.SESSION:
        if overall is None:
            return _("All reviewers scored each entry in the same half of the day: nothing to compare."), each
        template = _(
            "The same entries get %(change)s points in the afternoon beside the morning (95%% interval %(low)s to "
            "%(high)s)."
        )
        return f"{fill(template, **_interval(overall))} {_meaning(overall, language)}", each
    if overall is not None:
        template = _(
            "From a reviewer's first sheet to the last, the same entries' scores change by %(change)s points (95%% "
            "interval %(low)s to %(high)s)."
        )
        return f"{fill(template, **_interval(overall))} {_meaning(overall, language)}", each
    common = _(
        "All reviewers saw the entries in the same order: whether all of them drifted together cannot be told from "
        "later entries being better or worse."
    )
    if found.trend is None:
        return common, each
    trend = fill(
        _(
            "Mean scores change by %(change)s points from the first to the last entry (95%% interval %(low)s to "
            "%(high)s)."
        ),
        **_interval(found.trend),
    )
    return f"{trend} {common}", each


def pair_words(found: Pairs, names: Sequence[str], language: str = "ko") -> tuple[str, ...]:
    """Pairs of reviewers with more identical sheets than independent ones have."""
    _ = translator(language).gettext
    pairs = [f"{names[a]} – {names[b]}" for a, b in zip(found.first.tolist(), found.second.tolist(), strict=True)]
    return (
        screened_words(
            found.screening,
            pairs,
            language,
            none=_(
                "Not one of %(tests)s pairs of reviewers has more identical sheets than independent reviewers have."
            ),
            some=_(
                "More identical sheets than independent reviewers have: %(names)s (of %(tests)s pairs). That is "
                "consistent with copying, with filling in together, and with close agreement."
            ),
            untested=_("No two reviewers have an entry in common."),
            pairs=True,
        ),
    )


def habit_words(found: Habits, names: Sequence[str], language: str = "ko") -> tuple[str, ...]:
    """Flat sheets, repeated sheets, and reviewers whose sheets are all the same."""
    _ = translator(language).gettext
    flat = _counted(
        found.flat,
        names,
        language,
        none=_("No reviewer gives all criteria of a sheet the same mark clearly more often than the others."),
        some=_(
            "All criteria of a sheet at the same mark more often than with the others: %(names)s (of %(tests)s "
            "reviewers). That is consistent with one overall impression, and with entries that are even."
        ),
    )
    repeated = _counted(
        found.repeated,
        names,
        language,
        none=_("No reviewer hands in the same sheet again clearly more often than the others."),
        some=_(
            "The same sheet again more often than with the others: %(names)s (of %(tests)s reviewers). That is "
            "consistent with a form filled in from memory, and with entries that are alike."
        ),
    )
    constant = [names[n] for n in found.constant.nonzero()[0].tolist()]
    always = fill(_("All sheets the same: %(names)s."), names=some_names(constant, language)) if constant else ""
    return tuple(said for said in (flat, repeated, always) if said)


def size_words(found: Sizes, language: str = "ko") -> tuple[str, ...]:
    """Whether panels of a group had different sizes."""
    _ = translator(language).gettext
    if found.adaptive:
        none = _("Every entry was scored by the reviewers of the first round; some by more, as the rules want it.")
        some = _(
            "%(entries)s entries in %(groups)s groups were scored by fewer reviewers than the first round gives. That "
            "others were scored by more is what the rules want."
        )
    else:
        none = _("Within each group every entry was scored by the same number of reviewers.")
        some = _(
            "%(entries)s entries in %(groups)s groups were scored by another number of reviewers than is usual in "
            "their group. Their scores rest on more or fewer opinions; a trimmed mean trims another share."
        )
    if not len(found.changed):
        return (none,)
    return (fill(some, entries=f"{len(found.changed):,}", groups=f"{len(found.groups):,}"),)


def not_made_words(missing: NotMade, language: str = "ko") -> str:
    """Why a diagnosis could not be made."""
    _ = translator(language).gettext
    template = {
        Why.NO_SHEETS: _("No sheet has a mark."),
        Why.FEW_REVIEWERS: _("Only %(reviewers)s reviewers have sheets; it takes %(least)s."),
        Why.CONSTANT: _("All scores are the same: nothing could differ."),
        Why.NO_COMMON_ENTRIES: _("No entry was scored by two reviewers."),
        Why.NO_FIELD: _("Entrants and reviewers share no field, such as a region, that could be compared."),
        Why.NO_SAME_ORIGIN: _("No reviewer scored an entrant of the same %(field)s."),
        Why.NO_CONTRAST: _("No reviewer has both kinds of sheets on entries that others scored too."),
        Why.NO_ORDER: _("The data do not say in which order the sheets were written."),
        Why.NO_SESSIONS: _("The data hold no times, or all of them are in one half of the day."),
        Why.TOO_LARGE: _("There are %(reviewers)s reviewers; this comparison is made for up to %(most)s."),
    }[missing.why]
    return fill(
        template,
        field=field_word(missing.subject, language),
        **{key: f"{value:,}" for key, value in missing.data.items()},
    )


def _counted(found: Counted, names: Sequence[str], language: str, *, none: str, some: str) -> str:
    return screened_words(found.screening, names, language, none=none, some=some, untested="")


def _meaning(one: Estimate, language: str) -> str:
    _ = translator(language).gettext
    if one.low <= 0 <= one.high:
        return _("That is consistent with no difference.")
    return _("That is consistent with tiredness, with a scale that settles as one goes, and with the time of day.")


def _interval(one: Estimate) -> dict[str, str]:
    def signed(value: float) -> str:
        text = f"{abs(value):.2f}"
        return text if not float(text) else f"{'+' if value > 0 else '−'}{text}"

    return {
        "points": f"{abs(one.value):.2f}",
        "change": signed(one.value),
        "low": signed(one.low),
        "high": signed(one.high),
    }
