"""Uploads: the protocol tus 1.0 as clients speak it, and what becomes of bytes when networks and processes fail."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import stat
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from simsa.web.entries.files import spool, tus, uploads
from simsa.web.entries.files.keeping import check_evidence, take_in_evidence
from simsa.web.entries.models import Evidence, Upload
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.programmes import phases
from simsa.web.programmes.models import Stage
from simsa.web.programmes.services import StageError, advance, check_events, open_round
from tests.rules.small import changed
from tests.web.entries.pictures import noise
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
PNG = noise(60)


class Tus:
    """A client of the protocol, signed in as somebody."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, method, path, data=b"", **headers):
        said = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): str(value) for name, value in headers.items()}}
        kind = said.pop("Content-Type", "application/offset+octet-stream")
        body = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(data))}  # of an empty body, too
        return self.client.generic(method, path, data, headers=said, **body)

    def create(self, entry, size, name="plan.png", criterion="", data=None, **headers):
        told = {"filename": name, "criterion": criterion}
        pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        kind = {"Content_Type": "application/offset+octet-stream" if data is not None else "text/plain"}
        sent = {"Upload_Length": size, "Upload_Metadata": pairs, **kind, **headers}
        return self.send("POST", f"/en/entries/{entry.pk}/uploads/", data or b"", **sent)

    def patch(self, path, offset, data, **headers):
        return self.send("PATCH", path, data, Upload_Offset=offset, **headers)

    def offset(self, path):
        return int(self.send("HEAD", path).headers["Upload-Offset"])


@pytest.fixture
def client_of(owner) -> Tus:
    return Tus(signed_in(owner))


@pytest.fixture
def roomy(monkeypatch):
    """A disk with enough room, whatever this machine's has."""
    monkeypatch.setattr(spool, "RESERVE", 0)


def test_a_file_comes_in_pieces_and_is_evidence_when_the_last_has_come(
    entry, client_of, django_capture_on_commit_callbacks
):
    made = client_of.create(entry, len(PNG), "계획\u200b.png", "work")
    assert made.status_code == 201
    path = made.headers["Location"]
    assert "Upload-Expires" in made.headers
    told = client_of.send("HEAD", path)
    assert (told.status_code, told.headers["Upload-Offset"], told.headers["Upload-Length"]) == (200, "0", str(len(PNG)))
    assert told.headers["Cache-Control"] == "no-store"
    assert client_of.patch(path, 0, PNG[:1000]).headers["Upload-Offset"] == "1000"
    evidence = Evidence.objects.get()
    assert (evidence.state, evidence.name, evidence.criterion) == ("uploading", "계획.png", "work")
    assert stat.S_IMODE(spool.path_of(evidence.pk).stat().st_mode) == 0o600
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of.patch(path, 1000, PNG[1000:]).status_code == 204
    evidence.refresh_from_db()
    assert (evidence.state, evidence.sha256) == ("waiting", hashlib.sha256(PNG).hexdigest())
    assert client_of.offset(path) == len(PNG)  # whoever did not hear the last answer hears it now
    assert client_of.patch(path, len(PNG), b"").status_code == 204
    assert client_of.send("DELETE", path).status_code == 410
    check_evidence(evidence)
    assert take_in_evidence(evidence.pk) == "ready"
    evidence.refresh_from_db()
    check_evidence(evidence)
    assert not spool.path_of(evidence.pk).exists()
    assert client_of.patch(path, len(PNG), b"").status_code == 204
    late = client_of.patch(path, 1000, PNG[1000:])  # once more, where the first answer was lost
    assert (late.status_code, late.headers["Upload-Offset"]) == (409, str(len(PNG)))
    assert [event.verb for event in entry.round.events.all()][-2:] == ["evidence.received", "evidence.examined"]
    assert check_events(entry.round) == entry.round.events.count()
    assert "계획" not in "".join(event.payload for event in entry.round.events.all())


def test_what_the_server_speaks(entry, client_of):
    told = client_of.client.options(f"/en/entries/{entry.pk}/uploads/")
    assert told.status_code == 204
    assert told.headers["Tus-Version"] == "1.0.0"
    assert set(told.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "checksum",
        "expiration",
    }
    assert told.headers["Tus-Max-Size"] == "52428800"
    assert client_of.create(entry, 10, Tus_Resumable="0.2.2").status_code == 412
    path = client_of.create(entry, 10).headers["Location"]
    assert client_of.send("PUT", path).status_code == 405
    assert client_of.patch(path, 0, b"x", Content_Type="text/plain").status_code == 415
    assert client_of.send("PATCH", path, b"x").status_code == 400
    assert client_of.create(entry, "ten").status_code == client_of.create(entry, "").status_code == 400
    assert client_of.send("POST", path, b"abc", Upload_Offset=0, X_HTTP_Method_Override="PATCH").status_code == 204
    assert client_of.offset(path) == 3


