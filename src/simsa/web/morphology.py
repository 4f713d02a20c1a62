"""The words of Korean texts, by Kiwi, in a process of its own: its model takes half a gigabyte while it is needed.

Kiwi (github.com/bab2min/Kiwi) is an extra, `simsa[korean]`; without it searches go by letters alone.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence

_KEPT = ("N", "VV", "VA", "XR", "SL", "SH", "SN", "MAG")
"""Parts of speech that carry meaning: nouns, verbs, adjectives, roots, foreign words, numbers, adverbs."""
_LIMIT = 600


class MorphologyError(RuntimeError):
    """The morphology is not installed, or it failed; the message says which."""


def installed() -> bool:
    return importlib.util.find_spec("kiwipiepy") is not None


def morphemes(texts: Sequence[str]) -> list[str]:
    """The different words of each text, each between spaces. Takes some seconds, whatever the number of texts."""
    found = [dict.fromkeys(words) for words in words_of(texts)]
    return [f" {' '.join(words)} " if words else "" for words in found]


def words_of(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text in their order, with every repetition. MorphologyError if they cannot be found."""
    if not installed():
        raise MorphologyError("kiwipiepy is not installed: pip install 'simsa[korean]'")
    command = [sys.executable, "-P", "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603 (this very module)
            command, input=json.dumps(list(texts)).encode(), capture_output=True, timeout=_LIMIT, check=True
        )
    except subprocess.SubprocessError as error:
        raise MorphologyError(f"the morphology failed: {error}") from error
    found: list[list[str]] = json.loads(done.stdout)
    return found


def _analyse() -> None:
    from kiwipiepy import Kiwi  # noqa: PLC0415 (only here is it loaded)

    texts = json.load(sys.stdin)
    kiwi = Kiwi(num_workers=1)
    found = [[token.form.casefold() for token in kiwi.tokenize(text) if token.tag.startswith(_KEPT)] for text in texts]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _analyse()
