"""What the engine and the rules say in codes and numbers, in words: Korean and English.

Texts are English in the code and Korean in the catalogue `locale/ko` (gettext domain `simsa`). Korean particles follow
the last sound of the word before them, which a catalogue cannot know: there they stand in both forms, as officials
write them on forms (`은(는)`, `이(가)`, `을(를)`, `과(와)`, `(으)로`), and `fill` puts the one that fits.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

from simsa.engine.calibration import Note, NoteCode
from simsa.engine.selection import Cause, GroupResult, Outcome, Reason
from simsa.rules import (
    Adjustment,
    Combine,
    Criterion,
    Effect,
    Factor,
    Group,
    Missing,
    PanelAggregate,
    Quota,
    Range,
    Rounding,
    Rules,
    TieBreak,
    decimal_places,
    decimal_text,
)

LANGUAGES = ("ko", "en")
NO_NUMBER = "–"
"""Stands where there is no number; never 0. Beside it belongs `no_result`, for those who listen."""

_LOCALE = Path(__file__).parent / "locale"
_LONGEST = 6  # decimal places of a number that the rules never round
_NAMED = 3  # names before "and N more"


class LanguageError(ValueError):
    """A language that simsa does not speak, or whose catalogue is not compiled."""


@dataclass(frozen=True)
class Section:
    """One part of the rules in words: a title and whole sentences, in order."""

    key: str
    title: str
    lines: tuple[str, ...]


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The texts of `language` ("ko" or "en"). LanguageError for any other, or if the catalogue is not compiled."""
    if language not in LANGUAGES:
        raise LanguageError(f"language {language!r}: choose one of {', '.join(LANGUAGES)}")
    if language == "en":
        return gettext.NullTranslations()
    try:
        return gettext.translation("simsa", _LOCALE, [language])
    except FileNotFoundError:
        file = _LOCALE / language / "LC_MESSAGES" / "simsa.po"
        raise LanguageError(f"the {language} texts are not compiled: python hatch_build.py {file}") from None


# --- putting things into sentences


def fill(template: str, **values: object) -> str:
    """`template` with `%(name)s` filled in, and of every Korean particle in both forms the one that fits."""
    said = ""
    for n, piece in enumerate(_BOTH_FORMS.split(template)):
        said += piece % values if n % 2 == 0 else particle(said, piece)
    return said


def particle(word: str, both: str) -> str:
    """The form of a particle after `word`; `both` is `은(는)`, `이(가)`, `을(를)`, `과(와)`, `(으)로` or `(이)`."""
    closed, liquid = _last_sound(word)
    if both == "(으)로":
        return "으로" if closed and not liquid else "로"
    if both == "(이)":
        return "이" if closed else ""
    return both[0] if closed else both[2]


def listed(items: Iterable[str], language: str, most: int | None = None) -> str:
    """`A, B and C`; with `most`, so many of them and how many more there are."""
    names = list(items)
    texts = translator(language)
    ngettext, _ = texts.ngettext, texts.gettext
    if most is not None and len(names) > most:
        rest = len(names) - most
        more = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", rest)
        return fill(more, names=", ".join(names[:most]), count=rest)
    if len(names) < 2:
        return "".join(names)
    return fill(_("%(names)s and %(last)s"), names=", ".join(names[:-1]), last=names[-1])


# --- numbers


def score_places(rules: Rules, node: str | None = None) -> int | None:
    """Decimal places that the rules give the values of `node` (by default the one that ranks).

    None where the rules do not round, so that a value may have any number of places, or no decimal form at all.
    """
    found = rules.by_id[node or rules.rank_by]
    places = found.round.places if found.round else _places_before_rounding(rules, found)
    limits = [decimal_places(limit) for limit in (found.at_least, found.at_most) if limit is not None]
    return None if places is None else max([places, *limits])


def format_score(value: Fraction | None, places: Rules | int | None, language: str = "ko") -> str:
    """An official number, exact, with the places that the rules round to, thousands apart; `–` if there is none.

    `places` is a number of places, or the rules (then those of the criterion that ranks), or None for as many as it
    takes. A number without a decimal form, or with more than six places nobody declared, is cut off with `…`.
    """
    translator(language)
    if value is None:
        return NO_NUMBER
    wanted = score_places(places) if isinstance(places, Rules) else places
    longest = max(_LONGEST, wanted or 0)
    units, rest = divmod(abs(value.numerator) * 10**longest, value.denominator)
    text = f"{decimal_text(Fraction(units, 10**longest), longest)}…" if rest else decimal_text(abs(value), wanted)
    whole, point, part = text.partition(".")
    return f"{'−' if value < 0 else ''}{int(whole):,}{point}{part}"


