"""Rules of small rounds, each drawn from a generator that it is given: the same generator, the same rules."""

from __future__ import annotations

from random import Random

from simsa.rules import Missing, Rules, parse

KINDS = ("tally", "tally", "tally", "calibrated", "lottery")
"""What fills the places: the exact tally, the official calibrated score, or lots where the panel cannot tell."""
GROUPS = ("city", "군")


def drawn_rules(rng: Random, kind: str) -> Rules:
    """Two levels of criteria; panels, roundings, tie-breaks and all that `kind` allows."""
    level = rng.choice(["leaf", "inner", "root"])
    alone = kind != "tally"  # the panel's marks alone make the ranks
    indicator = not alone and level != "root" and rng.random() < 0.6
    outer = rng.choice(["weighted_sum", "mean"] if level == "root" or alone else ["weighted_sum", "mean", "sum"])
    each = rng.random() < 0.2
    text = [
        'simsa_rules = 1\nround = { id = "2026-1", time_zone = "Asia/Seoul", '
        + f'name = {{ ko = "작은 평가", en = "Small round" }}, language = "{rng.choice(["ko", "en"])}" }}',
        *_groups(rng, each),
        "[missing]",
        *(f"{why.value} = {_effect(rng, why, outer)}" for why in Missing),
        *_tree(rng, level, outer, indicator, alone, each),
    ]
    if not alone:
        text += _adjustments(rng) + _thresholds(rng, level)
    which = "own" if kind == "calibrated" and rng.random() < 0.15 else "alike"  # which is sooner computed
    text.append(f'[calibration]\nreviewers = "{which}"')
    if kind == "calibrated":
        text.append(f"official = true\nround = {{ places = {rng.randint(1, 3)} }}")
    if kind == "lottery":
        text.append(f'[lottery]\nconfidence = "{rng.choice(["0.6", "0.9"])}"\ndraws = 1000')
    text += _tie_breaks(rng, kind, level)
    return parse("\n".join([*text, *(() if alone else _vote(Random("".join(text))))]))


def _groups(rng: Random, each: bool) -> list[str]:
    def quota() -> str:
        return rng.choice(["1", "2", "{ best = true }", '{ share = "0.3" }', '{ share = "0.3", rounding = "up" }'])

    if each:
        return [f"[each_group]\nquota = {quota()}"]
    found = []
    for name in GROUPS:
        own = quota()
        found.append(f'[[group]]\nid = "{name}"\nquota = {own}')
        if "best" not in own and rng.random() < 0.5:
            found.append(f"reserve = {rng.randint(1, 2)}")
        if rng.random() < 0.3:
            found.append(f'award_floor = "{rng.choice(["4.5", "6"])}"\nno_award = true')
    return found


def _effect(rng: Random, why: Missing, outer: str) -> str:
    if why is Missing.ABSTAINED and rng.random() < 0.2:
        return '"refuse"'
    if outer == "sum":
        return rng.choice(['"no_result"', '{ value = "7" }'])
    return rng.choice(['"leave_out"', '"leave_out"', '"no_result"', '{ value = "7" }'])


def _panel(rng: Random) -> str:
    method = rng.choice(["mean", "median", "trimmed_mean", "consensus"])
    text = f'method = "{method}"'
    if method == "trimmed_mean":
        ties = rng.choice(["one", "all"])
        text += f', drop_high = 1, drop_low = {rng.randint(0, 1)}, ties = "{ties}", minimum = 3'
        text += f', below_minimum = "{rng.choice(["no_result", "mean", "median"])}"'
    if method == "consensus":
        text += f', spread = "{rng.choice(["0", "1.5", "6"])}"'
        text += f', otherwise = "{rng.choice(["no_result", "mean", "median"])}"'
    if rng.random() < 0.3:
        text += f", round = {{ places = {rng.randint(0, 2)} }}"
    return f"panel = {{ {text} }}"


def _round(rng: Random) -> list[str]:
    if rng.random() < 0.5:
        return []
    return [f'round = {{ places = {rng.randint(0, 2)}, mode = "{rng.choice(["half_up", "half_even", "down"])}" }}']


def _scale(rng: Random, step: str) -> str:
    """Even steps, some with anchors; or levels that are not evenly apart."""
    if rng.random() < 0.3:
        levels = [("수", "9.5"), ("A+", "7"), ("B", "6.25"), ("가", "1")][: rng.randint(2, 4)]
        if rng.random() < 0.5:
            levels.reverse()
        told = ", ".join(f'{{ id = "{key}", value = "{value}" }}' for key, value in levels)
        return f"scale = {{ levels = [{told}] }}"
    anchors = ', anchors = [{ at = 10, name = "탁월" }, { at = 0, name = "미흡" }]' if rng.random() < 0.3 else ""
    return f"scale = {{ min = 0, max = 10, step = {step!r}{anchors} }}"


