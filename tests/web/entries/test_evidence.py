"""Evidence that has arrived: stored, ordered, removed, submitted, and handed out to who may have it."""

from __future__ import annotations

import io
import os
import stat
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from simsa.web.entries.evidence import Finding, NotNowError, TooLongError
from simsa.web.entries.files import downloads, keeping, spool, storage
from simsa.web.entries.files.keeping import (
    ChangedEvidenceError,
    check_evidence,
    erase_unneeded,
    evidence_of,
    move_evidence,
    remove_evidence,
    take_in_evidence,
    take_in_waiting,
)
from simsa.web.entries.files.uploads import add_file, forget_expired
from simsa.web.entries.models import Evidence
from simsa.web.entries.services.submitting import items_of
from simsa.web.programmes.append_only import AppendOnlyError
from simsa.web.programmes.models import Stage
from simsa.web.programmes.services import StageError, advance
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def add(entry, owner, examined):
    """`add(name, content)`: a file that has arrived and was examined."""

    def added(name="plan.pdf", content=CONTENT, criterion="work", examine=True) -> Evidence:
        evidence = add_file(entry, owner, SimpleUploadedFile(name, content), criterion)
        if examine:
            take_in_evidence(evidence.pk)
            evidence.refresh_from_db()
        return evidence

    return added


def get(client, evidence, part="original.bin", **headers):
    answer = client.get(f"/evidence/{evidence.pk}/{part}", headers=headers)
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_what_was_examined_is_stored_for_its_owner_alone(add, examined, tmp_path):
    examined(pages=2, cleaned=b"clean")
    evidence = add()
    assert (evidence.state, evidence.kind, evidence.pages, evidence.text) == ("ready", "pdf", [[10, 20]] * 2, "text")
    files = sorted((tmp_path / "evidence").rglob("*"))
    assert [file.name for file in files if file.is_file()] == ["copy", "original", "page-0001", "page-0002"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600, 0o700}
    assert list((tmp_path / "uploads").iterdir()) == []
    check_evidence(evidence)


def test_equal_files_have_nothing_in_common_that_shows(add):
    one, other = add(), add(criterion="idea")
    assert storage.key_of(one, "original") != storage.key_of(other, "original")


def test_a_refused_file_is_handed_to_nobody_and_erased(add, examined, owner, tmp_path):
    examined(faults=[Finding("macros", "VBA")], pages=1)
    evidence, submitted = add(), add("submitted.pdf")
    assert (evidence.state, evidence.faults) == ("refused", [["macros", "VBA"]])
    assert get(signed_in(owner), evidence)[0] == 404
    Evidence.objects.filter(pk=submitted.pk).update(submitted_at=timezone.now())
    assert erase_unneeded() == 0
    Evidence.objects.update(received_at=timezone.now() - timedelta(days=2))
    assert erase_unneeded() == 1
    assert [file.parent.name for file in tmp_path.rglob("*") if file.is_file()] == [submitted.pk.hex]


@pytest.mark.parametrize("broken", ["examining", "storage"])
def test_what_cannot_be_examined_or_stored_now_waits(add, examined, monkeypatch, tmp_path, broken):
    if broken == "examining":
        examined(error=NotNowError("the scanner does not answer"))
    else:
        (tmp_path / "evidence").rmdir()
        (tmp_path / "evidence").write_bytes(b"not a folder")
    evidence = add()
    assert evidence.state == "waiting"
    check_evidence(evidence)
    examined()
    if broken == "storage":
        (tmp_path / "evidence").unlink()
        assert take_in_evidence(evidence.pk) == "waiting"  # a disk that is not mounted is not written beside
        (tmp_path / "evidence").mkdir()
    assert take_in_waiting() == 0
    Evidence.objects.update(received_at=timezone.now() - timedelta(hours=1))
    assert [take_in_waiting(), take_in_waiting()] == [1, 0]  # not twice, while it waits for its turn
    assert take_in_evidence(evidence.pk) == take_in_evidence(evidence.pk) == "ready"
    evidence.refresh_from_db()
    check_evidence(evidence)


