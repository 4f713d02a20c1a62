"""What verifiers refuse, and by which check that of JavaScript does."""

from __future__ import annotations

import pytest

from simsa.record.verification import verify
from tests.record.conftest import Verify
from tests.record.damages import DAMAGES


@pytest.mark.parametrize("check", DAMAGES)
def test_what_is_wrong_is_refused_by_the_check_that_is_there_for_it(verified: Verify, check: str) -> None:
    wrong = []
    for name, damage in DAMAGES[check]:
        data = damage()
        found = verified(data)
        told = [found["why"][one] for one in found["failed"]]
        if found["verdict"] != "refused" or check not in found["failed"]:
            wrong.append((name, found["verdict"], told))
        if not all(told) or any("could not be" in why for why in told):
            wrong.append((name, "without a plain reason", told))
        if (answer := verify(data).answer) != "refused":
            wrong.append((name, "in Python", answer))
    assert wrong == []
