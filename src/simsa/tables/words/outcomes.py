"""The outcome of an entrant, and why: a sentence with the numbers that decided."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from simsa.engine.selection import Cause, Outcome, Reason
from simsa.rules import Rules
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points, rank_words
from simsa.tables.words.places import score_places
from simsa.tables.words.rules.selection import tie_break_words

_NAMED = 3  # names before "and N more"


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
        return " ".join(said for said in (self.outcome_sentence(), self.beside()) if said)

    def beside(self) -> str:
        """Where the calibrated score is the official one: the tally, and how it would rank."""
        reason = self.reason
        if reason.tally is None or reason.tally_rank is None:
            return ""
        return fill(
            self.texts.gettext(
                "The score is the calibrated one; by the plain tally, %(tally)s, it would rank %(rank)s."
            ),
            tally=points(reason.tally, score_places(self.rules, self.rules.rank_by), self.language),
            rank=rank_words(reason.tally_rank, self.language),
        )

    def outcome_sentence(self) -> str:
        cause = self.reason.cause
        if cause is Cause.NO_RESULT:
            return self.unranked()
        if cause is Cause.THRESHOLD:
            return self.below_threshold()
        if cause is Cause.AWARD_FLOOR:
            return self.below_floor()
        if self.reason.drawn:
            return self.after_lottery()
        return self.by_rank() if cause is Cause.RANK else self.among_equals()

    def after_lottery(self) -> str:
        """Where the rules fill the places of the tie zone by lot."""
        _ = self.texts.gettext
        if self.reason.cause is Cause.CERTAIN:
            return self.say(
                _(
                    "Ranked %(rank)s of %(size)d with %(score)s, and certain by the panel's sheets: selected without "
                    "a lot."
                )
            )
        if self.reason.cause is Cause.OUT:
            if self.outcome == "reserve":
                return self.say(
                    _("Ranked %(rank)s of %(size)d with %(score)s, behind the tie zone: reserve no. %(position)d.")
                )
            return self.say(
                _("Ranked %(rank)s of %(size)d with %(score)s, behind the tie zone: not selected, and no lot drawn.")
            )
        if self.outcome == "selected":
            return self.say(
                _(
                    "Ranked %(rank)s of %(size)d with %(score)s, one of %(drawing)d that drew lots because the sheets "
                    "cannot tell them apart (%(drawn)d won): selected by lot."
                )
            )
        if self.outcome == "reserve":
            return self.say(
                _(
                    "Ranked %(rank)s of %(size)d with %(score)s, one of %(drawing)d that drew lots because the sheets "
                    "cannot tell them apart (%(drawn)d won): reserve no. %(position)d by lot."
                )
            )
        return self.say(
            _(
                "Ranked %(rank)s of %(size)d with %(score)s, one of %(drawing)d that drew lots because the sheets "
                "cannot tell them apart (%(drawn)d won): not selected by lot."
            )
        )

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
            rank=rank_words(reason.rank or 0, self.language, shared=reason.shared > 0),
            size=reason.size,
            places=reason.places,
            position=reason.position,
            drawn=reason.drawn,
            drawing=reason.tied + 1,
            score=points(reason.score, self.rules, self.language),
            line=points(reason.line, self.rules, self.language),
            gap=points(self.gap(), self.rules, self.language),
            limit=points(reason.limit, None, self.language),
            value=points(self.value, score_places(self.rules, reason.criterion) if known else None, self.language),
            criterion=self.rules.by_id[reason.criterion or ""].name.text(self.language) if known else "",
            tie_break=self.tie_break(),
            tied=listed(
                [self.names.get(entry, entry) for entry in reason.tied_with],
                self.language,
                _NAMED,
                total=max(reason.tied, len(reason.tied_with)),
            ),
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

    def tie_break(self) -> str:
        steps = [step for step in self.rules.tie_breaks if step.criterion == self.reason.criterion and not step.lot]
        return tie_break_words(steps[0], self.rules, self.language) if steps else ""
