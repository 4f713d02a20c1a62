"""Letters on screen: what became of each, what an officer decides of it, and letters that came back."""

from __future__ import annotations

import io
import smtplib
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from simsa.tables.csv_text import read_csv
from simsa.web import rooms_with
from simsa.web.programmes.bounces import report_in
from simsa.web.programmes.erasing import forgetting
from simsa.web.programmes.letters import Letter, letter_named, message_id, post, send_due
from simsa.web.programmes.models import Invitation, Round, SentLetter
from simsa.web.programmes.office.letter_words import TEMPLATES
from simsa.web.programmes.rooms import alarms_of
from simsa.web.programmes.services import check_events, forget_account, invite, withdraw_invitation
from simsa.web.programmes.services.posting import (
    correct_address,
    mark_address,
    post_again,
    stop_letter,
)
from tests.web.panel.rounds import prepared
from tests.web.people import account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db
BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def round_(db) -> Round:
    return prepared()


def letter(round_: Round | None, name: str = "kim", **facts: object) -> SentLetter:
    """A letter to somebody that was never asked to be sent."""
    post(Letter(f"test/{name}", f"{name}@example.kr", "ko", "seated", {"round": "x", "n": 1, "link": "secret"}), round_)
    SentLetter.objects.filter(key=f"test/{name}").update(**facts)
    return SentLetter.objects.get(key=f"test/{name}")


def fails(monkeypatch, error: Exception, where: str = "send_messages") -> None:
    def refuse(*_args: object) -> None:
        raise error

    monkeypatch.setattr(f"{BACKEND}.{where}", refuse)


class TestSending:
    @pytest.mark.parametrize(
        ("error", "where", "status", "fault"),
        [
            (ConnectionRefusedError(111, "refused"), "open", "waiting", "server"),
            (smtplib.SMTPAuthenticationError(535, b"no"), "open", "waiting", "login"),
            (smtplib.SMTPRecipientsRefused({"kim@example.kr": (451, b"later")}), "send_messages", "waiting", "address"),
            (
                smtplib.SMTPRecipientsRefused({"kim@example.kr": (550, b"unknown")}),
                "send_messages",
                "failed",
                "address",
            ),
            (smtplib.SMTPDataError(452, b"full"), "send_messages", "waiting", "refused"),
            (smtplib.SMTPServerDisconnected("gone"), "send_messages", "sending", "lost"),
            (TimeoutError(), "send_messages", "sending", "lost"),
            (ValueError("x"), "send_messages", "waiting", "other"),
        ],
    )
    def test_what_the_mail_server_answers_says_whether_it_is_tried_again(
        self, round_, monkeypatch, error, where, status, fault
    ):
        letter(round_)
        fails(monkeypatch, error, where)
        assert send_due() == 0
        kept = SentLetter.objects.get()
        assert (kept.status, kept.fault, kept.attempts) == (status, fault, 1)
        assert type(error).__name__ in kept.error
        assert kept.body
        assert kept.is_unclear is (fault == "lost")
        monkeypatch.undo()
        SentLetter.objects.update(due=timezone.now())
        assert send_due() == (status == "waiting")  # what may have arrived is not sent again by itself

    def test_whoever_comes_back_late_changes_nothing(self, round_, monkeypatch):
        one, asked = letter(round_), []

        def slow(*_args: object) -> None:
            asked.append(1)
            if len(asked) == 1:
                SentLetter.objects.update(tried_at=timezone.now() - timedelta(hours=1))
                assert post_again([one], actor="person/1") == 1
                SentLetter.objects.update(due=timezone.now() + timedelta(hours=1))

        monkeypatch.setattr(f"{BACKEND}.send_messages", slow)
        send_due()
        kept = SentLetter.objects.get()
        assert (kept.status, kept.again, len(asked)) == ("waiting", 1, 1)

    def test_every_letter_has_a_name_of_its_own_that_nobody_can_make_up(self, round_):
        one = letter(round_)
        send_due()
        told = mail.outbox[0].message()["Message-ID"]
        assert told == message_id(one)
        assert letter_named(told) == (one.pk, 0)
        for wrong in (told.replace(f"<{one.pk}.", f"<{one.pk + 1}."), "<x@y>", "", told.replace(".0.", ".1.")):
            assert letter_named(wrong) is None
        assert mail.outbox[0].message()["Auto-Submitted"] == "auto-generated"


