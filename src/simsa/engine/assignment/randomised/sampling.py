"""Sampling: an assignment drawn so that every pair is chosen with exactly its marginal probability.

The network of a draw has an edge from each pair's node to its reviewer and one from every node to the kinds below it.
All carry units, `whole` in probability 1, and at every node as much comes in as goes out; an entry gives coverage x
whole.

Halving. Let `whole` be even. At an entry or a kind the edges with odd units are even in number, because their units add
up to (in less out) an even number; at a reviewer one may be left over. Pair them at each vertex: the graph of odd edges
falls apart into closed trails, and open ones that begin and end at reviewers. Send one unit along or against each
trail, by one fair coin, and halve all units and `whole`. Then

- every pair keeps its probability: its units u become u / 2, or (u + 1) / 2 and (u - 1) / 2 with probability 1/2 each,
  and the expected units per `whole` are what they were, exactly;
- what goes through an entry or a kind's node still comes out of it, as trails only pass through: entries keep their
  coverage and a kind's units are its edge's, which end at one of the two whole numbers around their half;
- at a reviewer at most one trail ends, so the load as well ends at one of the whole numbers around its half.

Repeated, every count ends at the whole number just below or just above its expectation, which is within the limits
because limits are whole numbers; a count that is whole from the start never changes. By induction on the halvings the
expectation of every pair's last 0 or 1 is its units / whole.

An odd `whole`, which only a cap with such a denominator makes. Edges whose units are no multiple of it are taken in
cycles, or paths between reviewers at which no other such edge ends; each is moved by +a with probability b / (a + b),
else by -b, where a and b are as far as it can go either way. The mean of the move is (ab - ba) / (a + b) = 0, one edge
at least is settled, and counts pass no whole number (Gandhi, Khuller, Parthasarathy and Srinivasan, "Dependent rounding
and its applications to approximation algorithms", Journal of the ACM 53, 2006).

Bits are the ChaCha20 key stream (RFC 8439, counter and nonce 0) under the key SHA-256("simsa draw v1" and the seed,
each preceded by its length as 8 bytes, big endian). All arithmetic is in whole numbers: equal on every machine.
"""

from __future__ import annotations

import hashlib

import numpy as np

from simsa.engine.assignment.problem import AssignmentError, IntArray
from simsa.engine.assignment.randomised.result import Draw, Marginals
from simsa.engine.assignment.result import read_only
from simsa.engine.native import call


def sample(marginals: Marginals, seed: str | int) -> Draw:
    """Draw one assignment: coverage and pinned pairs exactly, loads and kinds within their limits, in every draw.

    Args:
        seed: any text or whole number; n and its decimal digits are the same seed. Where the draw must be beyond
            suspicion, one that nobody could know or choose when the marginals were fixed.

    Raises:
        AssignmentError: the marginals' limits have been tampered with (units do not add up to whole slots).
    """
    pairs, kinds = marginals.units.size, np.flatnonzero(marginals.parent >= 0)
    below = _units_below(marginals)
    if (below[marginals.parent < 0] % marginals.whole).any():
        raise AssignmentError("the units of an entry do not add up to whole slots")
    nodes = marginals.parent.size
    tail = np.concatenate([marginals.node, marginals.parent[kinds]]).astype(np.int32)
    head = np.concatenate([nodes + marginals.reviewer, kinds]).astype(np.int32)
    units = np.concatenate([marginals.units, below[kinds]]).astype(np.int32)
    key = np.frombuffer(_key(str(seed)), dtype=np.uint8)
    call("simsa_sample", units.size, nodes + marginals.n_reviewers, tail, head, marginals.whole, key, units)
    chosen = np.flatnonzero(units[:pairs])
    affinity = marginals.affinity[chosen]
    affinity.setflags(write=False)
    return Draw(
        entry=read_only(marginals.entry[chosen]),
        reviewer=read_only(marginals.reviewer[chosen]),
        affinity=affinity,
        load=read_only(np.bincount(marginals.reviewer[chosen], minlength=marginals.n_reviewers)),
        seed=str(seed),
    )


def _units_below(marginals: Marginals) -> IntArray:
    """Units in the subtree of every node: a kind's edge carries them. Nodes come after their parents."""
    below = np.zeros(marginals.parent.size, dtype=np.int64)
    np.add.at(below, marginals.node, marginals.units)
    depth, above = np.zeros(below.size, dtype=np.int64), marginals.parent
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, marginals.parent[above], -1)
    for level in range(int(depth.max(initial=0)), 0, -1):
        at = np.flatnonzero(depth == level)
        np.add.at(below, marginals.parent[at], below[at])
    return below


def _key(seed: str) -> bytes:
    digest = hashlib.sha256()
    for part in ("simsa draw v1", seed):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
