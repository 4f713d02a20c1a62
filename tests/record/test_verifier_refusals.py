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
        told = [found["why"][one] for one in found["failed"]]
        if not all(told) or any("could not be" in why for why in told):
            wrong.append((name, "without a plain reason", told))
    assert wrong == []
