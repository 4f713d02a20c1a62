"""The mark that a text in a table means, on the scale of its criterion."""

from __future__ import annotations

from fractions import Fraction

from simsa.rules import AmbiguousError, Criterion, Levels, exact_text


class NoMarkError(ValueError):
    """A text that is no mark of a criterion; `what` is wrong, and a `hint` of what is allowed."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def mark_of(leaf: Criterion, text: str, number: Fraction | None) -> Fraction:
    """The mark that `text` means at a leaf, which is read as `number`, if it is one. NoMarkError."""
    scale = leaf.scale
    assert scale is not None
    if number is None and not isinstance(scale, Levels):
        raise NoMarkError("is not a decimal number", "for example 8.5")
    try:
        found = scale.meant(text, number)
    except AmbiguousError:
        raise NoMarkError("is the name of one level and the value of another", allowed(leaf)) from None
    if found is None:
        raise NoMarkError(f"is not on the scale of {leaf.id!r}", allowed(leaf))
    return found


def allowed(leaf: Criterion) -> str:
    """The marks of a leaf."""
    scale = leaf.scale
    assert scale is not None
    if isinstance(scale, Levels):
        return f"one of {', '.join(f'{level.id} ({exact_text(level.value)})' for level in scale.levels)}"
    low, high, step = (exact_text(one) for one in (scale.min, scale.max, scale.step))
    return f"from {low} to {high} in steps of {step}"
