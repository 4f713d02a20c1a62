"""Receipts: what is read back, what holds, and what is refused, as file and as picture."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from simsa.record.canonical import canonical_bytes, parse_exact
from simsa.record.checkpoints import Checkpoint
from simsa.record.leaves import Opening, event_opening, sheet_opening
from simsa.record.log import promise
from simsa.record.merkle import inclusion_proof, layers, leaf_hash, root_of
from simsa.record.notes import COSIGNATURE, PLAIN, Note, SigningKey, decoded, encoded
from simsa.record.receipt_pictures import PictureError, receipt_pngs, receipt_svgs
from simsa.record.receipts import Receipt, ReceiptError, SlotReceipt, marks_of

ORIGIN, ROUND, SECRET = "simsa.example/r-2026", "r-2026", bytes(range(32))
KEY, STRANGER = (SigningKey(name, PLAIN, bytes([n]) * 32) for n, name in enumerate((ORIGIN, "stranger")))
MARKS = {"merit": "8.5", "reach": "recused"}
SHEET = sheet_opening(ROUND, "0" * 32, 2, MARKS, SECRET)
EVENT = event_opening(ROUND, {"verb": "개시", "actor": "", "at": "", "payload": None}, SECRET)
SLOT = SlotReceipt("e1", "위원 1", bytes(32))


def genuine(receipt: Receipt) -> Receipt:
    """Signed by the log's key, as "The record's format" lays down."""
    content = extra_of(receipt)
    del content["signature"]
    signed = [b"simsa receipt v1", ORIGIN.encode(), canonical_bytes(content)]
    return replace(receipt, signature=KEY.sign(b"".join(len(part).to_bytes(8, "big") + part for part in signed)))


def extra_of(receipt: Receipt) -> dict[str, Any]:
    content: dict[str, Any] = parse_exact(decoded(bytes(receipt).decode().split("\n")[1].removeprefix("extra ")))
    return content


def in_log(opening: Opening, index: int = 5, size: int = 11, reviewer: SlotReceipt | None = SLOT) -> Receipt:
    hashes = [leaf_hash(str(n).encode()) for n in range(size)]
    hashes[index] = opening.leaf_hash
    tree = layers(hashes)
    proof = inclusion_proof(lambda level, n: tree[level][n], index, size)
    checkpoint = Checkpoint.signed(ORIGIN, size, root_of(hashes), [KEY])
    return genuine(Receipt(opening, reviewer, index, tuple(proof), checkpoint))


PROVEN = in_log(SHEET)
PROMISED = genuine(Receipt(SHEET, SLOT, promise=promise(ORIGIN, SHEET.leaf_hash, KEY, now=1000)))
EVERY = {
    "proven": PROVEN,
    "promised": PROMISED,
    "event": in_log(EVENT, reviewer=None),
    "alone": in_log(SHEET, 0, 1),
}


@pytest.mark.parametrize("receipt", EVERY.values(), ids=list(EVERY))
def test_a_receipt_is_read_back_and_holds(receipt: Receipt) -> None:
    again = Receipt.parse(bytes(receipt))
    assert again == receipt
    assert bytes(again) == bytes(receipt)
    assert again.check([STRANGER.verifier, KEY.verifier]) == {KEY.verifier}
    assert again.origin == ORIGIN
    with pytest.raises(ReceiptError, match="not by the log's key"):
        again.check([STRANGER.verifier])


def test_a_promise_says_until_when_and_a_proof_needs_no_moment() -> None:
    assert PROMISED.until == 1000 + 3600
    assert PROVEN.until is None
    assert marks_of(PROVEN.opening.values) == MARKS