def test_bytes_may_come_with_the_creation(entry, client_of):
    made = client_of.create(entry, len(PNG), data=PNG[:300])
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, "300")
    whole = client_of.create(entry, len(PNG), data=PNG)
    assert whole.headers["Upload-Offset"] == str(len(PNG))
    assert sorted(Evidence.objects.values_list("state", flat=True)) == ["uploading", "waiting"]


def test_wrong_offsets_and_too_many_bytes_change_nothing(entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]
    client_of.patch(path, 0, b"a" * 40)
    for offset in (0, 39, 41, 100):
        refused = client_of.patch(path, offset, b"b")
        assert (refused.status_code, refused.headers["Upload-Offset"]) == (409, "40")
    assert client_of.patch(path, 40, b"b" * 61).status_code == 413
    assert client_of.offset(path) == 40


@pytest.mark.parametrize(
    ("size", "name", "criterion", "status"),
    [
        (52_428_801, "a.pdf", "", 413),
        (0, "a.pdf", "", 400),
        (1, "", "", 400),
        (1, "..", "", 400),
        (1, "x" * 256, "", 400),
        (1, "a.pdf", "nothing", 400),
        (10**17, "a.pdf", "", 413),
    ],
)
def test_what_cannot_be_evidence_is_refused_before_a_byte_is_sent(entry, client_of, size, name, criterion, status):
    refused = client_of.create(entry, size, name, criterion)
    assert refused.status_code == status
    assert refused.content.decode().strip()
    assert Evidence.objects.count() == 0


def test_a_round_has_limits_of_its_own(client_of, settings):
    limits = "[entries]\nfiles = 2\nmebibytes = 1\n[missing]"
    opened = open_round(changed('id = "small"', 'id = "narrow"', changed("[missing]", limits)))
    import_entries(opened, [EntryRow("r1", "a", "하나")])
    entry = opened.entries.get()
    with_role("one", opened, "entrant", "r1")
    assert client_of.create(entry, 1024 * 1024 + 1).status_code == 413
    assert [client_of.create(entry, 1024 * 1024).status_code for _ in range(3)] == [201, 201, 400]
    assert client_of.create(entry, 101, criterion="work").status_code == 201
    settings.EVIDENCE_LARGEST = 100
    assert client_of.create(entry, 101, criterion="idea").status_code == 413


def test_checksums(entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]

    def summed(algorithm, data):
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"

    assert client_of.patch(path, 0, b"a" * 10, Upload_Checksum=summed("sha256", b"b" * 10)).status_code == 460
    assert client_of.offset(path) == 0
    assert client_of.patch(path, 0, b"a" * 10, Upload_Checksum=summed("sha1", b"a" * 10)).status_code == 204
    assert client_of.patch(path, 10, b"a", Upload_Checksum="md5 AAAA").status_code == 400
    assert client_of.patch(path, 10, b"a", Upload_Checksum="sha256 ?").status_code == 400
    assert client_of.offset(path) == 10


def test_two_requests_at_once_on_one_upload(entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]
    key = Upload.objects.get().pk
    with spool.locked(key):
        busy = client_of.patch(path, 0, b"a")
    assert (busy.status_code, busy.headers["Retry-After"]) == (423, "2")
    assert client_of.patch(path, 0, b"a").status_code == 204


def test_threads_are_left_for_pages(entry, client_of, monkeypatch):
    path = client_of.create(entry, 100).headers["Location"]
    places = tus.threading.BoundedSemaphore(1)
    monkeypatch.setattr(tus, "_places", places)
    with places:
        assert client_of.patch(path, 0, b"a").status_code == 429
    assert client_of.patch(path, 0, b"a").status_code == 204


def test_a_full_disk_keeps_what_was_acknowledged(entry, client_of, roomy, monkeypatch):
    path = client_of.create(entry, 100).headers["Location"]
    client_of.patch(path, 0, b"a" * 10)
    file, write = spool.path_of(Upload.objects.get().pk), os.pwrite

    def full(handle, data, offset):
        if offset > 20:
            raise OSError(errno.ENOSPC, "no space left")
        return write(handle, data[:15], offset)

    monkeypatch.setattr(os, "pwrite", full)
    assert client_of.patch(path, 10, b"b" * 90).status_code == 507
    assert client_of.offset(path) == file.stat().st_size == 10
    monkeypatch.setattr(os, "pwrite", write)
    assert client_of.patch(path, 10, b"b" * 90).status_code == 204
    check_evidence(Evidence.objects.get())


