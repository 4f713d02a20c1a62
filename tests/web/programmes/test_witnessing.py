"""Witnesses of the site's records: they are asked as a log grows, and what they sign stands in bundles."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from simsa.record.checkpoints import Checkpoint
from simsa.record.notes import COSIGNATURE, SigningKey
from simsa.record.policy import Policy
from simsa.record.verification import Answer, Outcome, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.services import close_round
from simsa.web.programmes.bundles import public_bundle
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Witnessed
from simsa.web.programmes.periodic import witness_when_needed
from simsa.web.programmes.witnessing import anything_unwitnessed, ask_witnesses
from tests.record.outsider import Outsider
from tests.rules.small import SMALL
from tests.web.panel.rounds import scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_():
    return scored(SMALL)


@pytest.fixture
def outsider(round_):
    made = Outsider()
    made.follow(round_.log.origin, round_.log.first_key)
    return made


def policy_of(outsider, url):
    return Policy.parse(outsider.policy.format(url=url))


def ended(round_):
    publish(run_selection(close_round(round_)))
    round_.log.refresh_from_db()
    return public_bundle(round_)


def test_logs_are_followed_and_bundles_show_it(round_, outsider, settings):
    with outsider.serving() as url:
        settings.WITNESSES = policy_of(outsider, url)
        first = ask_witnesses()
        stated = [one.position + 1 for one in round_.log.statements.order_by("position")]
        assert outsider.asked == sorted({*stated, round_.log.size})
        assert first == len(outsider.asked)
        assert ask_witnesses() == 0
        assert not anything_unwitnessed()
        before = ended(round_)
        assert anything_unwitnessed()
        assert ask_witnesses() > 0
    data = public_bundle(round_)
    assert data != before
    assert outsider.seen[round_.log.origin][0] == round_.log.size
    verdict = verify(data, policy=settings.WITNESSES)
    assert verdict.answer is Answer.VERIFIED
    assert {one.name: one.outcome for one in verdict.checks}["witnesses"] is Outcome.PASSED
    alone = verify(before, policy=settings.WITNESSES)
    assert [one.name for one in alone.failed] == ["witnesses"]


def test_nobody_is_asked_where_nobody_is_named(round_, settings):
    assert settings.WITNESSES is None
    assert not witness_when_needed()
    assert ask_witnesses() == 0


def test_who_does_not_cosign_keeps_nobody_waiting(round_, outsider, settings, caplog):
    stranger = Outsider()
    with outsider.serving() as url, stranger.serving() as strange:
        lines = [
            f"witness S {stranger.key.verifier} {strange}",
            f"witness D {SigningKey.new('d', COSIGNATURE).verifier}",
        ]
        settings.WITNESSES = Policy.parse("\n".join([*lines, outsider.policy.format(url=url)]))
        assert ask_witnesses() == len(outsider.asked) > 0
    assert "404" in caplog.text
    assert [row.witness for row in Witnessed.objects.all()] == [str(outsider.key.verifier)]
    assert anything_unwitnessed()


def test_a_log_that_a_witness_does_not_know_keeps_no_other_waiting(round_, outsider, settings):
    other = scored(SMALL.replace('id = "small"', 'id = "other"'))
    assert other.log.pk > round_.log.pk
    outsider.logs.clear()
    outsider.follow(other.log.origin, other.log.first_key)
    with outsider.serving() as url:
        settings.WITNESSES = policy_of(outsider, url)
        assert ask_witnesses() > 0
    assert list(outsider.seen) == [other.log.origin]


def test_a_database_that_was_put_back_is_told(round_, outsider, settings, caplog):
    with outsider.serving() as url:
        settings.WITNESSES = policy_of(outsider, url)
        ask_witnesses()
        Witnessed.objects.all().delete()
        outsider.seen[round_.log.origin] = 1000, bytes(32)
        ask_witnesses()
    assert "was an older copy of the database put back?" in caplog.text


def test_what_is_handed_over_is_kept_if_it_holds(round_, outsider, settings, tmp_path):
    store, file, out = DatabaseStore(round_.log), tmp_path / "checkpoint", StringIO()
    known, own = str(outsider.key.verifier), store.checkpoint()
    with pytest.raises(CommandError, match="name who signed"):
        call_command("cosign", "small", str(file))
    for text, expected in [
        (None, "No such file"),
        (b"no note", "no text"),
        (bytes(own), "none of these witnesses"),
        (bytes(Checkpoint.signed(own.origin, 1, bytes(32), []).cosigned(outsider.key, 5)), "no checkpoint of"),
        (bytes(own.cosigned(SigningKey(outsider.key.name, COSIGNATURE, bytes(32)), 5)), "none of these witnesses"),
    ]:
        if text is not None:
            file.write_bytes(text)
        with pytest.raises(CommandError, match=expected):
            call_command("cosign", "small", str(file), "--witness", known)
    assert DatabaseStore(round_.log).checkpoint() == own
    file.write_bytes(bytes(own.cosigned(outsider.key, 5)))
    call_command("cosign", "small", str(file), "--witness", known, stdout=out)
    assert outsider.key.name in out.getvalue()
    assert DatabaseStore(round_.log).checkpoint().cosigners([outsider.key.verifier]) == {outsider.key.verifier: 5}