def test_the_layout_of_c2sp_tlog_proof() -> None:
    head, _, note = bytes(PROVEN).decode().partition("\n\n")
    first, extra, index, *proof = head.split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 5")
    assert [decoded(one) for one in proof] == list(PROVEN.proof)
    assert note.encode() == bytes(PROVEN.checkpoint or b"")
    content = parse_exact(decoded(extra.removeprefix("extra ")))
    assert content == {
        "simsa_receipt": 1,
        "round": ROUND,
        "kind": "sheet",
        "secret": SECRET.hex(),
        "fields": dict(SHEET.values),
        "reviewer": {"entry": "e1", "code": "위원 1", "secret": bytes(32).hex()},
        "signature": encoded(PROVEN.signature),
    }


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(EVERY)))
def test_a_changed_byte_is_refused(draw: st.DataObject, name: str) -> None:
    data = bytearray(bytes(EVERY[name]))
    place = draw.draw(st.integers(0, len(data) - 1))
    data[place] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(ReceiptError):
        Receipt.parse(bytes(data)).check([KEY.verifier])


def with_extra(change: Callable[[dict[str, Any]], object], receipt: Receipt = PROVEN) -> bytes:
    lines, content = bytes(receipt).decode().split("\n"), extra_of(receipt)
    change(content)
    lines[1] = f"extra {encoded(canonical_bytes(content))}"
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own.pop("secret"),
        lambda own: own.pop("reviewer"),
        lambda own: own.update(more=1),
        lambda own: own.update(simsa_receipt=2),
        lambda own: own.update(kind="event"),
        lambda own: own.update(kind="close"),
        lambda own: own.update(kind=["sheet"]),
        lambda own: own.update(round=""),
        lambda own: own.update(secret="00"),
        lambda own: own.update(fields=[]),
        lambda own: own["fields"].pop("slot"),
        lambda own: own["fields"].pop("version"),
        lambda own: own["fields"].update(version=2),
        lambda own: own["reviewer"].pop("code"),
        lambda own: own["reviewer"].update(entry=""),
        lambda own: own.update(closing=""),
        lambda own: own.pop("signature"),
        lambda own: own.update(signature="!"),
    ],
)
def test_an_extra_of_another_shape_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    for receipt in (PROVEN, PROMISED):
        with pytest.raises(ReceiptError):
            Receipt.parse(with_extra(change, receipt))


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own["fields"].update({"mark/merit": "9"}),
        lambda own: own["fields"].update({"mark/more": "9"}),
        lambda own: own.update(round="another"),
        lambda own: own.update(secret="00" * 32),
        lambda own: own["fields"].update({f"mark/{n}": "1" for n in range(1000)}),  # no leaf is that long
    ],
)
def test_another_submission_does_not_hold(change: Callable[[dict[str, Any]], object]) -> None:
    for other in (Receipt.parse(with_extra(change)), genuine(Receipt.parse(with_extra(change)))):
        with pytest.raises(ReceiptError):
            other.check([KEY.verifier])
    with pytest.raises(ReceiptError):
        Receipt.parse(with_extra(change, PROMISED))


TEXT = bytes(PROVEN).decode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\n\n",
        TEXT.replace("proof@v1", "proof@v2").encode(),
        TEXT.replace("extra ", "").encode(),
        TEXT.replace("\nindex 5", "").encode(),
        TEXT.replace("index 5", "index 05").encode(),
        TEXT.replace("index 5", "index -5").encode(),
        TEXT.replace("index 5", "index 5\nindex 5").encode(),
        TEXT.replace("index 5", f"index 5\nextra {encoded(b'x')}").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.partition("\n\n")[0].encode(),
        TEXT.encode() + b"\n",
        f"simsa.promise@v1\nextra {encoded(b'[]')}\n\n".encode(),
        bytes(PROMISED).replace(b"\n\n", b"\nmore\n\n", 1),
        b"simsa.promise@v1\n\n" + bytes(PROMISED).partition(b"\n\n")[2],
    ],
)
def test_what_is_no_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(ReceiptError):
        Receipt.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "simsa promise v2\n{origin}\n{hash}\n4600\n",
        "simsa promise v1\n{origin}\n4600\n",
        "simsa promise v1\n{origin}\n{hash}\n04600\n",
        "simsa promise v1\n{origin}\n{hash}\nsoon\n",
        "simsa promise v1\n{origin}\n{hash}\n4600\nmore\n",
        "simsa promise v1\n{origin}\n!\n4600\n",
        "simsa promise v1\n{origin}\n{other}\n4600\n",
    ],
)
def test_a_promise_of_another_form_is_refused(text: str) -> None:
    own = text.format(origin=ORIGIN, hash=encoded(SHEET.leaf_hash), other=encoded(EVENT.leaf_hash))
    with pytest.raises(ReceiptError):
        Receipt.parse(bytes(replace(PROMISED, promise=Note.signed(own, [KEY]))))