class TestDeciding:
    def test_only_what_surely_is_not_on_its_way_goes_again(self, round_):
        now = timezone.now()
        going = letter(round_, "going", status="sending", tried_at=now)
        lost = letter(round_, "lost", status="sending", tried_at=now, fault="lost")
        dead = letter(round_, "dead", status="sending", tried_at=now - timedelta(minutes=11))
        failed = letter(round_, "failed", status="failed", attempts=6)
        sent = letter(round_, "sent", status="sent", body="")
        assert post_again([going, lost, dead, failed, sent], actor="person/1") == 3
        assert post_again([failed], actor="person/1") == 0
        states = dict(SentLetter.objects.values_list("key", "status"))
        assert states == {
            "test/going": "sending", "test/lost": "waiting", "test/dead": "waiting",
            "test/failed": "waiting", "test/sent": "sent",
        }  # fmt: skip
        assert SentLetter.objects.get(key="test/failed").attempts == 0
        assert round_.events.filter(verb="letters.sent_again").count() == 1
        assert check_events(round_) == round_.events.count()

    def test_stopped_with_a_reason(self, round_):
        one = letter(round_)
        with pytest.raises(ValidationError):
            stop_letter(one, "  ", actor="person/1")
        stop_letter(one, "회차 취소", actor="person/1")
        assert send_due() == 0
        with pytest.raises(ValidationError):
            stop_letter(one, "회차 취소", actor="person/1")
        assert post_again([one], actor="person/1") == 1
        assert send_due() == 1

    def test_an_address_that_is_not_reachable_gets_nothing_until_it_is(self, round_):
        letter(round_, "kim")
        mark_address(round_, "kim@example.kr", False, actor="person/1")
        assert SentLetter.objects.get().fault == "marked"
        post(Letter("test/second", "kim@example.kr", "ko", "seated", {"round": "x", "n": 1, "link": "x"}), round_)
        assert send_due() == 0
        assert SentLetter.objects.filter(status="failed", fault="marked").count() == 2  # and not lost silently
        mark_address(round_, "kim@example.kr", True, actor="person/1")
        post_again(SentLetter.objects.all(), actor="person/1")
        assert send_due() == 2

    def test_a_wrong_address_of_an_invitation_is_corrected(self, round_):
        wrong = invite(round_.programme, round_, "reviewer", "kimm@example.kr", "p")
        sent = SentLetter.objects.get()
        assert send_due() == 1
        for bad in ("no address", "kimm@example.kr"):
            with pytest.raises(ValidationError):
                correct_address(sent, bad, actor="person/1")
        made = correct_address(sent, "Kim@example.kr", actor="person/1")
        wrong.refresh_from_db()
        assert (made.email, made.code, made.follows, wrong.withdrawn_at is not None) == (
            "kim@example.kr", "p", wrong, True,
        )  # fmt: skip
        with pytest.raises(ValidationError):
            correct_address(sent, "lee@example.kr", actor="person/1")
        with pytest.raises(ValidationError):
            correct_address(letter(round_, "other"), "lee@example.kr", actor="person/1")
        withdraw_invitation(made, actor="person/1")
        assert not Invitation.objects.filter(accepted_at=None, withdrawn_at=None).exists()