def test_what_takes_too_long_is_given_up_kept_and_tried_again_by_hand(add, entry, owner, examined, tmp_path):
    examined(error=TooLongError("the worker was not done after 300 s"))
    evidence = add()
    assert [take_in_evidence(evidence.pk) for _ in range(3)] == ["waiting", "unread", "unread"]
    Evidence.objects.update(received_at=timezone.now() - timedelta(days=2))
    assert (take_in_waiting(), erase_unneeded()) == (0, 0)
    day_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(spool.path_of(evidence.pk), (day_ago, day_ago))
    forget_expired()
    evidence.refresh_from_db()
    check_evidence(evidence)
    assert (tmp_path / "evidence" / storage.key_of(evidence, "original")).read_bytes() == CONTENT
    assert "다시 검사해 달라고" in signed_in(owner).get(f"/ko/entries/{entry.pk}/").content.decode()
    assert [item.state for item in items_of(entry, "ko") if item.label == "plan.pdf"] == ["missing"]
    officer = signed_in(with_role("boss", entry.round, "officer"))
    assert "#files" in officer.get("/ko/office/rounds/small/").content.decode()
    assert "plan.pdf" in officer.get("/ko/office/rounds/small/progress/").content.decode()
    again = f"/ko/evidence/{evidence.pk}/examine-again/"
    assert signed_in(owner).post(again).status_code == 403
    examined()
    assert officer.post(again).status_code == 302
    assert entry.round.events.filter(verb="evidence.tried_again", actor__startswith="person/").count() == 1
    assert take_in_evidence(evidence.pk) == "ready"
    evidence.refresh_from_db()
    assert (evidence.faults, spool.path_of(evidence.pk).exists()) == ([], False)
    check_evidence(evidence)
    assert officer.post(again).status_code == 302  # nothing is to be done
    assert Evidence.objects.get().state == "ready"


def test_what_could_not_be_examined_is_erased_everywhere_once_removed(add, entry, examined, tmp_path):
    examined(error=TooLongError("the worker was not done after 300 s"))
    evidence = add()
    for _ in range(2):
        take_in_evidence(evidence.pk)
    remove_evidence(evidence, actor="person/1")
    Evidence.objects.update(removed_at=timezone.now() - timedelta(days=2))
    assert erase_unneeded() == 1
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_what_was_stored_before_a_stop_is_not_stored_twice(add, monkeypatch):
    evidence = add(examine=False)
    with monkeypatch.context() as stopped:
        stopped.setattr(keeping, "_conclude", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_in_evidence(evidence.pk)
    assert take_in_evidence(evidence.pk) == "ready"
    assert not spool.path_of(evidence.pk).exists()
    check_evidence(evidence)


def test_what_an_earlier_attempt_left_half_made_is_replaced(add, entry, tmp_path):
    evidence = add(examine=False)
    half = tmp_path / "evidence" / storage.key_of(evidence, "original")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert take_in_evidence(evidence.pk) == "ready"
    evidence.refresh_from_db()
    check_evidence(evidence)


def test_changed_bytes_are_noticed(add, tmp_path):
    evidence = add()
    file = tmp_path / "evidence" / storage.key_of(evidence, "original")
    file.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(ChangedEvidenceError):
        check_evidence(evidence)


def test_files_of_a_criterion_have_an_order(add, entry):
    files = [add(f"{n}.pdf") for n in range(3)]
    add("other.pdf", criterion="idea")

    def order():
        return [one.name for one in evidence_of(entry, "work")]

    for which, by, expected in ((2, -1, "021"), (2, -1, "201"), (2, -1, "201"), (2, 1, "021"), (0, 5, "210")):
        move_evidence(files[which], by, actor="person/1")
        assert order() == [f"{n}.pdf" for n in expected]
    assert entry.round.events.filter(verb="evidence.ordered").count() == 4


def test_what_was_not_submitted_is_erased_a_day_after_its_removal(add, entry, tmp_path):
    add("kept.pdf")
    wrong = add("wrong.pdf")
    Evidence.objects.update(submitted_at=timezone.now())
    late = add("late.pdf")
    for evidence in (wrong, late):
        remove_evidence(evidence, actor="person/1")
        remove_evidence(evidence, actor="person/1")
    assert [one.name for one in evidence_of(entry)] == ["kept.pdf"]
    assert entry.round.events.filter(verb="evidence.removed").count() == 2
    assert erase_unneeded() == 0
    Evidence.objects.filter(removed_at__isnull=False).update(removed_at=timezone.now() - timedelta(days=2))
    assert erase_unneeded() == 1
    assert len(list((tmp_path / "evidence").rglob("original"))) == 2
    check_evidence(wrong)
    with pytest.raises(AppendOnlyError):
        Evidence.objects.get(pk=wrong.pk).delete()


def test_nothing_changes_once_the_evaluation_has_begun(add, round_):
    evidence = add()
    advance(round_, Stage.SCORING)
    with pytest.raises(StageError):
        remove_evidence(evidence, actor="person/1")
    with pytest.raises(StageError):
        move_evidence(evidence, 1, actor="person/1")
    with pytest.raises(StageError):
        add("late.pdf")


def test_files_are_attachments_that_do_nothing(add, owner, examined):
    examined(pages=1, cleaned=b"clean")
    evidence, client = add('계획 "1".html'), signed_in(owner)
    answer = client.get(f"/evidence/{evidence.pk}/original.bin")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%EA%B3%84")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == CONTENT
    assert get(client, evidence, "copy.bin") == (200, b"clean")
    # The name of the original may tell who made it.
    neutral = client.get(f"/evidence/{evidence.pk}/copy.bin").headers["Content-Disposition"]
    assert neutral == f'attachment; filename="{evidence.pk.hex[:8]}.html"'
    assert get(client, evidence, "pages/1.webp") == (200, b"RIFF0")
    assert [get(client, evidence, f"pages/{n}.webp")[0] for n in (0, 2)] == [404, 404]


def test_a_store_that_does_not_answer_is_told(add, owner, examined, monkeypatch):
    examined(pages=1)
    evidence, client = add(), signed_in(owner)

    def away(*_args):
        raise storage.StorageError("no answer")

    monkeypatch.setattr(storage, "size_of", away)
    monkeypatch.setattr(downloads, "original", away)
    assert [get(client, evidence, part)[0] for part in ("original.bin", "pages/1.webp")] == [503, 503]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, len(CONTENT)),
        ("bytes=-5", len(CONTENT) - 5, len(CONTENT)),
        (f"bytes=300000-{10**17}", 300000, len(CONTENT)),
        (f"bytes=-{10**17}", 0, len(CONTENT)),
    ],
)
def test_a_download_goes_on_where_it_stopped(add, owner, asked, start, end):
    evidence, client = add(), signed_in(owner)
    status, got = get(client, evidence, Range=asked)
    assert (status, got) == (206 if (start, end) != (0, len(CONTENT)) else 200, CONTENT[start:end])


