"""The public vote, in sentences."""

from __future__ import annotations

from simsa.rules import Rules, exact_text
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.moments import moment_words


def vote_lines(rules: Rules, language: str) -> list[str]:
    """Who votes, when, on how many entries, and what a ballot gives; nothing where the rules have no vote."""
    vote = rules.vote
    if vote is None:
        return []
    _ = translator(language).gettext
    opens, closes = (moment_words(moment, language) for moment in (vote.opens, vote.closes))
    lines = [
        _("Everybody who confirms an e-mail address votes once.")
        if vote.voters == "public"
        else _("Those who are invited vote once each."),
        fill(_("From %(opens)s until %(closes)s (%(zone)s)."), opens=opens, closes=closes, zone=rules.time_zone),
    ]
    least, most = vote.choices.min, vote.choices.max
    if most is None:
        lines.append(fill(_("A ballot names at least %(n)d."), n=least))
    elif least == most:
        lines.append(fill(_("A ballot names exactly %(n)d."), n=most))
    else:
        lines.append(fill(_("A ballot names %(least)d to %(most)d."), least=least, most=most))
    if vote.ballot == "ranked":
        worth = ", ".join(exact_text(one) for one in vote.worth)
        lines.append(fill(_("They are named in order; the places are worth %(points)s points."), points=worth))
    elif vote.ballot == "approval":
        lines.append(_("Whoever is named gets 1 point."))
    elif vote.scale is not None:
        low, high, step = (exact_text(one) for one in (vote.scale.min, vote.scale.max, vote.scale.step))
        lines.append(
            fill(_("Each gets %(low)s to %(high)s points, in steps of %(step)s."), low=low, high=high, step=step)
        )
    return lines
