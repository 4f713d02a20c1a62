"""Affinity from words, beside the same sums written out by hand in exact order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.affinity import text_affinity

WORDS = st.lists(st.sampled_from(["가", "나", "다", "x", "y", "z"]), max_size=8)
TEXTS = st.lists(WORDS, max_size=5)


def by_hand(entries, reviewers):
    texts = [*entries, *reviewers]

    def weights(text):
        return {
            word: (1 + math.log(text.count(word)))
            * (1 + math.log((1 + len(texts)) / (1 + sum(word in other for other in texts))))
            for word in set(text)
        }

    def cosine(left, right):
        top = sum(left[word] * right.get(word, 0) for word in left)
        below = math.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
        return top / below if below else 0.0

    return [[cosine(weights(entry), weights(reviewer)) for reviewer in reviewers] for entry in entries]


@given(TEXTS, TEXTS)
def test_is_the_cosine_of_the_weights(entries, reviewers):
    found = text_affinity(entries, reviewers)
    assert found.shape == (len(entries), len(reviewers))
    assert np.allclose(found, np.array(by_hand(entries, reviewers)).reshape(found.shape))
    assert ((found >= 0) & (found <= 1)).all()


def test_a_rare_word_in_common_counts_more_than_one_that_all_have():
    entries = [["행정", "반도체"], ["행정", "하천"]]
    found = text_affinity(entries, [["행정", "반도체"], ["행정"]])
    assert found[0, 0] == pytest.approx(1)
    assert found[0, 0] > found[0, 1] > 0
    assert found[1, 0] < found[1, 1]
