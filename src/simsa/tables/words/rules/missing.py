"""Missing values in sentences: what they are called, and what each of them does."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.rules import Effect, Missing, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points
from simsa.tables.words.rules.merging import merged


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


def missing_lines(rules: Rules, language: str) -> list[str]:
    """What each missing value does, by default and at single criteria."""
    _ = translator(language).gettext
    lines = [line[:1].upper() + line[1:] for line in _effects(rules.missing, language)]
    for leaf in rules.criteria:
        name = leaf.name.text(language)
        lines += [fill(_("At “%(name)s”, %(line)s"), name=name, line=line) for line in _effects(leaf.missing, language)]
    return [*lines, _("Nothing that is missing becomes zero by itself.")]


def _effects(found: Sequence[tuple[Missing, Effect]], language: str) -> list[str]:
    said = [(missing_words(missing, language), _effect(effect, language)) for missing, effect in found]
    return [f"{names}: {sentence}" for names, sentence in merged(said, language)]


def _effect(effect: Effect, language: str) -> str:
    _ = translator(language).gettext
    if effect.value is not None:
        return fill(_("counts as %(n)s, as the rules declare."), n=points(effect.value, None, language))
    return {
        "leave_out": _("left out, the rest is taken."),
        "no_result": _("there is no result."),
        "refuse": _("the tally stops and names the place."),
    }[effect.kind]
