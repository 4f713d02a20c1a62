"""What a reader of the calibration must know, and how severe a reviewer is."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.engine.calibration import Calibration, Note, NoteCode
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator

_NAMED = 6  # names before "and N more"


def note_words(
    note: Note,
    language: str = "ko",
    *,
    groups: Sequence[str] = (),
    entries: Sequence[str] = (),
    reviewers: Sequence[str] = (),
    given: bool = False,
) -> str:
    """What a reader of the calibration must know, as a sentence.

    `groups`, `entries` and `reviewers` are the names by position; without them positions are counted from 1. `given`:
    the components were given, not estimated.
    """
    return fill(_note(note.code, language, given), **_note_values(note, language, groups, entries, reviewers))


def severity_words(severity: float, language: str = "ko") -> str:
    """ "2.3점 엄격", "2.3 points harsher"; positive is harsher than the panel."""
    _ = translator(language).gettext
    size = f"{abs(severity):.1f}"
    if size == "0.0":
        return _("as the panel")
    return fill(_("%(n)s points harsher") if severity > 0 else _("%(n)s points milder"), n=size)


def own_words(calibration: Calibration, language: str = "ko", *, given: bool = False) -> str:
    """What reviewers differ in besides severity, as far as the sheets show it, or the components that were `given`."""
    _ = translator(language).gettext
    scale, noise = calibration.scale_spread > 0, calibration.noise_spread > 0
    if given and not (scale and noise):
        return {
            (True, False): _(
                "By the components that were given reviewers differ in how far apart they put entrants (scale), "
                "and not in how much their scores scatter (noise)."
            ),
            (False, True): _(
                "By the components that were given reviewers differ in how much their scores scatter (noise), "
                "and not in how far apart they put entrants (scale)."
            ),
            (False, False): _(
                "By the components that were given reviewers differ neither in how far apart they put entrants (scale) "
                "nor in how much their scores scatter (noise)."
            ),
        }[scale, noise]
    if scale and noise:
        return _(
            "Reviewers differ in how far apart they put entrants (scale) and in how much their scores scatter (noise)."
        )
    if scale:
        return _(
            "Reviewers differ in how far apart they put entrants (scale). That they differ in how much their "
            "scores scatter (noise), too, the sheets do not show: it is taken to be the same for all."
        )
    if noise:
        return _(
            "Reviewers differ in how much their scores scatter (noise). That they differ in how far apart they "
            "put entrants (scale), too, the sheets do not show: it is taken to be the same for all."
        )
    return _(
        "That reviewers differ in how far apart they put entrants (scale) or in how much their scores scatter (noise) "
        "the sheets do not show: both are taken to be the same for all."
    )


def _note(code: NoteCode, language: str, given: bool) -> str:
    _ = translator(language).gettext
    return {
        NoteCode.SINGLE_REVIEWER: _(
            "All sheets are by one reviewer, so that severity cannot be told from the level of the groups."
        ),
        NoteCode.NOT_ESTIMABLE: _(
            "The sheets hold no comparison that tells how large the %(component)s is; it is left out of the model."
        ),
        NoteCode.INSEPARABLE: _(
            "The sheets do not tell these apart: %(components)s. How they are split is a convention, and so are the "
            "intervals."
        ),
        NoteCode.ZERO_VARIANCE: (
            _("By the components that were given the %(component)s is zero.")
            if given
            else _("The estimated %(component)s is zero.")
        ),
        NoteCode.CONSTANT_SCORES: _("All scores within a group are equal: nothing tells the entrants apart."),
        NoteCode.FEW_SHEETS: _("Entrants with a single sheet: %(entrants)s."),
        NoteCode.DISCONNECTED: _(
            "Entrants and reviewers fall into %(blocks)s parts without a common reviewer. Entrants of different parts "
            "are compared only through the mean of their group."
        ),
        NoteCode.LONE_ENTRANT_GROUPS: _(
            "A single entrant with sheets, whose calibrated score is the group's mean: %(groups)s."
        ),
        NoteCode.EMPTY_GROUPS: _("No sheets at all: %(groups)s."),
        NoteCode.ENTRANTS_WITHOUT_SHEETS: _("No sheet, therefore no calibrated score: %(entrants)s."),
        NoteCode.REVIEWERS_WITHOUT_SHEETS: _("No sheet, therefore no severity: %(reviewers)s."),
        NoteCode.EMPTY_CATEGORIES: _("Steps of the scale that occur on no sheet: %(categories)s (counted from 1)."),
        NoteCode.SEPARATED: _(
            "The sheets tell the levels of this apart all but surely: %(component)s. How large it is cannot be said."
        ),
        NoteCode.NOT_CONVERGED: _(
            "The estimate had not fully settled; calibrated scores and intervals are approximate."
        ),
    }[code]


def _note_values(
    note: Note, language: str, groups: Sequence[str], entries: Sequence[str], reviewers: Sequence[str]
) -> dict[str, str]:
    known = {"groups": groups, "entrants": entries, "reviewers": reviewers}
    said: dict[str, str] = {}
    for key, found in note.data.items():
        if key in known and isinstance(found, tuple):
            positions = [int(n) for n in found]
            names = [known[key][n] if n < len(known[key]) else str(n + 1) for n in positions]
            said[key] = listed(names, language, _NAMED)
        elif key == "categories" and isinstance(found, tuple):
            said[key] = listed([str(int(n) + 1) for n in found], language)
        elif isinstance(found, tuple):
            said[key] = listed((_component(str(name), language) for name in found), language)
        else:
            said[key] = _component(found, language) if isinstance(found, str) else str(found)
    return said


def _component(name: str, language: str) -> str:
    _ = translator(language).gettext
    return {
        "entrant": _("difference between entrants"),
        "reviewer": _("difference in severity between reviewers"),
        "residual": _("residual variation"),
        "entrant_specific": _("difference between entrants within criteria"),
        "reviewer_specific": _("difference in severity between reviewers within criteria"),
        "residual_specific": _("residual variation within criteria"),
    }.get(name, name)