def points(value: Fraction | None, places: Rules | int | None, language: str = "ko") -> str:
    """A score with its unit ("87.67점", "87.67 points"), or that there is no result."""
    _ = translator(language).gettext
    return no_result(language) if value is None else fill(_("%(n)s points"), n=format_score(value, places, language))


def no_result(language: str = "ko") -> str:
    """What `–` means."""
    _ = translator(language).gettext
    return _("no result")


def rank_words(rank: int, language: str = "ko") -> str:
    """ "1위", "1st"."""
    if language == "ko":
        return f"{rank}위"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def percent(share: float, language: str = "ko") -> str:
    """A probability for people: whole per cent, but never 0 % or 100 % of what is only nearly so."""
    translator(language)
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def moment_words(moment: str, language: str = "ko") -> str:
    """A local date and time of the rules (ISO 8601) for people."""
    at = datetime.fromisoformat(moment)
    if language == "ko":
        return f"{at.year}년 {at.month}월 {at.day}일 {at:%H:%M}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


# --- the result


def outcome_words(outcome: Outcome, language: str = "ko", position: int | None = None) -> str:
    """ "선정", "예비 1순위", "미선정"."""
    _ = translator(language).gettext
    if outcome == "reserve":
        return fill(_("reserve no. %(position)d"), position=position) if position else _("reserve")
    return _("selected") if outcome == "selected" else _("not selected")


def reason_words(
    reason: Reason,
    rules: Rules,
    language: str = "ko",
    *,
    outcome: Outcome,
    names: Mapping[str, str] | None = None,
    value: Fraction | None = None,
) -> str:
    """Why an entrant has its outcome, as a sentence with the numbers that decided.

    `names`: what entries are called, by id (the id itself where there is none). `value`: for a threshold, the entrant's
    value at its criterion, if known.
    """
    return _Why(reason, rules, language, outcome, names or {}, value).sentence()


def group_name(rules: Rules, group: str, language: str = "ko") -> str:
    """What a group is called; a group that only the entries name is called as they do."""
    rule = rules.group(group)
    return group if rule is None or rule.id == "*" else rule.name.text(language)


def group_summary(result: GroupResult, rules: Rules, language: str = "ko") -> str:
    """How many were selected of how many, where the line fell, and which places stayed empty."""
    ngettext = translator(language).ngettext
    _ = translator(language).gettext
    filled = result.places - result.empty
    said = fill(
        ngettext("%(filled)d of %(size)d entrant selected.", "%(filled)d of %(size)d entrants selected.", result.size),
        filled=filled,
        size=result.size,
    )
    if result.line is not None:
        said += " " + fill(_("The last selected has %(line)s."), line=points(result.line, rules, language))
    if result.empty:
        empty = ngettext(
            "%(empty)d of %(places)d place stays empty.", "%(empty)d of %(places)d places stay empty.", result.places
        )
        said += " " + fill(empty, empty=result.empty, places=result.places)
    return said


