"""The first page of a bundle, for people: made from the rest of it, and made again by whoever checks it."""

from __future__ import annotations

from collections.abc import Mapping

from simsa.record.bundle.contents import Tier
from simsa.record.checkpoints import Checkpoint
from simsa.record.notes import encoded
from simsa.record.story import Story

PATH = "README.txt"
_END = """
To check it / 확인하는 법: simsa verify FILE, or drop the file on the page "simsa verifier" in a browser.
Do not believe this page: the verifier makes it again. / 이 쪽을 믿지 말고 검증기로 다시 만들어 보십시오.
"""


def first_page(story: Story, tier: Tier, names: Mapping[str, str], language: str, checkpoint: Checkpoint) -> str:
    """`names` of the round by language, `language` of the rules."""
    freeze = story.last("freeze")
    assert freeze is not None
    lines = [
        "simsa bundle / 심사 검증꾸러미",
        "",
        f"Round / 회차: {chosen(names, language, story.round)} ({story.round})",
        f"Tier / 단계: {tier}",
    ]
    if freeze.content["synthetic"]:
        lines.append(f"Synthetic data / 가상 자료: {_one_line(freeze.content['synthetic'])}")
    lines += [
        f"Rules / 평가규칙: {story.rules_in_force}",
        f"Record / 기록: {checkpoint.size} leaves, root {encoded(checkpoint.root)}",
        "",
        "Result / 결과",
        *_winners(story, language),
    ]
    return "\n".join(lines) + "\n" + _END


def chosen(names: Mapping[str, str], language: str, otherwise: str) -> str:
    """The name in a language, else in English, else the first by the code of its language; on one line."""
    found = names.get(language) or names.get("en") or (names[min(names)] if names else otherwise)
    return _one_line(found)


def entry_names(story: Story, language: str) -> dict[str, str]:
    """What entries are called, by id."""
    entries = story.last("entries")
    rows = entries.content["entries"] if entries is not None else []
    return {row["id"]: chosen(row["name"], language, row["id"]) for row in rows}


def _winners(story: Story, language: str) -> list[str]:
    result = story.result
    if result is None:
        return ["none yet / 아직 없음"]
    called = entry_names(story, language)
    found = [
        f"{row['group']}: {row['rank']}. {called.get(row['entry'], row['entry'])} ({row['entry']}) {row['score']}"
        for row in result.content["standings"]
        if row["outcome"] == "selected"
    ]
    return found or ["nobody / 없음"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
