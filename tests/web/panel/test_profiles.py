"""What reviewers say of themselves, what they would like to score, and the affinities that come of it."""

from __future__ import annotations

import unicodedata
from datetime import date

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from simsa.web.entries.models import ImportDraft
from simsa.web.entries.services import ImportRefusedError, submit_entry
from simsa.web.entries.services.drafting import save_fields
from simsa.web.panel.affinities.running import compute_affinities, start_affinities
from simsa.web.panel.affinities.texts import by_words, letters_of
from simsa.web.panel.inputs import affinities_of, own_limits_of
from simsa.web.panel.models import AffinityRun, AffinityTable, Bid, Profile, Slot
from simsa.web.panel.services import AssignmentShortError, assign, propose, record_affinities, withdraw
from simsa.web.panel.services.profiling import ProfileRow, ask_for_bids, bid, save_profile
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError, check_events
from tests.rules.small import HIDING, changed
from tests.web.panel.rounds import prepared
from tests.web.panel.test_conflicts import MEAN, entry, reviewer
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

PANEL = "[panel]\nsheets_per_entry = 1\nload = { max = 3 }"


@pytest.fixture
def round_(db: None) -> Round:
    return prepared(MEAN)


def write(round_: Round, code: str, text: str) -> None:
    one = entry(round_, code)
    save_fields(one, {"text/idea": text}, {"text/idea": 0}, actor="test")
    submit_entry(one, with_missing=True, actor="test")


class TestProfiles:
    def test_nobody_gets_more_than_they_can_take_nor_who_is_away(self):
        rules = changed("[missing]", "[schedule]\nscoring_from = 2026-03-02T09:00:00\n\n[missing]", MEAN)
        round_ = prepared(changed(PANEL, PANEL.replace("max = 3", "max = 6"), rules))
        save_profile(reviewer(round_, "q"), ProfileRow(most=1), 0, actor="person/1")
        save_profile(reviewer(round_, "p"), ProfileRow(available_until=date(2026, 3, 1)), 0, actor="person/1")
        assert own_limits_of(round_) == {"q": 1, "p": 0}
        loads = [one.reviewer.code for one in assign(round_)]
        assert (loads.count("q"), loads.count("p"), loads.count("r")) == (1, 0, 5)
        one = Slot.objects.filter(reviewer__code="r").select_related("entry", "reviewer").first()
        withdraw(one.entry, one.reviewer, "친족", actor="person/1")
        vacant, other = propose(round_).moves  # q has one already: it goes to r
        assert [move.code for move in vacant.candidates] == []
        assert (vacant.proposed.code, other.slot.reviewer.code, other.proposed.code) == ("q", "q", "r")

    def test_too_few_are_told(self, round_):
        for code in ("p", "q"):
            save_profile(reviewer(round_, code), ProfileRow(most=0), 0, actor="person/1")
        with pytest.raises(AssignmentShortError):
            assign(round_)

    def test_nothing_is_overwritten_silently(self, round_):
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        office = signed_in(with_role("officer", round_, "officer"))
        at = f"/ko/reviewers/{reviewer(round_, 'q').pk}/"
        assert at in client.get("/ko/office/").content.decode()
        client.post(at, {"keywords": "행정법", "most": "3", "version": "0", "available_from": "2026-03-01"})
        page = office.post(at, {"keywords": "하천", "version": "0"}).content.decode()
        assert "그 사이 다른 사람이" in page
        assert ">\n하천</textarea>" in page
        assert Profile.objects.get().keywords == "행정법"
        assert 'value="2026-03-01"' in client.get(at).content.decode()
        assert "행정법" in page  # what is there is shown, and who saves again has seen it
        assert 'name="version" value="1"' in page
        office.post(at, {"keywords": "하천", "version": "1"})
        assert (Profile.objects.get().keywords, Profile.objects.get().most) == ("하천", None)
        page = client.post(at, {"available_from": "2026-03-02", "available_until": "2026-03-01", "version": "2"})
        assert page.context["form"].errors
        assert Profile.objects.get().version == 2
        assert "하천" not in " ".join(round_.events.values_list("payload", flat=True))

    def test_texts_are_no_longer_than_is_said(self, round_):
        for row, most in ((ProfileRow(languages="x" * 201), "200"), (ProfileRow(keywords="x" * 20_001), "20000")):
            with pytest.raises(ValidationError, match=most):
                save_profile(reviewer(round_, "q"), row, 0, actor="person/1")