def test_uploads_leave_a_reserve(entry, client_of, monkeypatch):
    path = client_of.create(entry, 100).headers["Location"]
    monkeypatch.setattr(spool, "RESERVE", 2**60)
    assert client_of.patch(path, 0, b"a").status_code == 507
    assert client_of.create(entry, 100).status_code == 507
    assert Evidence.objects.count() == 1


def test_a_folder_that_was_emptied_is_noticed(entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]
    client_of.patch(path, 0, b"a" * 10)
    os.truncate(spool.path_of(Upload.objects.get().pk), 9)
    assert client_of.patch(path, 10, b"a").status_code == 500
    spool.path_of(Upload.objects.get().pk).unlink()
    assert client_of.patch(path, 10, b"a").status_code == 500


def test_giving_up_and_expiry(entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]
    client_of.patch(path, 0, b"a")
    assert client_of.send("DELETE", path).status_code == 204
    assert client_of.send("HEAD", path).status_code == 404
    assert Evidence.objects.count() == len(list(spool.path_of(Evidence().pk).parent.iterdir())) == 0
    path = client_of.create(entry, 100).headers["Location"]
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client_of.patch(path, 0, b"a").status_code == 410
    assert uploads.forget_expired() == 1
    assert Evidence.objects.count() == 0


def test_what_dead_processes_left_is_swept_up(entry, client_of, settings):
    path = client_of.create(entry, 100).headers["Location"]
    client_of.patch(path, 0, b"a")
    known = spool.path_of(Upload.objects.get().pk)
    left = [settings.UPLOADS / name for name in ("0" * 32, "f" * 32, "somebody's.txt")]
    for file in (*left, known):
        file.touch()
        if file != left[1]:
            os.utime(file, (0, 0))
    (settings.UPLOADS / "evidence-x").mkdir()
    os.utime(settings.UPLOADS / "evidence-x", (0, 0))
    uploads.forget_expired()
    assert sorted(settings.UPLOADS.iterdir()) == sorted([*left[1:], known])


def test_an_upload_is_its_owner_s_and_the_entry_s(round_, entry, client_of):
    path = client_of.create(entry, 100).headers["Location"]
    colleague = Tus(signed_in(with_role("colleague", round_, "entrant", "r1")))
    stranger = Tus(signed_in(with_role("stranger", round_, "entrant", "r2")))
    officer = Tus(signed_in(with_role("officer", round_, "officer")))
    for client in (colleague, stranger, officer):
        assert [client.send(method, path).status_code for method in ("HEAD", "PATCH", "DELETE")] == [404] * 3
    assert [client.create(entry, 1).status_code for client in (colleague, stranger)] == [201, 404]
    assert client_of.client.get(f"/en/entries/{'9' * 18}/uploads/").status_code == 404
    advance(round_, Stage.SCORING)
    assert client_of.patch(path, 0, b"a").status_code == client_of.create(entry, 1).status_code == 403


def test_requests_carry_the_token_of_forms(entry, owner):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(owner).cookies
    assert Tus(strict).create(entry, 100).status_code == 403
    strict.cookies["csrftoken"] = "a" * 32
    client = Tus(strict)
    path = client.create(entry, 100, X_CSRFToken="a" * 32, data=b"a").headers["Location"]
    assert client.patch(path, 1, b"a").status_code == 403
    assert client.patch(path, 1, b"a", X_CSRFToken="a" * 32).status_code == 204


def test_nothing_is_taken_after_the_time_of_grace(client_of, monkeypatch):
    times = "call = 2026-03-01T09:00:00\ndeadline = 2026-03-31T18:00:00\ngrace_until = 2026-03-31T18:10:00"
    dated = changed('id = "small"', 'id = "dated"', changed("[missing]", f"[schedule]\n{times}\n[missing]"))
    opened = open_round(dated)
    import_entries(opened, [EntryRow("r1", "a", "하나")])
    entry = opened.entries.get()
    with_role("one", opened, "entrant", "r1")

    def at(moment):
        monkeypatch.setattr(phases.timezone, "now", lambda: datetime.fromisoformat(f"2026-{moment}+09:00"))

    at("03-01T08:59:59")
    assert client_of.create(entry, 10).status_code == 403
    at("03-31T18:09:59")
    path = client_of.create(entry, 10).headers["Location"]
    assert client_of.patch(path, 0, b"x" * 9).status_code == 204
    at("03-31T18:10:00")
    assert client_of.patch(path, 9, b"x").status_code == client_of.create(entry, 10).status_code == 403
    with pytest.raises(StageError):  # a request that began in time is too late, too
        uploads.receive(Upload.objects.get().pk, 9, 1, lambda _size: b"x")
    assert (Evidence.objects.get().state, Upload.objects.get().offset) == ("uploading", 9)