def test_a_proof_that_does_not_lead_to_the_root_does_not_hold() -> None:
    for wrong in (
        replace(PROVEN, index=4),
        replace(PROVEN, index=11),
        replace(PROVEN, proof=PROVEN.proof[::-1]),
        replace(PROVEN, proof=PROVEN.proof[1:]),
        replace(PROVEN, proof=(b"", *PROVEN.proof[1:])),
        replace(PROVEN, checkpoint=in_log(EVENT).checkpoint),
    ):
        with pytest.raises(ReceiptError):
            genuine(wrong).check([KEY.verifier])


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def longer(witnesses: int, criteria: int) -> Receipt:
    opening = sheet_opening(ROUND, "0" * 32, 1, {f"criterion-{n}": "87.5" for n in range(criteria)}, SECRET)
    receipt = in_log(opening, 20_000, 30_000)
    checkpoint = receipt.checkpoint
    assert checkpoint is not None
    for n in range(witnesses):
        witness = SigningKey(f"witness.example/{n}", COSIGNATURE, bytes([n]) * 32)
        checkpoint = checkpoint.cosigned(witness, 1_700_000_000)
    return genuine(replace(receipt, checkpoint=checkpoint))


@pytest.mark.parametrize("receipt", [PROVEN, PROMISED, longer(2, 6)], ids=["proven", "promised", "of 30,000"])
def test_a_picture_on_paper_is_read_back_to_the_same_bytes(receipt: Receipt) -> None:
    [png] = receipt_pngs(receipt)
    printed = pixels(png)
    [read] = zxingcpp.read_barcodes(printed)
    assert read.bytes == bytes(receipt)
    assert Receipt.parse(read.bytes) == receipt
    # As a telephone sees it: smaller, not level, not quite sharp, grey on grey.
    half = printed.resize((printed.width // 2, printed.height // 2), Image.Resampling.BILINEAR)
    seen = half.rotate(5, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    seen = seen.filter(ImageFilter.GaussianBlur(0.6)).point(lambda grey: 60 + grey * 0.6)
    [read] = zxingcpp.read_barcodes(seen)
    assert read.bytes == bytes(receipt)


def test_the_quiet_zone_is_white_and_sizes_are_said() -> None:
    [png], [svg] = receipt_pngs(PROVEN), receipt_svgs(PROVEN)
    printed = Image.open(io.BytesIO(png))
    assert [round(dots) for dots in printed.info["dpi"]] == [300, 300]
    quiet = 4 * 6
    inner = pixels(png).crop((quiet, quiet, printed.width - quiet, printed.height - quiet))
    framed = Image.new("L", printed.size, 255)
    framed.paste(inner, (quiet, quiet))
    assert framed.tobytes() == pixels(png).tobytes()
    assert inner.getpixel((0, 0)) == 0
    assert f'width="{printed.width / 6 * 0.5:g}mm"'.encode() in svg


def test_a_long_receipt_is_a_row_of_pictures() -> None:
    receipt = longer(8, 40)
    assert len(bytes(receipt)) > 2953
    read = [zxingcpp.read_barcodes(pixels(png))[0] for png in receipt_pngs(receipt)]
    assert b"".join(one.bytes for one in read) == bytes(receipt)
    assert len(receipt_svgs(receipt)) == len(read) > 1


def test_a_receipt_that_no_picture_holds_is_a_file() -> None:
    values = {**SHEET.values, "mark/long": "1" * 40_000}
    with pytest.raises(PictureError, match="keep it as a file"):
        receipt_pngs(replace(PROVEN, opening=replace(SHEET, values=values)))