class TestBids:
    def test_are_taken_while_they_are_asked_for(self, round_):
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        at = f"/ko/reviewers/{reviewer(round_, 'q').pk}/bids/"
        client.post(at, {"bid/a1": "eager"})
        assert not Bid.objects.exists()
        office = signed_in(with_role("officer", round_, "officer"))
        office.post("/ko/office/rounds/small/panel/bids/", {"asked": "yes"})
        assert at in client.get("/ko/office/").content.decode()
        client.post(at, {"bid/a1": "eager", "bid/a2": "unwilling", "bid/b1": ""})
        client.post(at, {"bid/a2": "", "bid/b2": "willing"})
        assert dict(Bid.objects.values_list("entry__entrant__code", "wish")) == {"a1": "eager", "b2": "willing"}
        for wrong in ({"bid/z": "eager"}, {"bid/a1": "z"}):
            client.post(at, wrong)
        assert Bid.objects.count() == 2
        office.post("/ko/office/rounds/small/panel/bids/", {"asked": "no"})
        with pytest.raises(StageError):
            bid(reviewer(round_, "q"), {"a1": ""}, actor="person/1")

    def test_name_nobody_where_entrants_are_hidden(self):
        round_ = prepared(changed("[missing]", HIDING, MEAN))
        ask_for_bids(round_, True, actor="person/1")
        client = signed_in(with_role("kim", round_, "reviewer", "q"))
        at = f"/ko/reviewers/{reviewer(round_, 'q').pk}/bids/"
        page = client.get(at).content.decode()
        assert "기관 a1" not in page
        assert "bid/a1" not in page
        offers = client.get(at).context["offers"]
        client.post(at, {f"bid/{offers[2].code}": "eager"})
        assert [one.wish for one in client.get(at).context["offers"]] == ["", "", "eager", "", "", ""]
        client.post(at, {"bid/b1": "eager"})
        assert Bid.objects.count() == 1
        other = signed_in(with_role("lee", round_, "reviewer", "r")).get(
            at.replace(str(reviewer(round_, "q").pk), str(reviewer(round_, "r").pk))
        )
        assert {one.code for one in other.context["offers"]}.isdisjoint({one.code for one in offers})


