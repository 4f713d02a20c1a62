"""The tree against RFC 6962, section 2.1, taken word by word, and against published proofs of which most must fail."""

import base64
import json
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.record import merkle
from simsa.record.merkle import Frontier, ProofError, verify_consistency, verify_inclusion
from tests.draws import draws
from tests.record.vectors import VECTORS, needs_vectors

LARGEST = 70
DATA = tuple(f"leaf {n}".encode() for n in range(LARGEST))
HASHES = [merkle.leaf_hash(data) for data in DATA]
LAYERS = merkle.layers(HASHES)


def nodes(level: int, index: int) -> bytes:
    return LAYERS[level][index]


def below(n: int) -> int:
    """The greatest power of two below n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end])."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return sha256(b"\0" + DATA[start]).digest()
    k = below(end - start)
    return sha256(b"\1" + mth(start, start + k) + mth(start + k, end)).digest()


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end])."""
    if end - start == 1:
        return []
    k = below(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b)."""
    if m == end - start:
        return [] if whole else [mth(start, end)]
    k = below(end - start)
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


def test_roots_are_those_of_the_rfc_however_they_are_computed() -> None:
    grown = Frontier()
    for size in range(LARGEST + 1):
        wanted = mth(0, size)
        assert grown.root == wanted
        assert merkle.root_of(HASHES[:size]) == wanted
        assert merkle.root_from(nodes, size) == wanted
        assert Frontier(size, grown.hashes).root == wanted
        if size < LARGEST:
            grown.append(HASHES[size])


def test_every_inclusion_proof_is_that_of_the_rfc_and_holds() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = merkle.inclusion_proof(nodes, index, size)
            assert proof == path(index, 0, size)
            verify_inclusion(HASHES[index], index, size, proof, mth(0, size))


def test_every_consistency_proof_is_that_of_the_rfc_and_holds() -> None:
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(nodes, old, new)
            assert proof == subproof(old, 0, new, True)
            verify_consistency(old, new, proof, mth(0, old), mth(0, new))


def test_a_growing_tree_tells_every_full_subtree_once() -> None:
    told: dict[tuple[int, int], bytes] = {}
    grown = Frontier(5, [mth(0, 4), mth(4, 5)], lambda *node: told.update({node[:2]: node[2]}))
    for hash_ in HASHES[5:]:
        grown.append(hash_)
    full = {(h, n): mth(n << h, (n + 1) << h) for h in range(1, 7) for n in range(LARGEST >> h) if (n + 1) << h > 5}
    assert told == full


def damaged(draw: st.DataObject, proof: Sequence[bytes]) -> list[bytes]:
    """The proof with one thing changed: a bit, or a hash more, less or elsewhere."""
    ways: list[Callable[[list[bytes]], object]] = [lambda own: own.insert(place(len(own)), draw.draw(hashes))]
    hashes = st.binary(min_size=32, max_size=32) | st.sampled_from(HASHES)

    def place(most: int) -> int:
        return draw.draw(st.integers(0, most))

    def flip(own: list[bytes]) -> None:
        n, bit = place(len(own) - 1), place(255)
        own[n] = (int.from_bytes(own[n], "big") ^ 1 << bit).to_bytes(32, "big")

    if proof:
        ways += [flip, lambda own: own.pop(place(len(own) - 1)), lambda own: own.append(own[0][:31])]
    if len(proof) > 1:
        ways.append(lambda own: own.insert(0, own.pop()))
    changed = list(proof)
    draw.draw(st.sampled_from(ways))(changed)
    return changed


@settings(max_examples=draws(600), deadline=None)
@given(st.data(), st.integers(1, LARGEST))
def test_a_damaged_inclusion_proof_is_refused(draw: st.DataObject, size: int) -> None:
    index = draw.draw(st.integers(0, size - 1))
    proof, root = path(index, 0, size), mth(0, size)
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[index], index, size, damaged(draw, proof), root)
    other = draw.draw(st.integers(-1, size).filter(lambda n: n % LARGEST != index))
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[index], other, size, proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[other % LARGEST], index, size, proof, root)


@settings(max_examples=draws(600), deadline=None)
@given(st.data(), st.integers(1, LARGEST))
def test_a_damaged_consistency_proof_is_refused(draw: st.DataObject, new: int) -> None:
    old = draw.draw(st.integers(1, new))
    proof, before, after = subproof(old, 0, new, True), mth(0, old), mth(0, new)
    with pytest.raises(ProofError):
        verify_consistency(old, new, damaged(draw, proof), before, after)
    for roots in ((HASHES[0][::-1], after), (before, HASHES[0][::-1])):
        with pytest.raises(ProofError):
            verify_consistency(old, new, proof, *roots)


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4), (-1, 4), (0, 0)])
def test_no_proof_leads_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ProofError):
        verify_consistency(old, new, [], merkle.EMPTY_ROOT, mth(0, max(new, 0)))
    with pytest.raises(ValueError, match="no proof leads"):
        merkle.consistency_proof(nodes, old, new)


def test_what_cannot_be_a_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="2 full subtrees"):
        Frontier(5, [mth(0, 4)])
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion_proof(nodes, 3, 3)
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion(b"", 0, 1, [], mth(0, 1))


def refused(check: Callable[..., None], *given: object) -> bool:
    try:
        check(*given)
    except ProofError:
        return True
    return False


@needs_vectors
def test_published_proofs_hold_or_are_refused() -> None:
    found, wanted = [], []
    for row in json.loads((VECTORS / "merkle-inclusion.json").read_text()):
        leaf, root, *proof = (
            base64.b64decode(one or "") for one in (row["leafHash"], row["root"], *(row["proof"] or []))
        )
        found.append((row["file"], refused(verify_inclusion, leaf, row["leafIdx"], row["treeSize"], proof, root)))
        wanted.append((row["file"], row["wantErr"]))
    for row in json.loads((VECTORS / "merkle-consistency.json").read_text()):
        old, new, *proof = (base64.b64decode(one or "") for one in (row["root1"], row["root2"], *(row["proof"] or [])))
        found.append((row["file"], refused(verify_consistency, row["size1"], row["size2"], proof, old, new)))
        wanted.append((row["file"], row["wantErr"]))
    assert found == wanted
    assert (len(wanted), sum(error for _, error in wanted)) == (196, 184)
