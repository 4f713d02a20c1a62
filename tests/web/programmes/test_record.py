"""The record that verbs leave: leaves and statements, the bundle that anyone verifies, keys, and forgetting."""

from __future__ import annotations

import json
import stat
from collections import Counter
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from simsa.record.leaves import parse_leaf
from simsa.record.notes import VerifierKey
from simsa.record.order import OrderError
from simsa.record.statements import seed_of
from simsa.record.verification import Answer, Outcome, verify
from simsa.web.awards.models import Result
from simsa.web.awards.services import ResultError, publish, run_selection
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.models import Sheet
from simsa.web.panel.services import (
    ReviewerRow,
    assign_as_given,
    close_round,
    import_reviewers,
    receipt,
    slots_of,
    submit_sheet,
)
from simsa.web.programmes import keys
from simsa.web.programmes.bundles import BundleError, public_bundle
from simsa.web.programmes.keys import SigningKeyError
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Leaf, Log, Opening, PublicBundle, Round, SentLetter
from simsa.web.programmes.recording import story_of
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import (
    StageError,
    bundle,
    check_events,
    draw_seed,
    forget,
    open_round,
    publish_round,
    rotate,
)
from tests.rules.small import OFFICIAL, SMALL, changed
from tests.web.awards.conftest import RULES_OF_NUMBERS
from tests.web.panel.rounds import mark, prepared, scored, scoring

pytestmark = pytest.mark.django_db
TIERS = ("public", "full")


def told(round_):
    return [one.kind for _index, one in story_of(DatabaseStore(round_.log)).statements]


def failed(verdict):
    return [(check.name, check.why) for check in verdict.failed]


def announced(rules=SMALL, **about):
    round_ = scored(rules, **about)
    publish(run_selection(round_))
    round_.refresh_from_db()
    return round_


def test_the_reference_programme_is_verified(whole_example):
    for tier in TIERS:
        verdict = verify(bundle(whole_example, tier))
        assert (verdict.answer, failed(verdict)) == (Answer.VERIFIED, [])
        assert [winner.entry for winner in verdict.winners] == list(
            whole_example.results.get()
            .standings.filter(outcome="selected")
            .values_list("entry__entrant__code", flat=True)
        )


def test_every_step_states_what_it_does():
    round_ = prepared()
    assert told(round_) == ["freeze"]
    round_ = scored(changed('id = "small"', 'id = "other"'))
    assert told(round_) == ["freeze", "entries", "panel", "slots"]
    close_round(round_)
    assert told(round_)[4:] == ["close"]
    with pytest.raises(StageError):
        submit_sheet(slots_of(round_)[0], mark(1))
    publish(run_selection(round_))
    assert told(round_)[5:] == ["result"]


def test_every_event_and_every_sheet_has_one_leaf():
    round_ = announced()
    sequence_waiting()
    store = DatabaseStore(Log.objects.get(round=round_))
    kinds = Counter(parse_leaf(data, "small").kind for data in store.entries(0, store.log.size))
    assert kinds["event"] == round_.events.count() == check_events(round_)
    assert kinds["sheet"] == Sheet.objects.count() == 18
    assert store.log.size == sum(kinds.values()) == Leaf.objects.count()


@pytest.mark.parametrize(
    "rules",
    [
        SMALL,
        changed("[missing]", OFFICIAL),
        changed("[missing]", '[lottery]\nconfidence = "0.9"\ndraws = 1000\n\n[missing]'),
        changed('method = "trimmed_mean", drop_high = 1, drop_low = 1', 'method = "median"'),
    ],
    ids=["tally", "calibrated", "lottery", "median"],
)
def test_what_is_published_is_verified_whatever_the_rules_say(rules):
    round_ = scored(rules)
    for slot in slots_of(round_)[:3]:
        submit_sheet(slot, mark(11))
    publish(run_selection(round_))
    linked = round_.rules.calibration.official or round_.rules.lottery is not None
    for tier in TIERS:
        verdict = verify(bundle(round_, tier))
        wanted = Answer.INCOMPLETE if tier == "public" and linked else Answer.VERIFIED
        assert (verdict.answer, failed(verdict)) == (wanted, [])


def test_a_round_of_numbers_alone_is_verified():
    round_ = open_round(RULES_OF_NUMBERS)
    import_entries(round_, [EntryRow(f"e{n}", "a", f"기관 {n}", reported={("", "debt"): n}) for n in range(1, 4)])
    publish(run_selection(round_))
    for tier in TIERS:
        assert verify(bundle(round_, tier)).answer is Answer.VERIFIED


