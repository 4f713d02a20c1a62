"""The record on the command line: a small round from its freeze to a receipt that was checked, and each refusal."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simsa.cli import main
from simsa.record.receipts import Receipt
from tests.record.test_verifier_ballots import held
from tests.tables.folder import FILES, SMALL, write
from tests.tables.scored import MARKS

NAME = "record.example.org"
BEACON = "복권 제1083회"


def call(*words: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=given, catch_exceptions=False)


def done(*words: str | Path, given: str | None = None) -> Result:
    result = call(*words, given=given)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "round", {**FILES, "sheets.csv": MARKS})


@pytest.fixture
def opened(folder: Path, tmp_path: Path) -> Path:
    done("record", "open", folder, tmp_path / "rec", "--name", NAME, "--beacon", BEACON)
    done("record", "add", folder, tmp_path / "rec")
    return tmp_path / "rec"


@pytest.fixture
def concluded(opened: Path) -> Path:
    done("record", "close", opened)
    done("record", "draw", opened, "7 12 23")
    done("record", "result", opened)
    return opened


def facts(record: Path) -> dict[str, object]:
    return dict(json.loads(done("record", "show", record, "--json").stdout))


def test_a_round_from_freeze_to_verified_bundles(concluded: Path, folder: Path, tmp_path: Path) -> None:
    kinds = [kind for _index, kind, _hash in facts(concluded)["statements"]]  # type: ignore[attr-defined]
    assert kinds == ["freeze", "entries", "panel", "slots", "close", "seed", "result"]
    public, full = tmp_path / "public.zip", tmp_path / "full.zip"
    done("bundle", concluded, "-o", public)
    assert "auditors only" in done("bundle", concluded, "-o", full, "--full").stderr
    told = done("verify", public, "--lang", "en").stdout
    assert "Verified" in told
    assert "What this file cannot show" in told
    assert BEACON in told
    assert "가 (e1)" in done("verify", public).stdout  # the rules' language
    plain = json.loads(done("verify", full, "--json", "--key", str(facts(concluded)["key"])).stdout)
    assert plain["verdict"] == "verified"
    assert {check["name"]: check["outcome"] for check in plain["checks"]}["openings"] == "passed"
    run = json.loads(done("run", folder, "--json").stdout)
    assert [one["entry"] for one in plain["winners"]] == [one["entrant"] for one in run["winners"]]
    with zipfile.ZipFile(public) as archive:
        assert archive.testzip() is None
        assert "e1" in archive.read("README.txt").decode()


def test_what_is_there_is_not_added_twice_and_a_changed_sheet_is_its_next_version(opened: Path, folder: Path) -> None:
    before = facts(opened)["size"]
    assert "0 reviewers, 0 slots, 0 sheets are new" in done("record", "add", folder, opened).stdout
    assert facts(opened)["size"] == before
    write(folder, {"sheets.csv": MARKS.replace("e1,R1,idea,9.5", "e1,R1,idea,9")})
    assert "0 slots, 1 sheets are new" in done("record", "add", folder, opened).stdout


def test_a_receipt_is_checked_alone_by_key_and_by_bundle(concluded: Path, tmp_path: Path) -> None:
    done("record", "receipts", concluded, tmp_path / "receipts")
    done("bundle", concluded, "-o", tmp_path / "b.zip")
    file = tmp_path / "receipts" / "R1" / "e1.tlog-proof"
    key = str(facts(concluded)["key"])
    assert "who signed it was not checked" in done("receipt", "check", file).stdout
    assert "signed by this key" in done("receipt", "check", file, "--key", key).stdout
    assert "counted as submitted" in done("receipt", "check", file, "--bundle", tmp_path / "b.zip").stdout
    assert "9.5" in done("receipt", "show", file).stdout
    held = Receipt.parse(file.read_bytes())
    plain = json.loads(done("receipt", "check", file, "--json").stdout)
    assert (plain["entry"], plain["leaf_hash"]) == ("e1", held.opening.leaf_hash.hex())
    other = key.replace(key[-8:-4], "AAAA")
    assert call("receipt", "check", file, "--key", other).exit_code == 2  # the identifier does not fit
    file.write_bytes(file.read_bytes().replace(b"index ", b"index 1"))
    refused = call("receipt", "check", file)
    assert refused.exit_code == 1
    assert "Error" in refused.stderr
    told = done("verify", tmp_path / "b.zip", "--receipt", file, "--lang", "en").stdout
    assert "proves nothing here" in told


def test_the_receipt_of_a_ballot_is_checked_alone_by_key_and_by_bundle(tmp_path: Path) -> None:
    book, receipts = held()
    key, file, bundle = book.keys[0].text, tmp_path / "ballot.json", tmp_path / "b.zip"
    file.write_bytes(receipts[0] + b"\r\n")
    bundle.write_bytes(book.bundle())
    assert "holds; who signed it was not checked" in done("receipt", "check", file).stdout
    assert "signed by this key" in done("receipt", "check", file, "--key", key).stdout
    assert "among the ballots, and counted" in done("receipt", "check", file, "--bundle", bundle).stdout
    assert "b1  2" in done("receipt", "show", file).stdout
    plain = json.loads(done("receipt", "check", file, "--json").stdout)
    assert (plain["kind"], plain["ballot"][0], plain["origin"]) == ("ballot", ["a0", "3"], book.origin)
    told = done("verify", bundle, "--receipt", file, "--lang", "en").stdout
    assert "The public vote follows from its ballots" in told
    assert "4 of 5 ballots count" in told
    other, forged = held(lambda book: book.ballots.pop(0))
    bundle.write_bytes(other.bundle())
    file.write_bytes(forged[0])
    refused = call("receipt", "check", file, "--bundle", bundle)
    assert refused.exit_code == 1
    assert "this ballot was dropped" in refused.stderr
    early = {name: value for name, value in json.loads(receipts[0]).items() if name != "sealed"}
    file.write_text(json.dumps(early, sort_keys=True, separators=(",", ":")))
    assert "says nothing that can be checked" in done("receipt", "check", file).stdout
    assert "not sealed yet" in done("receipt", "show", file).stdout


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"a0","3"', b'"a0","2"', "signature is not by the log's key"),
        (b'"index":0', b'"index":1', "not among the ballots that were sealed"),
        (b'"size":2', b'"size":3', "not among the ballots that were sealed"),
        (b'"simsa_ballot":1', b'"simsa_ballot":2', "no receipt of a ballot"),
        (b"{", b"{ ", "no receipt of a ballot"),
        (b'"secret":"', b'"secret":"x', "no receipt of a ballot"),
    ],
)
def test_a_ballots_receipt_that_was_damaged_is_told_by_its_file(
    tmp_path: Path, old: bytes, new: bytes, why: str
) -> None:
    book, receipts = held()
    file = tmp_path / "ballot.json"
    assert old in receipts[0]
    file.write_bytes(receipts[0].replace(old, new, 1))
    refused = call("receipt", "check", file, "--key", book.keys[0].text)
    assert refused.exit_code == 1
    assert why in refused.stderr.replace("\n", " ")
    assert "ballot.json" in refused.stderr


def test_exit_status_says_what_the_verdict_is(opened: Path, concluded: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "b.zip", tmp_path / "broken.zip"
    done("bundle", concluded, "-o", whole)
    broken.write_bytes(whole.read_bytes()[:-30] + whole.read_bytes()[-29:] + b"x")
    text = tmp_path / "text.zip"
    text.write_text("no bundle")
    assert [call("verify", file).exit_code for file in (whole, broken, text)] == [0, 3, 5]
    done("record", "forget", concluded, "--reason", "The time for objections is over", given="y\n")
    done("bundle", concluded, "-o", whole)
    told = call("verify", whole, "--lang", "en")
    assert told.exit_code == 4
    assert "what opens them was destroyed" in told.stdout
    assert call("bundle", concluded, "-o", whole, "--full").exit_code == 1


def test_forgetting_needs_a_yes(concluded: Path) -> None:
    before = facts(concluded)["size"]
    assert call("record", "forget", concluded, "--reason", "x", given="n\n").exit_code == 1
    assert facts(concluded)["size"] == before


def test_witnesses_keys_and_policies(concluded: Path, tmp_path: Path) -> None:
    first = str(facts(concluded)["key"])
    done("record", "rotate", concluded)
    key, bundle = tmp_path / "kim.key", tmp_path / "b.zip"
    witness = done("record", "key", "auditor.example/kim", "-o", key).stdout.strip()
    assert key.stat().st_mode & 0o077 == 0
    assert call("record", "key", "auditor.example/kim", "-o", key).exit_code == 1  # never written over
    done("bundle", concluded, "-o", bundle, "--full")
    done("record", "countersign", bundle, "--key", key, "-o", tmp_path / "signed")
    done("record", "cosign", concluded, tmp_path / "signed", "--witness", witness)
    done("bundle", concluded, "-o", bundle)
    policy = tmp_path / "policy"
    policy.write_text(f"witness kim {witness}\nquorum kim\n")
    assert "auditor.example/kim" in done("verify", bundle, "--policy", policy, "--key", first).stdout
    stranger = done("record", "key", "x.example/lee", "-o", tmp_path / "lee.key").stdout.strip()
    policy.write_text(f"witness lee {stranger}\nquorum lee\n")
    assert call("verify", bundle, "--policy", policy).exit_code == 3
    policy.write_text("quorum nobody\n")
    refused = call("verify", bundle, "--policy", policy)
    assert refused.exit_code == 1
    assert "line 1" in refused.stderr


def test_a_bundle_that_does_not_hold_is_not_countersigned(concluded: Path, tmp_path: Path) -> None:
    bundle, key = tmp_path / "b.zip", tmp_path / "kim.key"
    done("bundle", concluded, "-o", bundle)
    bundle.write_bytes(bundle.read_bytes() + b"x")
    done("record", "key", "auditor.example/kim", "-o", key)
    refused = call("record", "countersign", bundle, "--key", key, "-o", tmp_path / "signed")
    assert refused.exit_code == 1
    assert not (tmp_path / "signed").exists()


def test_an_amendment_and_a_second_result(concluded: Path, folder: Path, tmp_path: Path) -> None:
    assert call("record", "result", concluded).exit_code == 1
    changed = SMALL.replace("drop_high = 1", "drop_high = 0")
    write(folder, {"rules.toml": changed})
    refused = call("record", "add", folder, concluded)
    assert refused.exit_code == 1
    assert "simsa record amend" in refused.stderr
    done("record", "amend", concluded, "--reason", "Court ruling", "--rules", folder / "rules.toml")
    done("bundle", concluded, "-o", tmp_path / "b.zip")
    assert call("verify", tmp_path / "b.zip").exit_code == 4  # no result under these rules yet
    done("record", "result", concluded)
    done("bundle", concluded, "-o", tmp_path / "b.zip")
    assert call("verify", tmp_path / "b.zip").exit_code == 0


def test_the_log_is_published_as_tiles(opened: Path, tmp_path: Path) -> None:
    done("record", "publish", opened, tmp_path / "log")
    size = facts(opened)["size"]
    assert (tmp_path / "log/checkpoint").read_text().split("\n")[1] == str(size)
    assert (tmp_path / f"log/tile/entries/000.p/{size}").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("record", "show", "nowhere"), "there is no record"),
        (("record", "open", "ROUND", "RECORD", "--name", NAME), "is there already"),
        (("record", "draw", "RECORD", "7"), "close the round first"),
        (("record", "result", "RECORD"), "close of the round"),
        (("record", "forget", "RECORD", "--reason", "x", "--yes"), "no result yet"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    opened: Path, folder: Path, tmp_path: Path, words: tuple[str, ...], what: str
) -> None:
    places = {"ROUND": folder, "RECORD": opened, "nowhere": tmp_path / "nowhere"}
    before = facts(opened)
    refused = call(*(places.get(word, word) for word in words))
    assert refused.exit_code == 1, refused.output
    assert what in refused.stderr
    assert facts(opened) == before


@pytest.mark.parametrize(
    "words",
    [
        ("amend", "RECORD", "--reason", " "),
        ("forget", "RECORD", "--yes", "--reason", ""),
        ("open", "ROUND", "NEW", "--name", ""),
        ("open", "ROUND", "NEW", "--name", NAME, "--beacon", ""),
    ],
)
def test_an_empty_option_does_not_pass_for_one_that_was_left_out(
    concluded: Path, folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    places = {"ROUND": folder, "RECORD": concluded, "NEW": tmp_path / "new"}
    before = facts(concluded)
    refused = call("record", *(places.get(word, word) for word in words))
    assert refused.exit_code == 2
    assert "is empty" in refused.stderr
    assert facts(concluded) == before
    assert not (tmp_path / "new").exists()


def test_lots_await_the_beacon_and_it_is_entered_once(opened: Path) -> None:
    done("record", "close", opened)
    refused = call("record", "result", opened)
    assert refused.exit_code == 1
    assert "beacon" in refused.stderr
    done("record", "draw", opened, "7")
    again = call("record", "draw", opened, "8")
    assert again.exit_code == 1
    assert "beacon" in again.stderr


def test_nothing_is_amended_or_forgotten_once_it_was_forgotten(concluded: Path) -> None:
    done("record", "forget", concluded, "--reason", "x", "--yes")
    before = facts(concluded)
    for words in (("amend", concluded), ("forget", concluded, "--yes")):
        refused = call("record", *words, "--reason", "y")
        assert refused.exit_code == 1
        assert "was forgotten" in refused.stderr
    assert facts(concluded) == before


def test_the_close_says_how_many_sheets_are_missing(folder: Path, tmp_path: Path) -> None:
    slots = '[assignment]\nfile = "slots.csv"\nentry = "entry"\nreviewer = "reviewer"\n'
    pairs = [f"e{entry},R{reviewer}" for entry in (1, 2, 3) for reviewer in (1, 2, 3)] + ["e4,R1", "e4,R2"]
    write(folder, {"round.toml": FILES["round.toml"] + slots, "slots.csv": "\n".join(["entry,reviewer", *pairs])})
    done("record", "open", folder, tmp_path / "rec", "--name", NAME)
    done("record", "add", folder, tmp_path / "rec")
    assert "2 missing, 9 submitted" in done("record", "close", tmp_path / "rec").stdout


def test_a_record_that_could_not_be_begun_is_not_in_the_way(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("record", "open", folder, tmp_path / "new", "--name", NAME)
    with monkeypatch.context() as full:
        full.setattr("simsa.record.folder.database._SCHEMA", "no such statement;")
        assert call(*words).exit_code == 1
    done(*words)


def test_a_signing_key_in_the_wrong_place_is_not_repeated(concluded: Path, tmp_path: Path) -> None:
    done("bundle", concluded, "-o", tmp_path / "b.zip")
    secret = (concluded / "key").read_text().strip()
    for given in (concluded / "key", secret):
        refused = call("verify", tmp_path / "b.zip", "--key", given)
        assert refused.exit_code == 2
        assert "signing key" in refused.stderr
        assert secret[-44:-30] not in refused.output


def test_an_error_names_the_file_that_it_is_about(concluded: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "b.zip"
    refused = call("bundle", concluded, "-o", nowhere)
    assert refused.exit_code == 1
    assert str(nowhere) in refused.stderr
    assert ".part" not in refused.stderr
    done("bundle", concluded, "-o", tmp_path / "b.zip")
    policy = tmp_path / "policy"
    policy.write_text("quorom none\n")
    refused = call("verify", tmp_path / "b.zip", "--policy", policy)
    assert refused.exit_code == 1
    assert refused.stderr.count(str(policy)) == 2  # what is unknown, and what is missing


def test_nothing_is_added_after_the_close(concluded: Path, folder: Path) -> None:
    write(folder, {"sheets.csv": MARKS.replace("e1,R1,idea,9.5", "e1,R1,idea,9")})
    before = facts(concluded)["size"]
    assert call("record", "add", folder, concluded).exit_code == 1
    assert call("record", "close", concluded).exit_code == 1
    assert facts(concluded)["size"] == before