class TestPage:
    def test_lists_filters_searches_sorts_and_counts(self, round_):
        with_role("boss", round_, "officer")
        with_role("kim", round_, "reviewer", "p")
        letter(round_, "kim", status="failed", fault="address", error="SMTPRecipientsRefused: 550")
        letter(round_, "lee", status="sent", body="")
        letter(None, "elsewhere")
        client, here = signed_in("boss"), "/ko/office/rounds/small/letters/"
        page = client.get(here).content.decode()
        assert "kim@example.kr" in page
        assert "평가위원 p" in page
        assert "elsewhere" not in page
        assert "secret" not in page  # nor any other part of a body
        assert "lee@" not in client.get(here, {"state": "failed"}).content.decode()
        assert "kim@" not in client.get(here, {"state": "sent"}).content.decode()
        assert "lee@" not in client.get(here, {"q": "kim"}).content.decode()
        assert "kim@" not in client.get(here, {"letter": "ballot"}).content.decode()
        up, down = (client.get(here, {"sort": sort}).content.decode() for sort in ("to", "-to"))
        assert up.index("kim@") < up.index("lee@")
        assert down.index("lee@") < down.index("kim@")
        assert client.post(f"{here}again/", {"here": "state=failed"}).url == f"{here}?state=failed"
        assert SentLetter.objects.filter(status="waiting", round=round_).count() == 1

    def test_all_are_for_whoever_runs_the_installation(self, round_):
        letter(None, "elsewhere")
        with_role("boss", round_, "officer")
        assert signed_in("boss").get("/ko/office/letters/").status_code == 404
        from tests.web.people import account

        staff = signed_in(account("staff", is_staff=True))
        assert "elsewhere@" in staff.get("/ko/office/letters/").content.decode()
        one = SentLetter.objects.get(key="test/elsewhere")
        assert staff.post(f"/ko/office/letters/{one.pk}/stop/", {"reason": "x", "all": "yes"}).status_code == 302
        one.refresh_from_db()
        assert one.status == "stopped"

    def test_pages_of_many(self, round_, django_assert_max_num_queries):
        with_role("boss", round_, "officer")
        for n in range(60):
            letter(round_, f"p{n}")
        client, here = signed_in("boss"), "/ko/office/rounds/small/letters/"
        with django_assert_max_num_queries(20):
            page = client.get(here).content.decode()
        assert page.count("<tr><th") - 1 == 50
        assert "p0@example.kr" in client.get(here, {"page": 2}).content.decode()

    def test_file_is_a_table_that_runs_no_formula(self, round_):
        with_role("boss", round_, "officer")
        letter(round_, "kim", status="stopped", reason="=HYPERLINK(1)", to="=kim@example.kr")
        content = signed_in("boss").get("/ko/office/rounds/small/letters.csv").content
        assert b"'=HYPERLINK" in content
        assert b"'=kim" in content
        table = read_csv(content, "letters.csv")
        assert len(table) == 1
        assert signed_in("boss").get("/ko/office/rounds/small/letters.xlsx").content[:2] == b"PK"
        assert signed_in("boss").get("/ko/office/rounds/small/letters.exe").status_code == 404

    def test_address_is_corrected_and_marked_on_the_page(self, round_):
        with_role("boss", round_, "officer")
        invite(round_.programme, round_, "reviewer", "kimm@example.kr", "p")
        SentLetter.objects.update(status="failed", fault="address")
        one, client = SentLetter.objects.get(), signed_in("boss")
        at = f"/ko/office/letters/{one.pk}/address/"
        client.post(at, {"reachable": "no"})
        page = client.get("/ko/office/rounds/small/letters/").content.decode()
        assert f'value="{one.to}"' in page
        client.post(at, {"email": "kim@example.kr"})
        assert Invitation.objects.get(withdrawn_at=None).email == "kim@example.kr"
        assert links_of_letters()

    def test_alarms_lead_there(self, round_):
        before = len(alarms_of(round_))
        letter(round_, "a", status="failed")
        letter(round_, "b", status="sending", tried_at=timezone.now(), fault="lost")
        letter(round_, "c", status="returned")
        urls = [alarm.url for alarm in alarms_of(round_)]
        assert len(urls) == before + 3
        assert {url.rpartition("=")[2] for url in urls} >= {"failed", "unclear", "returned"}


def test_every_letter_is_called_something():
    templates = {
        path.stem
        for room in rooms_with("apps")
        for path in (Path(sys.modules[room].__file__).parent / "templates" / "letters").glob("*.txt")
    }
    assert templates == set(TEMPLATES)


# --- letters that came back -------------------------------------------------------------------------------------------

REPORT = """From: MAILER-DAEMON@mx.example.kr
To: simsa@example.org
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered. See <1.0.aaaaaaaaaaaaaaaaaaaa@example.org>.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.kr

Final-Recipient: rfc822; kim@example.kr
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User
 unknown
--b
Content-Type: {kind}

From: simsa@example.org
Message-ID: {named}
Subject: x

--b--
"""


def report(one: SentLetter, action: str = "failed", kind: str = "text/rfc822-headers", named: str = "") -> bytes:
    return REPORT.format(action=action, kind=kind, named=named or message_id(one)).encode()


