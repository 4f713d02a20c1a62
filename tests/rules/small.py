"""A small, complete rules file that tests change piece by piece."""

SMALL = """
simsa_rules = 1

[round]
id = "small"
name = { ko = "작은 평가", en = "Small round" }
time_zone = "Asia/Seoul"

[[group]]
id = "a"
size = 4
quota = 1

[[group]]
id = "b"
quota = 2
reserve = 1

[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"

[[criterion]]
id = "total"
combine = { method = "weighted_sum" }
round = { places = 2, mode = "half_up" }

[[criterion]]
id = "idea"
weight = "0.4"
scale = { min = 0, max = 10, step = "0.5" }
panel = { method = "mean" }

[[criterion]]
id = "work"
weight = 0.6
scale = { min = 0, max = 10, step = "0.5" }
panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }

[[tie_break]]
criterion = "work"

[[tie_break]]
lot = true
"""

OFFICIAL = "[calibration]\nofficial = true\nround = { places = 2 }\n\n[missing]"
"""In the place of `[missing]`: the calibrated score is the official one."""

_VOTE = """[vote]
voters = "public"
ballot = "ranked"
choices = { min = 1, max = 3 }
opens = 2124-02-01T09:00:00
closes = 2124-02-08T18:00:00

[[criterion]]
id = "citizens"
weight = "0.25"
indicator = { method = "formula", formula = "10 * vote_points / (3 * vote_ballots)", round = { places = 4 } }
missing = { not_applicable = { value = 0 } }

[missing]"""
"""In the place of `[missing]`: a vote of the public."""

HIDING = '[sight.reviewer]\nentrant = "announced"\n\n[missing]'
"""In the place of `[missing]`: reviewers score without knowing whose an entry is."""


def changed(old: str, new: str, text: str = SMALL) -> str:
    """The file with one piece replaced; the piece must be there."""
    assert old in text, old
    return text.replace(old, new, 1)


def voted(text: str = SMALL) -> str:
    """With a vote of the public, whose weight is taken from another criterion."""
    return changed('weight = "0.4"', 'weight = "0.15"', changed("[missing]", _VOTE, text))