def test_a_round_that_goes_on_is_incomplete_and_a_missing_slot_is_told():
    round_ = scoring()
    submit_sheet(slots_of(round_)[0], mark(1))
    close_round(round_)
    verdict = verify(bundle(round_, "full"))
    assert (verdict.answer, failed(verdict)) == (Answer.INCOMPLETE, [])
    statuses = [row[1] for row in story_of(DatabaseStore(round_.log)).last("close").content["slots"]]
    assert Counter(statuses) == {"missing": 17, "submitted": 1}


def test_receipts_hold_before_and_after_and_in_the_bundle():
    round_ = scoring()
    slot = slots_of(round_)[0]
    promised = submit_sheet(slot, mark(2))
    key = VerifierKey.parse(round_.log.first_key)
    assert promised.until is not None
    assert promised.check([key]) == {key}
    assert receipt(slot) == promised
    sequence_waiting()
    held = receipt(slot)
    assert held.until is None
    assert held.check([key]) == {key}
    assert held.opening == promised.opening
    publish(run_selection(round_))
    for tier in TIERS:
        for one in (promised, held, receipt(slot)):
            verdict = verify(bundle(round_, tier), key=key, receipts=[("mine", one)])
            assert (verdict.answer, failed(verdict)) == (Answer.VERIFIED, [])


def test_seed_of_a_beacon_comes_after_the_close():
    round_ = open_round(SMALL, source="the draw of 1 May")
    import_entries(round_, [EntryRow(code, "a", code) for code in ("a1", "a2")])
    import_reviewers(round_, [ReviewerRow(code, code) for code in "pqr"])
    slots = assign_as_given(round_, [(entry, code) for entry in ("a1", "a2") for code in "pqr"])
    for slot in slots:
        submit_sheet(slot, mark(3))
    with pytest.raises(StageError):
        draw_seed(round_, "123")
    close_round(round_)
    round_.refresh_from_db()
    with pytest.raises(ResultError):
        run_selection(round_)  # equals, and no seed to draw lots by
    drawn = draw_seed(round_, "123")
    close = round_.log.statements.get(kind="close").position
    assert drawn == seed_of(DatabaseStore(round_.log).checkpoint(close + 1).root, "123")
    with pytest.raises(OrderError):
        draw_seed(round_, "456")
    round_.refresh_from_db()
    publish(run_selection(round_))
    verdict = verify(bundle(round_, "full"))
    assert (verdict.answer, failed(verdict)) == (Answer.VERIFIED, [])


def test_a_result_that_the_record_does_not_lead_to_is_not_published():
    round_ = scored()
    result = run_selection(round_)
    facts = result.facts
    facts["standings"][0]["score"], facts["standings"][1]["score"] = "9.99", "9.98"
    Result.objects.update(payload=json.dumps(facts))
    with pytest.raises(ResultError, match="standings"):
        publish(Result.objects.get())
    round_.refresh_from_db()
    assert (round_.stage, round_.published_at, told(round_)[-1]) == ("scoring", None, "slots")


def test_a_mark_that_was_changed_in_the_database_is_found_by_whoever_holds_the_receipt():
    round_ = scored()
    slot = slots_of(round_)[0]
    sequence_waiting()
    held = receipt(slot)
    sheet = slot.sheets.get()
    values = json.loads(sheet.opening.values)
    values["mark/idea"] = "10"
    Opening.objects.filter(pk=sheet.opening_id).update(values=json.dumps(values))
    publish(run_selection(round_))
    full = verify(bundle(round_, "full"))
    assert full.answer is Answer.REFUSED
    assert "openings" in [check.name for check in full.failed]
    public = verify(bundle(round_, "public"), receipts=[("mine", held)])
    assert [check.name for check in public.failed] == ["receipts"]


def test_the_public_bundle_is_made_once_and_again_after_a_statement(monkeypatch):
    round_ = announced()
    first = public_bundle(round_)
    assert verify(first).answer is Answer.VERIFIED
    publish_round(round_)
    sequence_waiting()
    assert public_bundle(round_) == first
    rotate(round_)
    again = public_bundle(round_)
    assert again != first
    assert verify(again).answer is Answer.VERIFIED
    assert PublicBundle.objects.count() == 1