class TestAffinities:
    def test_follow_from_texts_and_bids(self, round_, monkeypatch):
        monkeypatch.setattr("simsa.web.panel.affinities.texts.installed", lambda: False)
        write(round_, "a1", "반도체 수출 상담")
        write(round_, "a2", "하천 정비와 홍수 예방")
        save_profile(reviewer(round_, "q"), ProfileRow(keywords="반도체", publications="수출"), 0, actor="person/1")
        save_profile(reviewer(round_, "r"), ProfileRow(publications="하천 홍수의 예방"), 0, actor="person/1")
        ask_for_bids(round_, True, actor="person/1")
        bid(reviewer(round_, "p"), {"b1": "eager", "b2": "willing", "b3": "unwilling"}, actor="person/1")
        run = start_affinities(round_, "0.5", actor="person/1")
        with pytest.raises(ValidationError):
            start_affinities(round_, "1", actor="person/1")
        compute_affinities(run)
        run.refresh_from_db()
        assert (run.state, run.error, run.done, run.total) == ("done", "", 9, 9)
        table = affinities_of(round_).by_entry
        assert float(table["a1"]["q"]) > 0 == float(table["a1"]["r"]) == float(table["a1"]["p"])
        assert float(table["a2"]["r"]) > 0 == float(table["a2"]["q"])
        assert [table[code]["p"] for code in ("b1", "b2", "b3", "b4")] == ["0.5", "0.25", "-0.5", "0"]
        assert affinities_of(round_).source == "TF-IDF, letters; bids × 0.5"
        compute_affinities(start_affinities(round_, "0", actor="person/1"))
        assert affinities_of(round_).version == 2
        assert float(affinities_of(round_).by_entry["b1"]["p"]) == 0
        assert {one.reviewer.code for one in assign(round_) if one.entry.entrant.code == "a2"} == {"r"}
        assert check_events(round_) == round_.events.count()

    def test_what_goes_wrong_is_told(self, round_, settings):
        settings.AFFINITY = "nowhere.to.be.found"
        run = compute_affinities(start_affinities(round_, "", actor="person/1"))
        assert run.state == "failed"
        page = signed_in(with_role("officer", round_, "officer")).get("/ko/office/rounds/small/affinities/")
        assert "nowhere" in page.content.decode()
        for weight in ("-1", "x", "11", "0.12345678901234567"):
            with pytest.raises(ValidationError):
                start_affinities(round_, weight, actor="person/1")

    def test_weight_is_kept_as_shortly_as_it_can_be_said(self, round_):
        assert start_affinities(round_, " 01.50000000000000000000", actor="person/1").bid_weight == "1.5"

    def test_letters_that_are_written_apart_are_the_same(self, monkeypatch):
        """Hangul comes in two spellings that look alike."""
        monkeypatch.setattr("simsa.web.panel.affinities.texts.installed", lambda: False)
        text = "하천 정비"
        alike, _source = by_words([text, "반도체"], [unicodedata.normalize("NFD", text)], lambda _done, _total: None)
        assert alike[0, 0] == pytest.approx(1)

    def test_file_may_have_a_long_name(self, round_):
        client = signed_in(with_role("officer", round_, "officer"))
        sent = SimpleUploadedFile("가" * 200 + ".csv", b"entry,reviewer,affinity\na1,q,1\n")
        assert client.post("/ko/office/rounds/small/affinities/", {"file": sent}).status_code == 302

    def test_another_way_of_comparing(self, round_, settings):
        settings.AFFINITY = "tests.web.panel.test_profiles.embedded"
        compute_affinities(start_affinities(round_, "", actor="person/1"))
        assert affinities_of(round_).by_entry["b4"]["r"] == "0.25"
        assert affinities_of(round_).source == "invented"

    def test_file_is_looked_at_and_replaces(self, round_):
        record_affinities(round_, {"a1": {"q": "1"}}, source="first")
        with pytest.raises(ImportRefusedError):
            record_affinities(round_, {"a1": {"q": "1"}}, source="second")
        client = signed_in(with_role("officer", round_, "officer"))
        at = "/ko/office/rounds/small/affinities/"
        csv = "entry,reviewer,affinity\na1,q,0.25\na1,p,0\nb1,r,-1.5\n"
        sent = client.post(at, {"file": SimpleUploadedFile("mine.csv", csv.encode())})
        page = client.get(sent.url).content.decode()
        assert "-1.5 – 0.25" in page
        assert AffinityTable.objects.count() == 1
        client.post(f"{sent.url}confirm/")
        assert affinities_of(round_).by_entry == {"a1": {"p": "0", "q": "0.25"}, "b1": {"r": "-1.5"}}
        assert affinities_of(round_).source.startswith("mine.csv (SHA-256 ")
        assert not ImportDraft.objects.exists()
        assert client.post(f"{sent.url}confirm/").status_code == 404
        for name, text in (
            ("a.csv", "entry,reviewer,affinity\nzz,q,1\n"),
            ("a.csv", "entry,reviewer,affinity\na1,q,much\n"),
            ("a.csv", ""),
            ("a.exe", csv),
        ):
            assert client.post(at, {"file": SimpleUploadedFile(name, text.encode())}).status_code == 200
        assert AffinityTable.objects.count() == 2

    def test_progress_by_page(self, round_):
        client = signed_in(with_role("officer", round_, "officer"))
        run = AffinityRun.objects.create(round=round_, bid_weight="0", actor="x", state="running", done=3, total=9)
        assert "3/9" in client.get("/ko/office/rounds/small/affinities/").content.decode()
        answer = client.get("/ko/office/rounds/small/affinities/progress/")
        assert "HX-Refresh" not in answer.headers
        AffinityRun.objects.filter(pk=run.pk).update(state="done")
        assert client.get("/ko/office/rounds/small/affinities/progress/").headers["HX-Refresh"] == "true"


def embedded(entries, reviewers, tell):
    """Another way of comparing, as the settings can name it."""
    tell(1, 1)
    return np.full((len(entries), len(reviewers)), 0.25), "invented"


def test_letters_without_the_morphology():
    assert letters_of("반도체, 수출의 AI-기반 x") == ["반도", "도체", "수출", "출의", "ai", "기반", "x"]
