"""How well reviewers fit entries by their words: cosine similarity of TF-IDF vectors.

A word counts the more, the fewer texts have it: weight (1 + ln n) · (1 + ln((1 + N) / (1 + d))), where the text has the
word n times and d of all N texts have it (Salton and Buckley, "Term-weighting approaches in automatic text retrieval",
1988; for reviewers, Dumais and Nielsen, "Automating the assignment of submitted manuscripts to reviewers", 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Words = Sequence[Sequence[str]]
"""The words of each text, with repetitions."""


def text_affinity(entries: Words, reviewers: Words) -> NDArray[np.float64]:
    """Similarity from 0 (no word in common, or no words) to 1, shape (entries, reviewers)."""
    counts = [Counter(words) for words in (*entries, *reviewers)]
    having = Counter(word for count in counts for word in count)
    column = {word: n for n, word in enumerate(sorted(having))}
    total = len(counts)
    rarity = np.array([1 + np.log((1 + total) / (1 + having[word])) for word in column])
    starts = np.cumsum([0, *(len(count) for count in counts)])
    places = np.array([column[word] for count in counts for word in count], np.int64)
    times = np.array([n for count in counts for n in count.values()], np.float64)
    weights = (1 + np.log(times)) * rarity[places]
    row = np.repeat(np.arange(total), np.diff(starts))
    length = np.sqrt(np.bincount(row, weights**2, minlength=total))
    vectors = csr_array((weights / length[row], places, starts), shape=(total, len(column)))
    found: NDArray[np.float64] = (vectors[: len(entries)] @ vectors[len(entries) :].T).toarray()
    return found.clip(0.0, 1.0)
