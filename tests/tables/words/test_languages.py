"""Languages: those there are, and no other."""

from __future__ import annotations

import pytest

from simsa.tables import words


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(words.LanguageError, match="'fr': choose one of ko, en"):
        words.translator("fr")