def test_ranges_that_are_none(add, owner):
    evidence, client = add(), signed_in(owner)
    for asked in ("bytes=-", "bytes=5-1", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"):
        assert get(client, evidence, Range=asked) == (200, CONTENT)
    for asked in (f"bytes={len(CONTENT)}-", "bytes=-0"):
        assert get(client, evidence, Range=asked)[0] == 416


def test_another_host_hands_out_what_is_signed_and_for_a_moment(add, owner, settings, monkeypatch):
    settings.FILES_URL, settings.ALLOWED_HOSTS = "https://files.example.kr", ["testserver", "files.example.kr"]
    evidence, client = add(), signed_in(owner)
    answer = client.get(f"/evidence/{evidence.pk}/original.bin")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://files.example.kr/files/")
    path = answer.headers["Location"].removeprefix("https://files.example.kr")
    stranger = type(client)()
    there = stranger.get(path, headers={"Host": "files.example.kr"})
    assert b"".join(there.streaming_content) == CONTENT
    assert stranger.get(path, follow=True).status_code == 404
    for changed in (path[:-1], path.replace("original", "copy"), "/files/x"):
        assert stranger.get(changed, headers={"Host": "files.example.kr"}, follow=True).status_code == 404
    monkeypatch.setattr(downloads, "VALID", -1)
    assert stranger.get(path, headers={"Host": "files.example.kr"}, follow=True).status_code == 404


def test_forms_work_without_a_script(entry, owner, examined):
    client, page = signed_in(owner), f"/en/entries/{entry.pk}/evidence/"
    for n in range(2):
        file = io.BytesIO(b"%PDF" * 1000 * 1000)
        file.name = f"{n}.pdf"
        sent = client.post(page, {"criterion": "work", "file": file, "next": f"{page}?criterion=work"})
        assert (sent.status_code, sent.headers["Location"]) == (302, f"{page}?criterion=work#evidence-work")
    one, other = evidence_of(entry, "work")
    assert (one.name, one.state, one.size) == ("0.pdf", "waiting", 4_000_000)
    client.post(f"/en/evidence/{other.pk}/move/", {"by": "up"})
    assert evidence_of(entry, "work")[0].pk == other.pk
    client.post(f"/en/evidence/{one.pk}/remove/", {"next": "https://elsewhere.example/"})
    shown = client.get(f"{page}?criterion=work").content.decode()
    assert "1.pdf" in shown
    assert "0.pdf" not in shown
    for wrong in (
        {},
        {"file": SimpleUploadedFile("a.pdf", b"")},
        {"file": SimpleUploadedFile("a", b"1"), "criterion": "x"},
    ):
        assert client.post(page, wrong, follow=True).status_code == 200
    assert len(evidence_of(entry)) == 1


def test_forms_that_are_too_large_are_not_read(entry, owner, settings):
    settings.EVIDENCE_LARGEST = 1000

    class Unread(io.BytesIO):
        def read(self, *_size):
            raise AssertionError("somebody reads it")

    client, page = signed_in(owner), f"/en/entries/{entry.pk}/evidence/"
    sent = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "2000000", "wsgi.input": Unread()}
    assert client.request(REQUEST_METHOD="POST", PATH_INFO=page, **sent).status_code == 413
    assert type(client)().request(REQUEST_METHOD="POST", PATH_INFO=page, **sent).status_code == 413