class _Why:
    """The sentence of one reason."""

    def __init__(
        self,
        reason: Reason,
        rules: Rules,
        language: str,
        outcome: Outcome,
        names: Mapping[str, str],
        value: Fraction | None,
    ) -> None:
        self.reason, self.rules, self.language, self.outcome = reason, rules, language, outcome
        self.names, self.value = names, value
        self.texts = translator(language)

    def sentence(self) -> str:
        cause = self.reason.cause
        if cause is Cause.NO_RESULT:
            return self.unranked()
        if cause is Cause.THRESHOLD:
            return self.below_threshold()
        if cause is Cause.AWARD_FLOOR:
            return self.below_floor()
        return self.by_rank() if cause is Cause.RANK else self.among_equals()

    def by_rank(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        if self.outcome == "selected":
            return self.say(
                ngettext(
                    "Selected: %(rank)s of %(size)d with %(score)s; the group has %(places)d place.",
                    "Selected: %(rank)s of %(size)d with %(score)s; the group has %(places)d places.",
                    self.reason.places,
                )
            )
        if self.gap():
            if self.outcome == "reserve":
                return self.say(
                    _(
                        "Ranked %(rank)s of %(size)d with %(score)s: reserve no. %(position)d, %(gap)s below the last "
                        "selected (%(line)s)."
                    )
                )
            return self.say(
                _(
                    "Ranked %(rank)s of %(size)d with %(score)s: not selected, %(gap)s below the last selected "
                    "(%(line)s)."
                )
            )
        if self.outcome == "reserve":
            return self.say(_("Ranked %(rank)s of %(size)d with %(score)s: reserve no. %(position)d."))
        return self.say(_("Ranked %(rank)s of %(size)d with %(score)s: not selected, there is no place to fill."))

    def among_equals(self) -> str:
        _ = self.texts.gettext
        lot = self.reason.cause is Cause.LOT
        if self.outcome == "selected":
            return self.say(
                _("Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: selected by lot.")
                if lot
                else _("Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: selected by %(tie_break)s.")
            )
        if self.outcome == "reserve":
            return self.say(
                _("Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: reserve no. %(position)d by lot.")
                if lot
                else _(
                    "Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: reserve no. %(position)d by "
                    "%(tie_break)s."
                )
            )
        return self.say(
            _("Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: not selected by lot.")
            if lot
            else _("Ranked %(rank)s of %(size)d with %(score)s, level with %(tied)s: not selected by %(tie_break)s.")
        )

    def below_threshold(self) -> str:
        _ = self.texts.gettext
        if self.value is None:
            return self.say(
                _(
                    "Ranked %(rank)s of %(size)d with %(score)s, but not selected: “%(criterion)s” does not reach the "
                    "threshold of %(limit)s."
                )
            )
        return self.say(
            _(
                "Ranked %(rank)s of %(size)d with %(score)s, but not selected: “%(criterion)s” is %(value)s, below the "
                "threshold of %(limit)s."
            )
        )

    def below_floor(self) -> str:
        _ = self.texts.gettext
        return self.say(
            _("Ranked %(rank)s of %(size)d with %(score)s, but not selected: below the award floor of %(limit)s.")
        )

    def unranked(self) -> str:
        _ = self.texts.gettext
        return self.say(
            _("Not ranked: there is no result for “%(criterion)s”, because marks or reported numbers are missing.")
        )

    def say(self, template: str) -> str:
        reason, known = self.reason, self.known
        return fill(
            template,
            rank=rank_words(reason.rank or 0, self.language),
            size=reason.size,
            places=reason.places,
            position=reason.position,
            score=self.points(reason.score, self.rules.rank_by),
            line=self.points(reason.line, self.rules.rank_by),
            gap=self.points(self.gap(), self.rules.rank_by),
            limit=self.points(reason.limit, None),
            value=self.points(self.value, reason.criterion if known else None),
            criterion=self.rules.by_id[reason.criterion or ""].name.text(self.language) if known else "",
            tie_break=self.tie_break(),
            tied=listed((self.names.get(entry, entry) for entry in reason.tied_with), self.language, _NAMED),
        )

    @property
    def known(self) -> bool:
        return self.reason.criterion in self.rules.by_id

    def gap(self) -> Fraction | None:
        """How far below the last selected; None if there is no such distance."""
        reason = self.reason
        if reason.line is None or reason.score is None or reason.score >= reason.line:
            return None
        return reason.line - reason.score

    def points(self, value: Fraction | None, node: str | None) -> str:
        return points(value, score_places(self.rules, node) if node else None, self.language)

    def tie_break(self) -> str:
        steps = [step for step in self.rules.tie_breaks if step.criterion == self.reason.criterion and not step.lot]
        return _tie_break(steps[0], self.rules, self.language) if steps else ""


# --- calibration


def note_words(
    note: Note,
    language: str = "ko",
    *,
    groups: Sequence[str] = (),
    entries: Sequence[str] = (),
    reviewers: Sequence[str] = (),
) -> str:
    """What a reader of the calibration must know, as a sentence.

    `groups`, `entries` and `reviewers` are the names by position; without them positions are counted from 1.
    """
    return fill(_note(note.code, language), **_note_values(note, language, groups, entries, reviewers))


def severity_words(severity: float, language: str = "ko") -> str:
    """ "2.3점 엄격", "2.3 points harsher"; positive is harsher than the panel."""
    _ = translator(language).gettext
    size = f"{abs(severity):.1f}"
    if size == "0.0":
        return _("as the panel")
    return fill(_("%(n)s points harsher") if severity > 0 else _("%(n)s points milder"), n=size)


def missing_words(missing: Missing, language: str = "ko") -> str:
    """ "미제출", "해당 없음", "기권", "회피"."""
    _ = translator(language).gettext
    said = {
        Missing.NOT_SUBMITTED: _("not submitted"),
        Missing.NOT_APPLICABLE: _("not applicable"),
        Missing.ABSTAINED: _("abstained"),
        Missing.RECUSED: _("recused"),
    }
    return said[missing]


def _note(code: NoteCode, language: str) -> str:
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
        NoteCode.ZERO_VARIANCE: _("The estimated %(component)s is zero."),
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
            said[key] = listed(names, language, 2 * _NAMED)
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
    }.get(name, name)