def _tree(rng: Random, level: str, outer: str, indicator: bool, alone: bool, each: bool) -> list[str]:
    inner = rng.choice(["weighted_sum", "mean", "median", "min", "max"])
    step = rng.choice(["0.5", "1", "2"])
    shares = ["0.5", "0.3", "0.2"] if indicator else ["0.7", "0.3"]

    def weight(n: int) -> list[str]:
        return [f'weight = "{shares[n]}"'] if outer == "weighted_sum" else []

    def panel(at: str) -> list[str]:
        return [_panel(rng)] if at == level else []

    def leaf(name: str, own: list[str], parent: str = "") -> list[str]:
        place = [f'parent = "{parent}"'] if parent else []
        return ["[[criterion]]", f'id = "{name}"', *place, _scale(rng, step), *own]

    at_most = ['at_most = "9.5"'] if not alone and rng.random() < 0.3 else []
    by_group = '{ by_group = { "*" = "0.9" } }' if each else '{ by_group = { city = 1, "군" = "0.9" } }'
    factor = ["factor = " + rng.choice(['"1.2"', '{ field = "effort" }', by_group])]
    inner_weights = (['weight = "0.4"'], ['weight = "0.6"']) if inner == "weighted_sum" else ([], [])
    tree = ["[[criterion]]", 'id = "total"', f'combine = {{ method = "{outer}" }}', *panel("root")]
    tree += [*_round(rng), *at_most]
    tree += ["[[criterion]]", 'id = "work"', *weight(0), f'combine = {{ method = "{inner}" }}', *panel("inner")]
    tree += _round(rng) + (factor if not alone and level != "root" and rng.random() < 0.4 else [])
    for name, own in zip(("p", "질"), inner_weights, strict=True):
        tree += leaf(name, [*own, *panel("leaf")], "work")
    tree += leaf("idea", [*weight(1), *([_panel(rng)] if level != "root" else [])])
    if indicator:
        rule = rng.choice(_INDICATORS)
        tree += ["[[criterion]]", 'id = "jobs"', *weight(2), rule]
        tree += ['[constants]\nease = "1.25"'] if "ease" in rule else []
    return tree


_RANK = 'indicator = { method = "rank", field = "jobs", '
_PERCENTILE = 'indicator = { method = "percentile", field = "jobs", '
_TARGET = 'indicator = { method = "target", '
_STEP = 'indicator = { method = "step", '
_INDICATORS = (
    _RANK + 'better = "higher", points = { min = 1, max = 10 } }',
    _RANK + 'better = "lower", within = "round", ties = "best", points = { min = 0, max = 5 } }',
    'indicator = { method = "linear", field = "jobs", worst = 0, best = 20, points = { min = 1, max = 10 } }',
    'indicator = { method = "reported", field = "jobs" }',
    _PERCENTILE + 'counts = "worse", within = "round", better = "lower" }',
    _PERCENTILE + 'counts = "middle", round = { places = 1 } }',
    _PERCENTILE + 'counts = "not_better", points = { max = 10 } }',
    _TARGET + 'field = "jobs", target = 10, cap = "1.2", points = { min = 1, max = 10 } }',
    _TARGET + 'formula = "jobs / (late - 2)", target = 5, better = "lower", round = { places = 2, mode = "down" } }',
    _STEP + 'field = "jobs", steps = [{ at = "7.5", points = 6 }, { at = 12, points = 9 }], boundary = "above" }',
    _STEP + 'formula = "jobs - effort", steps = [{ at = 2, points = 8 }], boundary = "below", base = -1 }',
    'indicator = { method = "formula", formula = "if(late > 2, min(jobs, 9), round(jobs / effort, 1) * ease)" }',
)


def _adjustments(rng: Random) -> list[str]:
    found = []
    if rng.random() < 0.4:
        found += ["[[adjustment]]", 'id = "late"', 'kind = "deduction"', 'each = "0.1"', "cap = 1", 'missing = "none"']
    if rng.random() < 0.3:
        found += ["[[adjustment]]", 'id = "swift"', 'kind = "bonus"', 'formula = "max(0, jobs - 8) / effort"']
        found += ['each = "0.25"', "round = { places = 1 }", 'missing = "none"']
    if rng.random() < 0.3:
        found += ["[[adjustment]]", 'id = "extra"', 'kind = "bonus"', "round = { places = 1 }", 'missing = "none"']
        found += ["[adjustment_caps]", 'bonus = "0.5"']
    return found


def _thresholds(rng: Random, level: str) -> list[str]:
    if rng.random() < 0.6:
        return []
    criterion = "total" if level == "root" else "work"
    return ["[[threshold]]", f'criterion = "{criterion}"', f"at_least = {rng.randint(2, 5)}"]


def _vote(rng: Random) -> list[str]:
    """In half of the rounds, from a generator of its own, so that the others stay as they were."""
    if rng.random() < 0.5:
        return []
    kind, most = rng.choice(["ranked", "ranked", "approval", "score"]), rng.randint(1, 4)
    text = [f'[vote]\nvoters = "public"\nballot = "{kind}"\nchoices = {{ min = 1, max = {most} }}']
    text += ["opens = 2026-01-01T09:00:00", "closes = 2026-01-08T18:00:00"]
    if kind == "score":
        text.append('scale = { min = -1, max = 4, step = "0.5" }')
    if kind == "ranked" and rng.random() < 0.5:
        text.append(f"points = {[*range(2 * most, most, -1)]}")
    bonus = rng.choice(["vote_named", "vote_points", "vote_ballots"])
    text += ['[[adjustment]]\nid = "citizens"\nkind = "bonus"', f'field = "{bonus}"', 'each = "0.05"\nmissing = "none"']
    return text


def _tie_breaks(rng: Random, kind: str, level: str) -> list[str]:
    found = []
    if kind == "calibrated":
        found += ["[[tie_break]]", 'criterion = "total"']
    elif rng.random() < 0.3:
        found += ["[[tie_break]]", 'criterion = "total"', "exact = true"]
    if level != "root" and rng.random() < 0.4:
        found += ["[[tie_break]]", 'criterion = "work"', f'prefer = "{rng.choice(["higher", "lower"])}"']
    return [*found, "[[tie_break]]", "lot = true"]
