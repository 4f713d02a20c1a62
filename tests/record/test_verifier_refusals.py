"""What the JavaScript verifier refuses, and by which check."""

from __future__ import annotations

import pytest

from tests.record.conftest import Verify
from tests.record.damages import DAMAGES


@pytest.mark.parametrize("check", DAMAGES)
def test_what_is_wrong_is_refused_by_the_check_that_is_there_for_it(verified: Verify, check: str) -> None:
    wrong = []
    for name, damage in DAMAGES[check]:
        found = verified(damage())
        if found["verdict"] != "refused" or check not in found["failed"]:
            wrong.append((name, found["verdict"], {k: found["why"][k] for k in found["failed"]}))
        unsaid = [
            why for name, why in found["why"].items() if name in found["failed"] and (not why or "could not be" in why)
        ]
        if unsaid:
            wrong.append((name, "without a plain reason", unsaid))
    assert wrong == []
