"""Who stands out in a screening, in words, and how many of them are expected to be chance."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.engine.diagnostics import Screening, Slopes
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator

_NAMED = 5


def screened_words(
    screening: Screening,
    names: Sequence[str],
    language: str,
    *,
    none: str,
    some: str,
    untested: str,
    pairs: bool = False,
) -> str:
    """One of three sentences, and how much of what is named is expected to be chance."""
    _ = translator(language).gettext
    if screening.tests == 0:
        return untested
    found = [names[n] for n in _least_probable(screening)]
    tests = f"{screening.tests:,}"
    if not found:
        return fill(none, tests=tests)
    said = fill(some, names=some_names(found, language, pairs=pairs), tests=tests)
    return f"{said} {_expected(screening, language)}"


def one_by_one_words(slopes: Slopes, names: Sequence[str], language: str) -> str:
    _ = translator(language).gettext
    screening = slopes.screening
    found = [names[slopes.reviewers[n]] for n in _least_probable(screening)]
    if screening.tests == 0:
        return _("Single reviewers cannot be told apart.")
    if not found:
        return fill(_("Taken one by one, none of %(tests)s reviewers stands out."), tests=f"{screening.tests:,}")
    said = fill(
        _("Taken one by one, these stand out: %(names)s (of %(tests)s reviewers)."),
        names=some_names(found, language),
        tests=f"{screening.tests:,}",
    )
    return f"{said} {_expected(screening, language)}"


def some_names(names: Sequence[str], language: str, *, pairs: bool = False) -> str:
    """The first names, and how many more reviewers, or pairs of them, there are."""
    _ = translator(language).gettext
    if len(names) <= _NAMED:
        return listed(names, language)
    shown = _NAMED - 1  # so that there are always several others
    template = _("%(names)s and %(count)s other pairs") if pairs else _("%(names)s and %(count)s other reviewers")
    return fill(template, names=", ".join(names[:shown]), count=f"{len(names) - shown:,}")


def _least_probable(screening: Screening) -> list[int]:
    """Positions of those who stand out, the least probable first."""
    found = screening.found.nonzero()[0]
    return [int(n) for n in found[screening.p[found].argsort(kind="stable")]]


def _expected(screening: Screening, language: str) -> str:
    _ = translator(language).gettext
    return fill(
        _("Expected false alarms among them: at most %(false)s; without correction it would be %(plain)s."),
        false=f"{screening.false_alarms:.2g}",
        plain=f"{screening.uncorrected:,.2g}" if screening.uncorrected < 10 else f"{screening.uncorrected:,.0f}",
    )
