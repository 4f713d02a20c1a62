"""To how many decimal places a score is shown: as many as the rules round to."""

from __future__ import annotations

from simsa.rules import Criterion, Factor, Rules, decimal_places


def score_places(rules: Rules, node: str | None = None) -> int | None:
    """Decimal places that the rules give the values of `node`, by default the official score.

    None where the rules do not round, so that a value may have any number of places, or no decimal form at all.
    """
    calibrated = rules.calibration.round if rules.calibration.official and node is None else None
    if calibrated is not None:
        return calibrated.places
    found = rules.by_id[node or rules.rank_by]
    places = found.round.places if found.round else _places_before_rounding(rules, found)
    limits = [decimal_places(limit) for limit in (found.at_least, found.at_most) if limit is not None]
    return None if places is None else max([places, *limits])


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
