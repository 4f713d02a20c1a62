"""The demo's round that is being scored says of every criterion what its marks mean, in both languages."""

from __future__ import annotations

from simsa.rules import Levels, parse
from simsa.web.programmes.drafting.document import Document
from simsa.web.site.demo_scales import with_meanings
from tests.rules.complete import EXAMPLES


def test_every_criterion_says_what_its_marks_mean() -> None:
    rules = parse(with_meanings(Document((EXAMPLES / "proactive" / "rules.toml").read_text(encoding="utf-8"))).text)
    kinds = {type(leaf.scale) for leaf in rules.leaves}
    assert len(kinds) == 2
    for leaf in rules.leaves:
        told = leaf.scale.levels if isinstance(leaf.scale, Levels) else leaf.scale.anchors
        assert len(told) == 4
        assert {key for one in told for key, _text in (*one.name.by_language, *one.description.by_language)} == {
            "ko",
            "en",
        }