class TestBounces:
    @pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
    def test_a_report_marks_its_letter_once(self, round_, kind, tmp_path, capsys):
        one = letter(round_)
        send_due()
        file = tmp_path / "report.eml"
        file.write_bytes(report(one, kind=kind))
        for new in (1, 0):
            call_command("bounces", str(file))
            assert capsys.readouterr().out == f"1 reports about letters, {new} of them new\n"
        one.refresh_from_db()
        assert (one.status, one.fault, one.error) == ("returned", "returned", "5.1.1 550 5.1.1 User unknown")
        assert not one.can_go_again  # what it said is not kept

    def test_a_report_of_an_earlier_sending_says_nothing_of_the_later(self, round_):
        one = letter(round_, status="sending", tried_at=timezone.now(), fault="lost")
        earlier = report(one)
        post_again([one], actor="person/1")
        send_due()
        found = report_in(earlier)
        assert found is not None
        assert found.again == 0
        one.refresh_from_db()
        call_from(earlier)
        one.refresh_from_db()
        assert one.status == "sent"

    def test_what_is_no_failure_of_ours_is_passed_over(self, round_):
        one = letter(round_)
        send_due()
        forged = message_id(one).replace(f".{message_id(one).split('.')[2][:20]}", f".{'0' * 20}")
        for other in (
            report(one, action="delayed"),
            report(one, named="<a@b>"),
            report(one, named=forged),
            b"Subject: hello\n\nout of office\n",
            b"",
            b"\xff\x00" * 99,
            report(one).replace(b"multipart/report", b"multipart/mixed"),
            report(one)[:400],
        ):
            call_from(other)
        one.refresh_from_db()
        assert one.status == "sent"

    def test_an_mbox_and_a_maildir_from_wherever_they_come(self, round_, tmp_path):
        letters = [letter(round_, name) for name in ("a", "b", "c", "d")]
        send_due()
        mbox = tmp_path / "mbox"
        mbox.write_bytes(b"".join(b"From x Sat\n" + report(one) + b"\n" for one in letters[:2]))
        for name in ("cur", "new", "tmp"):
            (tmp_path / "mail" / name).mkdir(parents=True)
        (tmp_path / "mail" / "new" / "1").write_bytes(report(letters[2]))
        call_command("bounces", str(mbox), str(tmp_path / "mail"), stdout=io.StringIO())
        call_from(report(letters[3]))
        assert set(SentLetter.objects.values_list("status", flat=True)) == {"returned"}
        with pytest.raises(CommandError, match="none"):
            call_command("bounces", str(tmp_path / "none"))

    @pytest.mark.parametrize("of", ["person", "round"])
    def test_nothing_is_kept_of_one_that_comes_back_after_it_was_forgotten(self, round_, of):
        with_role("kim", round_, "observer")
        sent = letter(round_)
        send_due()
        waits = letter(round_, "kim2", to="kim@example.kr", reason="말", error="kim@example.kr")
        late = letter(round_, "kim3", to="kim@example.kr", status="returned", error="kim@example.kr")
        if of == "person":
            forget_account(account("kim"), "퇴직", actor="test")
        else:
            assert SentLetter in [answer for _receiver, answer in forgetting.send(sender=Round, round=round_)]
        call_from(report(sent))
        assert send_due() == 0
        for one, status in ((sent, "returned"), (waits, "stopped"), (late, "returned")):
            one.refresh_from_db()
            assert (one.status, one.subject, one.body, one.error, one.reason) == (status, "", "", "", "")

    def test_one_on_its_way_while_it_is_forgotten_does_not_wait_again(self, round_, monkeypatch):
        with_role("kim", round_, "observer")
        one = letter(round_)

        def refuse(*_args: object) -> None:
            forget_account(account("kim"), "퇴직", actor="test")
            raise smtplib.SMTPResponseException(451, b"kim@example.kr")

        monkeypatch.setattr(f"{BACKEND}.send_messages", refuse)
        send_due()
        one.refresh_from_db()
        assert (one.status, one.body, one.error) == ("stopped", "", "")


def call_from(content: bytes) -> None:
    """The command, with this on its standard input."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(content))
    try:
        call_command("bounces", stdout=io.StringIO())
    finally:
        sys.stdin = before
