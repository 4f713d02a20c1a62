"""The record's public addresses: what a monitor of the log, a verifier and a browser are given."""

from __future__ import annotations

import pytest

from simsa.record.checkpoints import Checkpoint
from simsa.record.merkle import leaf_hash, root_from, root_of
from simsa.record.notes import VerifierKey
from simsa.record.tiles import Tile, entries_of, nodes_from, tiles_of
from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.services import slots_of, submit_sheet
from simsa.web.programmes.models import Log
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import publish_round
from tests.web.panel.rounds import mark, scored

pytestmark = pytest.mark.django_db
RECORD = "/rounds/proactive-2023-h1/record/"


def test_the_whole_log_can_be_fetched_and_is_the_one_that_was_signed(client, whole_example):
    key = VerifierKey.parse(client.get(f"{RECORD}key").content.decode().strip())
    last = Checkpoint.parse(client.get(f"{RECORD}checkpoint").content)
    assert last.note.signed_by(key)
    assert last.size > 1000

    def tile(place: Tile) -> bytes:
        answer = client.get(f"{RECORD}tile/{place.path}")
        assert answer.status_code == 200
        return answer.content

    assert root_from(nodes_from(tile, last.size), last.size) == last.root
    leaves = [leaf for place in tiles_of(last.size) if place.level < 0 for leaf in entries_of(tile(place), place.width)]
    assert root_of(map(leaf_hash, leaves)) == last.root


@pytest.mark.parametrize(
    "path", ["0/x001/000", "2/000", "0/000.p/256", "1/000.p/200", "00/000", "0/0", "-1/000", "0/.."]
)
def test_a_tile_that_there_is_not_is_not_there(client, whole_example, path):
    assert client.get(f"{RECORD}tile/{path}", follow=True).status_code == 404


def test_tiles_never_change_and_nobody_takes_them_for_pages(client, whole_example):
    answer = client.get(f"{RECORD}tile/0/000")
    assert answer.headers["Cache-Control"] == "max-age=31536000, immutable, public"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    for name in ("tile/0/000", "checkpoint", "key", "bundle.zip"):
        assert client.get(f"{RECORD}{name}").headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{RECORD}checkpoint").headers["Cache-Control"] == "no-cache"


def test_a_tile_of_a_round_that_is_not_public_is_not_kept_by_others(client, admin_client, whole_example, hidden):
    hidden()
    assert "public" not in admin_client.get(f"{RECORD}tile/0/000").headers.get("Cache-Control", "")


def test_the_bundle_is_there_once_the_result_is(client):
    round_ = scored()
    publish_round(round_)
    address = "/rounds/small/record/"
    assert client.get(f"{address}bundle.zip", follow=True).status_code == 404
    before = Checkpoint.parse(client.get(f"{address}checkpoint").content)
    submit_sheet(slots_of(round_)[0], mark(9))
    assert Checkpoint.parse(client.get(f"{address}checkpoint").content) == before
    sequence_waiting()
    assert Checkpoint.parse(client.get(f"{address}checkpoint").content).size == Log.objects.get().size > before.size
    page = client.get("/en/rounds/small/").content.decode()
    assert f"{address}key" in page
    assert f"{address}bundle.zip" not in page
    publish(run_selection(round_))
    answer = client.get(f"{address}bundle.zip")
    assert (answer.headers["Content-Type"], verify(answer.content).answer) == ("application/zip", Answer.VERIFIED)
    page = client.get("/en/rounds/small/").content.decode()
    assert all(link in page for link in (f"{address}key", f"{address}bundle.zip", "/verify/"))


def test_the_verifier_is_one_page_that_talks_to_nobody(client):
    answer = client.get("/verify/")
    assert "<script>" in answer.content.decode()
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
