"""Time stamps of the records: asked for at freeze, close and result, kept only if they hold, shown in bundles."""

from __future__ import annotations

import pytest

from simsa.record.verification import Answer, Outcome, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.programmes.bundles import public_bundle
from simsa.web.programmes.models import TimeStamp
from simsa.web.programmes.periodic import stamp_when_needed
from simsa.web.programmes.stamping import stamp_checkpoints, unstamped
from tests.record.authority import Authority, served
from tests.rules.small import SMALL
from tests.web.panel.rounds import scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_():
    found = scored(SMALL)
    publish(run_selection(found))
    return found


@pytest.fixture
def authority(settings, tmp_path):
    made = Authority()
    settings.TIMESTAMP_CERTIFICATES = tmp_path / "timestamps.pem"
    settings.TIMESTAMP_CERTIFICATES.write_bytes(made.roots)
    return made


def answering(authority):
    return served(lambda asked: (200, {"Content-Type": "application/timestamp-reply"}, authority.response(asked)))


def test_milestones_are_stamped_once_and_bundles_show_it(round_, authority, settings):
    before = public_bundle(round_)
    with answering(authority) as settings.TIMESTAMP_SERVER:
        assert stamp_checkpoints() == 3
        assert stamp_checkpoints() == 0
    kinds = {one.position + 1: one.kind for one in round_.log.statements.all()}
    assert [kinds[stamp.size] for stamp in TimeStamp.objects.order_by("size")] == ["freeze", "close", "result"]
    data = public_bundle(round_)
    assert data != before
    verdict = verify(data, roots=authority.roots)
    assert verdict.answer is Answer.VERIFIED
    assert {one.name: one.outcome for one in verdict.checks}["timestamps"] is Outcome.PASSED
    stranger = verify(data, roots=Authority("Others").roots)
    assert [one.name for one in stranger.failed] == ["timestamps"]


def test_what_does_not_hold_is_not_kept_and_is_asked_for_again(round_, authority, settings, caplog):
    with answering(Authority("Others")) as settings.TIMESTAMP_SERVER:
        assert stamp_checkpoints() == 0
    assert "no time stamp" in caplog.text
    assert not TimeStamp.objects.exists()
    assert unstamped().count() == 3
    settings.TIMESTAMP_SERVER = "http://127.0.0.1:9/"
    assert stamp_checkpoints() == 0


def test_nobody_is_asked_where_nobody_is_named(round_, settings):
    settings.TIMESTAMP_SERVER = ""
    assert not stamp_when_needed()
    assert stamp_checkpoints() == 0