def test_a_key_changes_and_the_record_says_so(django_capture_on_commit_callbacks):
    round_ = scored()
    before = VerifierKey.parse(round_.log.key)
    with django_capture_on_commit_callbacks(execute=True):
        new = rotate(round_)
    round_ = Round.objects.select_related("log").get()
    assert (round_.log.key, round_.log.first_key) == (str(new), str(before))
    promised = submit_sheet(slots_of(round_)[0], mark(1))
    assert promised.check([before, new]) == {new}
    assert [file.name for file in settings.KEYS.glob("small.*") if before.identifier.hex() in file.name] == []
    publish(run_selection(round_))
    verdict = verify(bundle(round_, "full"), key=before, receipts=[("mine", promised)])
    assert (verdict.answer, failed(verdict)) == (Answer.VERIFIED, [])
    assert check_events(round_) == round_.events.count()


def test_forgetting_leaves_a_log_that_verifies_and_nothing_behind_it():
    round_ = announced()
    public_bundle(round_)
    with pytest.raises(StageError):
        forget(scored(changed('id = "small"', 'id = "other"')), "over")
    post(Letter("decided/1", "kim@example.kr", "ko", "seated", {"round": "x", "n": 1, "link": "secret"}), round_)
    forget(round_, "the time for appeals is over")
    letter = SentLetter.objects.get(key="decided/1")
    assert (letter.status, letter.subject, letter.body) == ("stopped", "", "")
    assert not Opening.objects.filter(log=round_.log).exists()
    assert Sheet.objects.filter(slot__entry__round=round_, opening__isnull=False).count() == 0
    with pytest.raises(BundleError):
        bundle(round_, "full")
    verdict = verify(public_bundle(round_))
    assert (verdict.answer, failed(verdict)) == (Answer.INCOMPLETE, [])
    assert {check.name: check.outcome for check in verdict.checks}["tally"] is Outcome.NOT_SHOWN
    assert check_events(round_) == 0
    with pytest.raises(StageError):
        forget(round_, "twice")


def test_keys_are_their_owners_alone_and_say_when_they_are_missing(settings, tmp_path):
    settings.KEYS = tmp_path / "keys"
    translation.activate("en")
    round_ = open_round(SMALL)
    [file] = settings.KEYS.iterdir()
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(settings.KEYS.stat().st_mode)) == (0o600, 0o700)
    assert file.read_text().strip() not in json.dumps(list(Log.objects.values("origin", "first_key", "key")))
    keys._known.clear()
    file.rename(file.with_suffix(".away"))
    import_entries(round_, [EntryRow("a1", "a", "기관")])  # waits for the log, and needs no key
    with pytest.raises(SigningKeyError, match="SIMSA_KEYS"):
        rotate(round_)
    file.write_text(file.with_suffix(".away").read_text().replace("PRIVATE", "public"))
    with pytest.raises(SigningKeyError, match=file.name):
        rotate(round_)
    other = open_round(changed('id = "small"', 'id = "other"'))
    file.write_text(next(settings.KEYS.glob("other.*")).read_text())
    keys._known.clear()
    with pytest.raises(SigningKeyError, match="another key"):
        rotate(round_)
    rotate(other)


def test_a_key_that_is_missing_holds_up_its_own_round_alone(settings, tmp_path, caplog):
    settings.KEYS = tmp_path / "keys"
    lost, other = open_round(SMALL), open_round(changed('id = "small"', 'id = "other"'))
    for file in settings.KEYS.glob("small.*"):
        file.unlink()
    keys._known.clear()
    assert sequence_waiting() == 1
    assert sequence_waiting() == 0
    assert Log.objects.get(round=other).size == 2
    assert Log.objects.get(round=lost).size == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_commands(tmp_path):
    announced()
    for tier, flags in (("public", []), ("full", ["--full"])):
        file = tmp_path / f"{tier}.zip"
        call_command("bundle", "small", str(file), *flags, stdout=StringIO())
        assert verify(file.read_bytes()).tier == tier
    assert stat.S_IMODE((tmp_path / "full.zip").stat().st_mode) == 0o600
    out = StringIO()
    call_command("rotate_key", "small", stdout=out)
    assert out.getvalue().strip() == Log.objects.get().key
    with pytest.raises(CommandError, match="no way back"):
        call_command("forget_openings", "small", "--reason", "over")
    call_command("forget_openings", "small", "--reason", "over", "--yes", stdout=StringIO())
    assert not Opening.objects.exists()
    for command in (
        ["bundle", "small", str(tmp_path / "x.zip"), "--full"],
        ["bundle", "none", "x"],
        ["rotate_key", "x"],
    ):
        with pytest.raises(CommandError):
            call_command(*command)
    assert not (tmp_path / "x.zip").exists()
