"""Rules that together say everything that rules can say; and the places in the content of a canonical form."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simsa.rules import load, parse
from tests.rules.small import OFFICIAL, SMALL, changed

EXAMPLES = Path(__file__).parents[2] / "examples"

EVERYTHING_BUT_LOTS = """
simsa_rules = 1
round = { id = "all", name = "모두", programme = "yearly", time_zone = "Asia/Seoul", language = "en", rank_by = "work" }

[entries]
text_limit = 1000
cases = { min = 1, max = 3 }
files = 5
mebibytes = 20
zip = true
peers = "object"
currency = "KRW"

[[entries.exchange]]
currency = "USD"
rate = "1272.5"
date = 2023-06-30

[sight.reviewer]
entrant = "meeting"
reviewers = "scoring"
marks = "meeting"
comments = "meeting"

[sight.entrant]
marks = "announced"
comments = "closed"

[sight.observer]
reviewers = "meeting"

[vote]
voters = "invited"
ballot = "ranked"
opens = 2024-02-01T09:00:00
closes = 2024-02-08T18:00:00
choices = { min = 2, max = 3 }
points = [5, "2.5", 1]

[meeting]
criterion = "idea"
spread = "2.5"
marks = "change"

[schedule]
call = 2024-01-01T09:00:00
deadline = 2024-01-31T18:00:00
grace_until = 2024-01-31T18:10:00
announcement = 2024-03-01T00:00:00

[[group]]
id = "kind"
name = { ko = "종류", en = "Kind" }
quota = { share = "0.25", rounding = "up" }
size = 9
award_floor = -1
no_award = true
reserve = 2

[[group]]
id = "value"
quota = { best = true }

[missing]
not_submitted = "refuse"
not_applicable = { value = "1.5" }
abstained = "no_result"
recused = "leave_out"

[[criterion]]
id = "total"
combine = { method = "weighted_sum", weights_sum = 10, round = { places = 3, mode = "down" } }
factor = { field = "effort", allowed = [2, "0.5", 1] }
at_most = 1000

[[criterion]]
id = "work"
weight = "2.5"
combine = { method = "mean" }
at_least = "-0.5"
round = { places = 0 }
factor = { by_group = { value = "1.5", kind = 1 } }

[[criterion]]
id = "idea"
parent = "work"
description = "What is new"
scale = { min = 0, max = 10, step = "0.25" }
missing = { abstained = { value = 1 }, recused = "no_result" }
panel = { method = "trimmed_mean", drop_high = 1, drop_low = 2, ties = "all", minimum = 5, below_minimum = "mean" }

[[criterion]]
id = "care"
parent = "work"
factor = -1
scale = { min = 1, max = 3, step = 1 }
panel = { method = "consensus", spread = "1.5", otherwise = "median", round = { places = 1 } }

[[criterion]]
id = "jobs"
weight = 5
indicator = { method = "rank", field = "jobs", better = "lower", within = "round", ties = "best", points = { min = 1 } }

[[criterion]]
id = "money"
weight = "2.5"
indicator = { method = "linear", field = "won", worst = 0, best = "9.5", points = { min = 1, max = 5 } }

[[adjustment]]
id = "late"
kind = "deduction"
criterion = "work"
field = "days"
each = "0.1"
cap = 3
missing = "none"
round = { places = 1, mode = "half_even" }

[[adjustment]]
id = "citizens"
kind = "bonus"
criterion = "total"
field = "vote_points"
each = "0.01"
cap = 5

[adjustment_caps]
deduction = 2

[[threshold]]
criterion = "jobs"
at_least = 2
groups = ["kind"]

[panel]
size = { min = 5, max = 20 }
sheets_per_entry = 5
load = { max = 12 }
[[panel.kind]]
id = "pool"
reviewer = "pool"
values = ["b", "a"]
per_entry = { min = 1 }

[[conflict]]
id = "home"
kind = "same"
reviewer = "region"
entrant = "place"

[[tie_break]]
criterion = "jobs"
prefer = "lower"
[[tie_break]]
criterion = "work"
exact = true
[[tie_break]]
lot = true
"""
LOTS = '[lottery]\nconfidence = "0.9"\ndraws = 2000\n\n[missing]'
HELD_BACK = """[panel]
sheets_per_entry = 3
[adaptive]
held_back = "0.4"
batches = 2
most_per_entry = 5
least_gain = "0.01"

