"""Uploads when everything goes wrong: what was acknowledged is there, in order, whatever fails in between.

A machine of random clients, networks and restarts against the verbs, and the real server killed in the middle.
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from simsa.web.entries.files import spool, uploads
from simsa.web.entries.files.keeping import check_evidence
from simsa.web.entries.files.uploads import Checksum, ChecksumError, Intake, OffsetError, TooLargeError
from simsa.web.entries.models import Evidence, Upload
from tests.draws import draws

PIECES = st.integers(0, 70)
BYTES = random.Random(7).randbytes(64)
SIZE = len(BYTES)


def stream(data, upto=None, breaks=5):
    """A body that is handed over in small pieces and ends early after `upto` bytes: a lost connection."""
    left = memoryview(bytes(data[: len(data) if upto is None else upto]))

    def read(size):
        nonlocal left
        piece, left = left[: min(size, breaks)], left[min(size, breaks) :]
        return bytes(piece)

    return read


class Uploads(RuleBasedStateMachine):
    """Any order of pieces, repeated, misplaced, cut off, on a full disk, with restarts, against a plain model."""

    entry = owner = None
    there = Bundle("uploads")

    def __init__(self):
        super().__init__()
        self.acknowledged = {}

    @rule(target=there)
    def begin(self):
        key = uploads.begin_upload(self.entry, self.owner, "plan.pdf", SIZE).pk
        self.acknowledged[key] = 0
        return key

    @rule(key=there, size=PIECES, upto=st.none() | PIECES)
    def go_on(self, key, size, upto):
        offset = self.acknowledged[key]
        data = BYTES[offset : offset + size]
        uploads.receive(key, offset, len(data), stream(data, upto))
        self.acknowledged[key] += len(data if upto is None else data[:upto])

    @rule(key=there, offset=PIECES, size=PIECES)
    def misplace(self, key, offset, size):
        if offset == self.acknowledged[key]:
            return
        with pytest.raises(OffsetError) as refused:
            uploads.receive(key, offset, size, stream(b"x" * size))
        assert refused.value.offset == self.acknowledged[key]

    @rule(key=there)
    def send_too_much(self, key):
        with pytest.raises(TooLargeError):
            uploads.receive(key, self.acknowledged[key], SIZE - self.acknowledged[key] + 1, stream(b"x" * 100))

    @rule(key=there, size=st.integers(1, 70), right=st.booleans())
    def sum_up(self, key, size, right):
        offset = self.acknowledged[key]
        data = BYTES[offset : offset + size]
        if not data:
            return
        checksum = Checksum("sha256", hashlib.sha256(data if right else b"other").digest())
        if right:
            self.acknowledged[key] = uploads.receive(key, offset, len(data), stream(data), checksum).offset
            assert self.acknowledged[key] == offset + len(data)
        else:
            with pytest.raises(ChecksumError):
                uploads.receive(key, offset, len(data), stream(data), checksum)

    @rule(key=there, size=st.integers(1, 70), room=st.integers(0, 70))
    def fill_the_disk(self, key, size, room):
        offset, write = self.acknowledged[key], os.pwrite
        data = BYTES[offset : offset + size]

        def limited(handle, piece, at):
            if at + len(piece) > offset + room:
                raise OSError(errno.ENOSPC, "full")
            return write(handle, piece, at)

        with mock.patch.object(os, "pwrite", limited):
            if room < len(data):
                with pytest.raises(spool.NoRoomError):
                    uploads.receive(key, offset, len(data), stream(data, breaks=7))
                # Of a long request, what had been made durable before counts.
                self.acknowledged[key] = Upload.objects.get(pk=key).offset
                assert offset <= self.acknowledged[key] <= offset + room
                assert spool.path_of(key).stat().st_size == self.acknowledged[key]
            else:
                self.acknowledged[key] = uploads.receive(key, offset, len(data), stream(data)).offset

    @rule(key=there, rest=st.binary(min_size=1, max_size=50))
    def die_while_writing(self, key, rest):
        """What a process had written when it was killed, or the power went, was never acknowledged."""
        if self.acknowledged[key] < SIZE:
            with spool.path_of(key).open("ab") as file:
                file.write(rest)
        spool._hashes.clear()

    @rule()
    def restart(self):
        spool._hashes.clear()

    @rule(key=consumes(there))
    def give_up(self, key):
        if self.acknowledged.pop(key) < SIZE:
            uploads.give_up(Upload.objects.get(pk=key))
        else:
            Evidence.objects.filter(pk=key).update(removed_at="2026-01-01T00:00:00Z")

    @invariant()
    def what_was_acknowledged_is_there(self):
        assert dict(Upload.objects.filter(pk__in=self.acknowledged).values_list("pk", "offset")) == self.acknowledged
        for key, offset in self.acknowledged.items():
            assert spool.path_of(key).read_bytes()[:offset] == BYTES[:offset]
        for evidence in Evidence.objects.filter(state="waiting"):
            assert evidence.sha256 == hashlib.sha256(BYTES).hexdigest()
            check_evidence(evidence)

    def teardown(self):
        Upload.objects.all().delete()
        Evidence.objects.all().delete()
        for file in spool.path_of(Evidence().pk).parent.iterdir():
            file.unlink()
        spool._hashes.clear()


@pytest.mark.django_db
def test_uploads_at_random(entry, owner, monkeypatch):
    monkeypatch.setattr(spool, "RESERVE", 0)
    monkeypatch.setattr(uploads, "KEPT", 20)
    monkeypatch.setattr(uploads, "intake_of", lambda _round: Intake(largest=1000, most=1000))
    monkeypatch.setattr(Uploads, "entry", entry)
    monkeypatch.setattr(Uploads, "owner", owner)
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Uploads,
        settings=settings(max_examples=draws(100), stateful_step_count=25, deadline=None, suppress_health_check=quiet),
    )
