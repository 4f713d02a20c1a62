"""What tests of words share: a small round, the examples, and what no sentence may still hold."""

from __future__ import annotations

import re
from pathlib import Path

from simsa.rules import parse
from simsa.tables import words
from tests.rules.small import SMALL

EXAMPLES = Path(__file__).parents[3] / "examples"
LANGUAGES = words.LANGUAGES
RULES = parse(SMALL)
BOTH_FORMS = re.compile(r"은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|%\(\w+\)[sd]|%%")
