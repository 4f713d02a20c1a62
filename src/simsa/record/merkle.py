"""The Merkle tree of a log: RFC 6962, section 2.1, with SHA-256.

Roots and proofs are made from node hashes that are asked for one by one (`Nodes`), wherever they are kept; verification
knows nothing but the proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""`nodes(level, index)`: the hash over the leaves from `index * 2**level` on, 2**level of them, all of them there."""


class ProofError(ValueError):
    """A proof that does not hold; the message says why."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The full subtrees on the right edge of a growing tree, greatest first: enough to go on and to know the root.

    `completed(height, index, hash)` is told every subtree of 2**height leaves that an added leaf completes.
    """

    def __init__(
        self,
        size: int = 0,
        hashes: Iterable[bytes] = (),
        completed: Callable[[int, int, bytes], None] | None = None,
    ) -> None:
        self.size, self.hashes, self._completed = size, list(hashes), completed
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees on its edge")

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash."""
        rest, height = self.size, 0
        while rest & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            rest, height = rest >> 1, height + 1
            if self._completed is not None:
                self._completed(height, rest, leaf)
        self.hashes.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        return _folded(self.hashes)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    edge = Frontier()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root


def layers(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Every full node over leaf hashes by level, leaves first: `layers[level][index]` is what `Nodes` gives."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        found.append([node_hash(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)])
    return found


def root_from(nodes: Nodes, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _range_hash(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Siblings from the leaf up. ValueError if there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return [_range_hash(nodes, start, end) for start, end in reversed(list(_siblings(index, size)))]


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """That the tree of `new` leaves goes on from the one of `old`. ValueError unless 0 < old <= new."""
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from a tree of {old} to one of {new}")
    return [_range_hash(nodes, start, end) for start, end in _subproof(old, 0, new, True)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """ProofError unless `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    _check_hashes([leaf, *proof])
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise ProofError(f"the proof has {len(proof)} hashes, not {inner + border}")
    found = leaf
    for level, sibling in enumerate(proof):
        right = level >= inner or (index >> level) & 1
        found = node_hash(sibling, found) if right else node_hash(found, sibling)
    if found != root:
        raise ProofError("the proof does not lead to the root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """ProofError unless the tree of `new` leaves goes on from the one of `old` with `old_root`."""
    if not 0 < old <= new:
        raise ProofError(f"no proof leads from a tree of {old} leaves to one of {new}")
    _check_hashes(proof)
    if old == new:
        if proof:
            raise ProofError("the proof has hashes where none is needed")
        if old_root != new_root:
            raise ProofError("two roots of one size")
        return
    shift = (old & -old).bit_length() - 1  # the greatest full subtree that ends where the old tree ends
    inner = ((old - 1) ^ (new - 1)).bit_length() - shift
    border = ((old - 1) >> (shift + inner)).bit_count()
    whole = old == 1 << shift  # then the old tree itself is that subtree, and its root is not in the proof
    if len(proof) != inner + border + (not whole):
        raise ProofError(f"the proof has {len(proof)} hashes, not {inner + border + (not whole)}")
    rest = list(proof)
    seed = old_root if whole else rest.pop(0)
    before = after = seed
    position = (old - 1) >> shift
    for level, sibling in enumerate(rest):
        if level >= inner or (position >> level) & 1:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
        else:
            after = node_hash(after, sibling)
    if before != old_root:
        raise ProofError("the proof does not lead to the old root")
    if after != new_root:
        raise ProofError("the proof does not lead to the new root")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofError(f"a hash is not {HASH_BYTES} bytes long")


def _folded(hashes: Sequence[bytes]) -> bytes:
    """One root of full subtrees, greatest first."""
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def _range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """The hash of leaves `start` to `end`, where `start` is a multiple of the greatest power of two below the width."""
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(nodes(level, start >> level))
        start += 1 << level
    return _folded(hashes)


def _split(width: int) -> int:
    """The greatest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _siblings(index: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges beside the path from the root down to a leaf."""
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield middle, end
            end = middle
        else:
            yield start, middle
            start = middle


def _subproof(old: int, start: int, end: int, whole: bool) -> list[tuple[int, int]]:
    """The ranges of RFC 6962's SUBPROOF, from the lowest up."""
    if old == end - start:
        return [] if whole else [(start, end)]
    middle = start + _split(end - start)
    if old <= middle - start:
        return [*_subproof(old, start, middle, whole), (middle, end)]
    return [*_subproof(old - (middle - start), middle, end, False), (start, middle)]