[missing]"""
EACH = '[[group]]\nid = "a"\nsize = 4\nquota = 1\n\n[[group]]\nid = "b"\nquota = 2\nreserve = 1\n'
IN_LEVELS = """
[criterion.scale]
levels = [
  { id = "수", value = 95, description = { ko = "흠잡을 데 없다", en = "Without a flaw" } },
  { id = "A+", name = { ko = "우", en = "Good" }, value = "87.5" },
  { id = "가", value = -1 },
]
"""
ANCHORED = """
[criterion.scale]
min = 0
max = 10
step = "0.5"
[[criterion.scale.anchors]]
at = 10
name = { ko = "탁월", en = "Outstanding" }
description = "모든 기관이 따라 할 만하다"
[[criterion.scale.anchors]]
at = "2.5"
name = "미흡"
"""
BY_NUMBERS = """
simsa_rules = 1
round = { id = "numbers", name = "수치", time_zone = "Asia/Seoul" }

[[group]]
id = "a"
quota = 1

[constants]
rate = "1300.5"
"기준" = 3

[units]
spent = "백만원"
"집행률(%)" = "%"

[missing]
not_submitted = "no_result"
not_applicable = { value = 0 }
abstained = "leave_out"
recused = "leave_out"

[[criterion]]
id = "total"
combine = { method = "mean" }

[[criterion]]
id = "place"
indicator = { method = "percentile", field = "집행률(%)", counts = "middle", within = "round", better = "lower" }

[[criterion]]
id = "goal"
[criterion.indicator]
method = "target"
formula = "round(spent / planned * 100, 1)"
target = "98.5"
cap = "1.2"
better = "lower"
points = { min = -1, max = 5 }
round = { places = 3, mode = "half_even" }

[[criterion]]
id = "steps"
[criterion.indicator]
method = "step"
field = "days"
steps = [{ at = -1, points = 5 }, { at = "0.5", points = -3 }, { at = 8, points = 4 }]
boundary = "below"
base = 10

[[criterion]]
id = "other"
[criterion.indicator]
method = "step"
formula = "if([집행률(%)] >= 기준, min(-spent, planned), max(2 * 기준, 0.5, spent - (planned - 1)))"
steps = [{ at = 0, points = 1 }]
boundary = "above"

[[criterion]]
id = "money"
indicator = { method = "formula", formula = "usd * rate / 100 + (1 - days) * 2 / 7" }

[[adjustment]]
id = "late"
kind = "deduction"
formula = "max(0, days - 3) / planned"
each = "0.5"
cap = 2
missing = "none"
round = { places = 2 }

[[tie_break]]
lot = true
"""
VOTES = """[vote]
voters = "public"
ballot = "score"
scale = { min = 0, max = 5, step = "0.5" }
choices = { min = 1 }
opens = 2024-02-01T09:00:00
closes = 2024-02-08T18:00:00

[[adjustment]]
id = "citizens"
kind = "bonus"
criterion = "total"
formula = "vote_points / max(1, vote_named)"
each = "0.1"
missing = "none"
round = { places = 4 }

[missing]"""
MEAN = 'panel = { method = "mean" }\n'
TRIMMED = 'panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }\n'
LEVELLED = (
    SMALL.replace('scale = { min = 0, max = 10, step = "0.5" }\n', "")
    .replace(MEAN, MEAN + ANCHORED)
    .replace(TRIMMED, TRIMMED + IN_LEVELS)
)
"""Marks with anchors at one criterion, and levels at the other."""
TEXTS = (
    EVERYTHING_BUT_LOTS,
    SMALL,
    changed("[missing]", LOTS),
    changed("[missing]", HELD_BACK),
    changed("[missing]", OFFICIAL.replace("official = true", 'official = true\nreviewers = "alike"\ndigits = 6')),
    changed(EACH, '[each_group]\nquota = { share = "0.1" }\n'),
    changed("[missing]", VOTES),
    LEVELLED,
    BY_NUMBERS,
)
RULES = [*map(parse, TEXTS), *(load(path) for path in sorted(EXAMPLES.glob("*/rules.toml")))]


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))
