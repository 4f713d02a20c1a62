"""What would change a result: a move of weight, or a single reviewer's sheets, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from simsa.engine.selection import WeightChange
from simsa.rules import Rules, exact_text
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator

_NAMED = 3  # names before "and N more"


def weight_words(change: WeightChange | None, rules: Rules, names: Sequence[str], language: str = "ko") -> str:
    """How far weights may move in a group before a winner changes. `names`: of the entries, by position."""
    _ = translator(language).gettext
    if change is None or change.length is None or change.up is None:
        return _("No move of weight that was tried changes who is selected.")
    called = [rules.by_id[node].name.text(language) for node in (*change.down, change.up)]
    node = rules.by_id[change.node].name.text(language)
    if not change.length:
        said = _("A move of weight at “%(node)s”, however small, changes who is selected.")
    elif change.exact:
        said = _("Up to %(length)s of the weight of “%(node)s” may move, whichever way, and nobody changes places.")
    else:
        said = _("The shortest move found at “%(node)s” is %(length)s of the weight.")
        if change.safe >= Fraction(1, 1000):
            said += " " + _("Below %(safe)s none does it, whichever way.")
    first = fill(said, length=_thousandths(change.length), safe=_thousandths(change.safe), node=node)
    move = fill(
        _("More for “%(up)s” and less for %(down)s:"),
        up=called[-1],
        down=listed((fill(_("“%(name)s”"), name=name) for name in called[:-1]), language),
    )
    return (
        f"{first} {move} {swap_words([names[n] for n in change.leaves], [names[n] for n in change.enters], language)}"
    )


def swap_words(leaves: Sequence[str], enters: Sequence[str], language: str = "ko") -> str:
    """Who loses a place to whom."""
    _ = translator(language).gettext
    out, into = listed(leaves, language, _NAMED), listed(enters, language, _NAMED)
    if out and into:
        return fill(_("%(out)s loses a place to %(into)s."), out=out, into=into)
    return fill(_("%(out)s loses a place."), out=out) if out else fill(_("%(into)s gains a place."), into=into)


def _thousandths(share: Fraction) -> str:
    """A share of the weight in per cent, never more than it is: "13.3%"."""
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10}%" if tenths or not share else "<0.1%"


def weights_text(change: WeightChange) -> str:
    """The weights after the move, exact, as `criterion=weight` apart by `;`."""
    return "; ".join(f"{node}={exact_text(weight)}" for node, weight in change.weights)