# --- rows that could not be used


def fault_words(said: str, language: str = "ko") -> str:
    """What is wrong with a row of the input, or what to do about it, as the readers of files say it in English.

    A sentence that is not known here stays as it is, for instance a reason that a round folder declares.
    """
    for pattern, template in _faults(language):
        found = pattern.fullmatch(said)
        if found:
            return fill(template, **found.groupdict())
    return said


@cache
def _faults(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What the readers say, as a pattern, and how that is said in the language."""
    _ = translator(language).gettext
    known = {
        "is empty": _("is empty"),
        "is too large": _("is too large"),
        "is not a decimal number": _("is not a decimal number"),
        "is no entry of the round": _("is no entry of the round"),
        "entries are known by id": _("entries are known by id"),
        "is not on the panel": _("is not on the panel"),
        "is no group of the rules": _("is no group of the rules"),
        "is no criterion": _("is no criterion"),
        "is no criterion that the panel marks": _("is no criterion that the panel marks"),
        "is no position": _("is no position"),
        "no entry is called so": _("no entry is called so"),
        "%(n)s entries are called so: %(names)s": _("%(n)s entries are called so: %(names)s"),
        "known: %(names)s": _("known: %(names)s"),
        "has no row in %(file)s": _("has no row in %(file)s"),
        "has %(fields)s fields, the header has %(header)s": _("has %(fields)s fields, the header has %(header)s"),
        "one field too many or too few: nothing says which, so nothing is repaired": _(
            "one field too many or too few: nothing says which, so nothing is repaired"
        ),
        "a quotation mark is opened and never closed": _("a quotation mark is opened and never closed"),
        "is there already on line %(line)s": _("is there already on line %(line)s"),
        "one id, one row": _("one id, one row"),
        "remove one": _("remove one"),
        "nothing says which is right, so neither counts": _("nothing says which is right, so neither counts"),
        "was not assigned to entry %(entry)s": _("was not assigned to entry %(entry)s"),
        "says %(what)s otherwise than %(other)s": _("says %(what)s otherwise than %(other)s"),
        "says %(what)s once more, after %(other)s": _("says %(what)s once more, after %(other)s"),
        "%(file)s is not UTF-8; read as %(encoding)s": _("%(file)s is not UTF-8; read as %(encoding)s"),
        "%(file)s is not the file whose checksum round.toml records": _(
            "%(file)s is not the file whose checksum round.toml records"
        ),
        "group %(group)s has %(n)s entries; the rules say %(size)s": _(
            "group %(group)s has %(n)s entries; the rules say %(size)s"
        ),
    }
    return tuple((_as_pattern(template), said) for template, said in known.items())


# --- the rules


def rules_words(rules: Rules, language: str = "ko") -> list[Section]:
    """The rules in plain sentences, part by part, in the order of the journey. Parts that say nothing are left out."""
    _ = translator(language).gettext
    parts = [
        ("groups", _("Groups and quotas"), _groups(rules, language)),
        ("criteria", _("Criteria"), _criteria(rules, language)),
        ("score", _("How a score comes about"), _scores(rules, language)),
        ("missing", _("Missing values"), _missing(rules, language)),
        ("selection", _("Ranking and ties"), _selection(rules, language)),
        ("panel", _("Panel"), _panel_limits(rules, language)),
        ("conflicts", _("Conflicts of interest"), _conflicts(rules, language)),
        ("schedule", _("Schedule"), _schedule(rules, language)),
    ]
    return [Section(key, title, tuple(lines)) for key, title, lines in parts if lines]


def _groups(rules: Rules, language: str) -> list[str]:
    return [_group(group, language) for group in rules.groups]


def _group(group: Group, language: str) -> str:
    texts = translator(language)
    _, ngettext = texts.gettext, texts.ngettext
    name = _("Each group that the entries name") if group.id == "*" else group.name.text(language)
    quota = _quota(group.quota, language)
    if group.size is None:
        said = fill(_("%(group)s: %(quota)s."), group=name, quota=quota)
    else:
        size = ngettext(
            "%(group)s (%(size)d entrant): %(quota)s.",
            "%(group)s (%(size)d entrants): %(quota)s.",
            group.size,
        )
        said = fill(size, group=name, size=group.size, quota=quota)
    if group.reserve:
        reserve = ngettext("%(n)d more is kept in reserve.", "%(n)d more are kept in reserve.", group.reserve)
        said += " " + fill(reserve, n=group.reserve)
    if group.award_floor is not None:
        floor = points(group.award_floor, None, language)
        said += " " + fill(_("Nobody with less than %(floor)s is selected."), floor=floor)
    if group.no_award:
        said += " " + _("A place may stay empty.")
    return said


def _quota(quota: Quota, language: str) -> str:
    _ = translator(language).gettext
    if quota.best:
        return _("the best one is selected")
    if quota.count is not None:
        ngettext = translator(language).ngettext
        return fill(ngettext("%(n)d is selected", "%(n)d are selected", quota.count), n=quota.count)
    how = {"down": _("rounded down"), "half_up": _("rounded half up"), "up": _("rounded up")}[quota.rounding]
    return fill(
        _("%(share)s of the entrants, %(how)s, are selected"), share=_share(quota.share or Fraction(0)), how=how
    )


def _criteria(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    said = _by_sentence(rules.leaves, language, lambda node: [_scale(node, language)])
    said += _by_sentence(rules.indicators, language, lambda node: [_indicator(node, language)])
    lines = [f"{names}: {sentence}" for names, sentence in _merged(said, language)]
    fields = [
        fill(_("%(name)s “%(field)s”"), name=node.name.text(language), field=node.indicator.field)
        for node in rules.indicators
        if node.indicator
    ]
    if fields:
        lines.append(fill(_("Reported as: %(fields)s."), fields=listed(fields, language)))
    lines += [
        f"{node.name.text(language)}: {node.description.text(language)}" for node in rules.criteria if node.description
    ]
    return lines


def _scale(leaf: Criterion, language: str) -> str:
    _ = translator(language).gettext
    scale = leaf.scale
    assert scale is not None
    low, high, step = (format_score(n, None, language) for n in (scale.min, scale.max, scale.step))
    return fill(_("marked by the panel from %(low)s to %(high)s in steps of %(step)s."), low=low, high=high, step=step)


def _indicator(node: Criterion, language: str) -> str:
    _ = translator(language).gettext
    rule = node.indicator
    assert rule is not None
    low, high = (format_score(n, None, language) for n in (rule.points_min, rule.points_max))
    if rule.method == "reported":
        return _("the reported number is the score.")
    if rule.method == "linear":
        worst, best = (format_score(n, None, language) for n in (rule.worst, rule.best))
        return fill(
            _("%(worst)s gives %(low)s and %(best)s gives %(high)s, on a straight line between, cut off outside."),
            worst=worst,
            low=low,
            best=best,
            high=high,
        )
    better = {"higher": _("higher is better"), "lower": _("lower is better")}[rule.better]
    within = {"group": _("within its group"), "round": _("among all entrants")}[rule.within]
    ties = {"mean": _("the mean of their ranks"), "best": _("the best of their ranks")}[rule.ties]
    return fill(
        _(
            "scored by rank %(within)s (%(better)s): the best gets %(high)s, the last %(low)s, evenly spaced between; "
            "equals share %(ties)s."
        ),
        within=within,
        better=better,
        high=high,
        low=low,
        ties=ties,
    )


def _scores(rules: Rules, language: str) -> list[str]:
    nodes = [node for node in _upwards(rules, rules.root) if _steps(node, rules, language)]
    said = _by_sentence(nodes, language, lambda node: _steps(node, rules, language))
    return [f"{names}: {sentence}" for names, sentence in _merged(said, language)]


def _upwards(rules: Rules, node: Criterion) -> list[Criterion]:
    """The tree with children before their parents: the order in which values come about."""
    return [*(found for child in rules.children(node.id) for found in _upwards(rules, child)), node]


def _steps(node: Criterion, rules: Rules, language: str) -> list[str]:
    """What is done at a node, a sentence for each step, in the order in which the tally takes them."""
    said: list[str] = []
    if node.combine is not None:
        said += _combine(node.combine, rules.children(node.id), language)
    if node.panel is not None:
        said += _aggregate(node.panel, language)
    if node.factor is not None:
        said.append(_factor(node.factor, rules, language))
    adjustments = sorted((a for a in rules.adjustments if a.criterion == node.id), key=lambda a: a.kind)
    said += [_adjustment(rule, rules, language) for rule in adjustments]  # bonus before deduction
    if node.round is not None:
        said.append(_rounding(node.round, language))
    _ = translator(language).gettext
    if node.at_least is not None:
        said.append(fill(_("Less than %(n)s counts as %(n)s."), n=points(node.at_least, None, language)))
    if node.at_most is not None:
        said.append(fill(_("More than %(n)s counts as %(n)s."), n=points(node.at_most, None, language)))
    return said


def _combine(rule: Combine, children: Sequence[Criterion], language: str) -> list[str]:
    _ = translator(language).gettext
    names = listed((child.name.text(language) for child in children), language)
    if rule.method == "weighted_sum":
        said = _weighted(rule, children, language)
    else:
        template = {
            "sum": _("The sum of %(names)s."),
            "mean": _("The mean of %(names)s."),
            "median": _("The median of %(names)s."),
            "min": _("The lowest of %(names)s."),
            "max": _("The highest of %(names)s."),
        }[rule.method]
        said = fill(template, names=names)
    return [said] if rule.round is None else [said, _rounding(rule.round, language)]


def _weighted(rule: Combine, children: Sequence[Criterion], language: str) -> str:
    _ = translator(language).gettext
    shares = rule.weights_sum == 1
    parts = [
        f"{child.name.text(language)} {_share(weight) if shares else '× ' + _number(weight)}"
        for child, weight in ((child, child.weight or Fraction(0)) for child in children)
    ]
    if shares:
        return fill(_("The weighted sum of %(parts)s."), parts=listed(parts, language))
    return fill(_("The sum of %(parts)s."), parts=listed(parts, language))


def _aggregate(rule: PanelAggregate, language: str) -> list[str]:
    _ = translator(language).gettext
    said = [_panel_method(rule, language)]
    if rule.method == "trimmed_mean" and rule.ties == "all":
        said.append(_("Values equal to a dropped one are dropped too."))
    if rule.minimum > 1:
        said.append(fill(_too_few(rule.below_minimum, language), n=rule.minimum))
    if rule.round is not None:
        said.append(_rounding(rule.round, language))
    return said


def _panel_method(rule: PanelAggregate, language: str) -> str:
    _ = translator(language).gettext
    if rule.method == "mean":
        return _("The mean of the sheets of an entry is taken.")
    if rule.method == "median":
        return _("The median of the sheets of an entry is taken.")
    if rule.method == "trimmed_mean":
        return fill(
            _("Of the sheets of an entry the %(high)d highest and %(low)d lowest are dropped; the rest is averaged."),
            high=rule.drop_high,
            low=rule.drop_low,
        )
    agreed = fill(
        _("The mean of the sheets of an entry is taken if they lie at most %(spread)s apart."),
        spread=points(rule.spread, None, language),
    )
    return f"{agreed} {_otherwise(rule.otherwise, language)}"


def _too_few(what: str, language: str) -> str:
    _ = translator(language).gettext
    return {
        "no_result": _("With fewer than %(n)d sheets there is no result."),
        "mean": _("With fewer than %(n)d sheets all of them are averaged."),
        "median": _("With fewer than %(n)d sheets their median is taken."),
        "refuse": _("With fewer than %(n)d sheets the tally stops."),
    }[what]


def _otherwise(what: str, language: str) -> str:
    _ = translator(language).gettext
    return {
        "no_result": _("Otherwise there is no result."),
        "mean": _("Otherwise they are averaged all the same."),
        "median": _("Otherwise their median is taken."),
        "refuse": _("Otherwise the tally stops."),
    }[what]


def _factor(factor: Factor, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    if factor.value is not None:
        return fill(_("Multiplied by %(n)s."), n=_number(factor.value))
    if factor.by_group:
        others = _("other groups")
        parts = [
            f"{others if group == '*' else group_name(rules, group, language)} × {_number(value)}"
            for group, value in factor.by_group
        ]
        return fill(_("Multiplied by group: %(parts)s."), parts=", ".join(parts))
    if factor.allowed:
        allowed = ", ".join(_number(value) for value in factor.allowed)
        return fill(_("Multiplied by the reported “%(field)s” (%(allowed)s)."), field=factor.field, allowed=allowed)
    return fill(_("Multiplied by the reported “%(field)s”."), field=factor.field)


def _adjustment(rule: Adjustment, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    bonus = rule.kind == "bonus"
    template = (
        _("Bonus “%(name)s”: the reported “%(field)s” × %(each)s is added.")
        if bonus
        else _("Deduction “%(name)s”: the reported “%(field)s” × %(each)s is taken off.")
    )
    said = fill(template, name=rule.name.text(language), field=rule.field, each=_number(rule.each))
    if rule.round is not None:
        said += " " + _rounding(rule.round, language)
    if rule.cap is not None:
        said += " " + fill(_("At most %(cap)s."), cap=points(rule.cap, None, language))
    whole = dict(rules.adjustment_caps).get(rule.kind)
    if whole is not None:
        together = _("All bonus together at most %(cap)s.") if bonus else _("All deductions together at most %(cap)s.")
        said += " " + fill(together, cap=points(whole, None, language))
    unreported = _("Nothing reported: none.") if rule.missing == "none" else _("Nothing reported: the tally stops.")
    return f"{said} {unreported}"


def _rounding(rule: Rounding, language: str) -> str:
    texts = translator(language)
    _, ngettext = texts.gettext, texts.ngettext
    if rule.places == 0:
        return {
            "half_up": _("Rounded half up to a whole number."),
            "half_even": _("Rounded half to even to a whole number."),
            "down": _("Cut off to a whole number."),
        }[rule.mode]
    template = {
        "half_up": ngettext(
            "Rounded half up to %(n)d decimal place.", "Rounded half up to %(n)d decimal places.", rule.places
        ),
        "half_even": ngettext(
            "Rounded half to even to %(n)d decimal place.", "Rounded half to even to %(n)d decimal places.", rule.places
        ),
        "down": ngettext("Cut off after %(n)d decimal place.", "Cut off after %(n)d decimal places.", rule.places),
    }[rule.mode]
    return fill(template, n=rule.places)


def _missing(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    lines = _effects(rules.missing, language)
    for leaf in rules.criteria:
        name = leaf.name.text(language)
        lines += [fill(_("At “%(name)s”, %(line)s"), name=name, line=line) for line in _effects(leaf.missing, language)]
    return [*lines, _("Nothing that is missing becomes zero by itself.")]


def _effects(found: Sequence[tuple[Missing, Effect]], language: str) -> list[str]:
    said = [(missing_words(missing, language), _effect(effect, language)) for missing, effect in found]
    return [f"{names}: {sentence}" for names, sentence in _merged(said, language)]


def _effect(effect: Effect, language: str) -> str:
    _ = translator(language).gettext
    if effect.value is not None:
        return fill(_("counts as %(n)s, as the rules declare."), n=points(effect.value, None, language))
    return {
        "leave_out": _("left out, the rest is taken."),
        "no_result": _("there is no result."),
        "refuse": _("the tally stops and names the place."),
    }[effect.kind]


def _selection(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    ranked = rules.by_id[rules.rank_by].name.text(language)
    lines = [fill(_("Ranked within each group by “%(criterion)s”, the highest first."), criterion=ranked)]
    for threshold in rules.thresholds:
        name = rules.by_id[threshold.criterion].name.text(language)
        limit = points(threshold.at_least, None, language)
        groups = listed((group_name(rules, group, language) for group in threshold.groups), language)
        lines.append(
            fill(
                _("In %(groups)s, whoever has less than %(limit)s at “%(name)s” is not selected, whatever the rank.")
                if groups
                else _("Whoever has less than %(limit)s at “%(name)s” is not selected, whatever the rank."),
                groups=groups,
                limit=limit,
                name=name,
            )
        )
    steps = [f"({n}) {_tie_break(step, rules, language)}" for n, step in enumerate(rules.tie_breaks, 1)]
    if steps:
        lines.append(fill(_("Among equals decide, in this order: %(steps)s."), steps=", ".join(steps)))
    if any(step.lot for step in rules.tie_breaks):
        lines.append(_("The lot is SHA-256 of the round's published seed and the entry: anyone can draw it again."))
    return lines


def _tie_break(step: TieBreak, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    if step.lot or step.criterion is None:
        return _("the lot")
    template = {
        ("higher", False): _("the higher “%(name)s”"),
        ("lower", False): _("the lower “%(name)s”"),
        ("higher", True): _("the higher “%(name)s” before rounding"),
        ("lower", True): _("the lower “%(name)s” before rounding"),
    }[step.prefer, step.exact]
    return fill(template, name=rules.by_id[step.criterion].name.text(language))


def _panel_limits(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    limits = [
        (rules.panel.size, _("Reviewers on the panel: %(n)s.")),
        (rules.panel.sheets_per_entry, _("Reviewers who score an entry: %(n)s.")),
        (rules.panel.load, _("Entries that a reviewer scores: %(n)s.")),
    ]
    return [fill(template, n=_range(limit, language)) for limit, template in limits if limit != Range()]


def _range(limit: Range, language: str) -> str:
    _ = translator(language).gettext
    if limit.min == limit.max:
        return str(limit.min)
    if limit.min is None:
        return fill(_("at most %(n)d"), n=limit.max)
    if limit.max is None:
        return fill(_("at least %(n)d"), n=limit.min)
    return fill(_("%(low)d to %(high)d"), low=limit.min, high=limit.max)


def _conflicts(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    said = []
    for rule in rules.conflicts:
        entrant, reviewer = (_field(name or "", language) for name in (rule.entrant, rule.reviewer))
        if rule.kind == "declared":
            template = _("%(name)s: nobody scores an entry for which they have a conflict in the register.")
        elif entrant == reviewer:
            template = _("%(name)s: nobody scores an entry with their own “%(entrant)s”.")
        else:
            template = _("%(name)s: nobody scores an entry whose “%(entrant)s” is their own “%(reviewer)s”.")
        said.append(fill(template, name=rule.name.text(language), entrant=entrant, reviewer=reviewer))
    return said


def _field(name: str, language: str) -> str:
    """A field that many rounds have, in the language; others as the round calls them."""
    _ = translator(language).gettext
    return {"region": _("region"), "group": _("group")}.get(name, name)


def _schedule(rules: Rules, language: str) -> list[str]:
    _ = translator(language).gettext
    called = {
        "call": _("Call"),
        "deadline": _("Deadline for entries"),
        "scoring_from": _("Scoring begins"),
        "scoring_until": _("Scoring ends"),
        "objections_until": _("Objections until"),
        "announcement": _("Announcement"),
    }
    return [
        f"{called.get(key, key)}: {moment_words(moment, language)} ({rules.time_zone})"
        for key, moment in rules.schedule.moments
    ]


# --- helpers, in order of use

# A particle after what is filled in; not after text of the catalogue itself, which knows its own sound.
_BOTH_FORMS = re.compile(r"(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\))")
_BRACKETS = re.compile(r"(?<=\S)\s*[(\[（][^()\[\]（）]*[)\]）]\Z")
_QUOTES = "\"'”’」』》〉"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# How digits end when they are read: 영 일 이 삼 사 오 육 칠 팔 구; tens, hundreds and thousands end closed as 영 does.
_CLOSED_DIGITS, _LIQUID_DIGITS = "013678", "178"
_CLOSED_LETTERS, _LIQUID_LETTERS = "LMNR", "LR"
_CLOSED_ENDINGS = re.compile(r"(l|m|n|ng|[aeiou][bckpt])\Z")


def _last_sound(word: str) -> tuple[bool, bool]:
    """Whether a word ends in a closed syllable when it is read in Korean, and whether that ends in ㄹ."""
    bare = _BRACKETS.sub("", word.rstrip(_QUOTES)).rstrip(_QUOTES + ")]）")
    last = bare[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final != 0, final == 8
    if last.isascii() and last.isdigit():
        return last in _CLOSED_DIGITS, last in _LIQUID_DIGITS
    if last.isascii() and last.isupper():
        return last in _CLOSED_LETTERS, last in _LIQUID_LETTERS
    return bool(_CLOSED_ENDINGS.search(bare)), last == "l"


def _as_pattern(template: str) -> re.Pattern[str]:
    """What a text looks like that was made from `template`."""
    parts = re.split(r"%\((\w+)\)s", template)
    return re.compile("".join(f"(?P<{p}>.+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL)


def _places_before_rounding(rules: Rules, node: Criterion) -> int | None:
    """Places of a node's value before its own rounding; None if a division or a reported number may give any."""
    if node.panel is not None:
        places = node.panel.round.places if node.panel.round else None
    elif node.combine is None:
        places = None
    elif node.combine.round is not None:
        places = node.combine.round.places
    elif node.combine.method in ("sum", "min", "max"):
        known = [score_places(rules, child.id) for child in rules.children(node.id)]
        places = None if None in known else max(n for n in known if n is not None)
    else:
        places = None
    if places is None or any(a.criterion == node.id and a.round is None for a in rules.adjustments):
        return None
    return _places_after_factor(places, node.factor)


def _places_after_factor(places: int, factor: Factor | None) -> int | None:
    if factor is None:
        return places
    values = [factor.value] if factor.value is not None else [value for _, value in factor.by_group]
    values = values or list(factor.allowed)
    return places + max(decimal_places(value) for value in values) if values else None


def _by_sentence(
    nodes: Iterable[Criterion], language: str, sentences: Callable[[Criterion], list[str]]
) -> list[tuple[str, str]]:
    return [(node.name.text(language), " ".join(sentences(node))) for node in nodes]


def _merged(said: Iterable[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Names of which the same is said stand together, at the first of them."""
    names: dict[str, list[str]] = {}
    for name, sentence in said:
        names.setdefault(sentence, []).append(name)
    return [(listed(found, language), sentence) for sentence, found in names.items()]


def _number(value: Fraction) -> str:
    return format_score(value, None)


def _share(share: Fraction) -> str:
    """20%, or a fraction where there is no short decimal."""
    hundredfold = share * 100
    try:
        short = decimal_places(hundredfold) <= 4
    except ValueError:
        short = False
    return f"{decimal_text(hundredfold)}%" if short else f"{share.numerator}/{share.denominator}"
