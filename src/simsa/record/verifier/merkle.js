// The Merkle tree of RFC 6962, section 2.1, and its tiles (C2SP tlog-tiles).

import { concat, equal } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { sha256 } from "./sha256.js";

const WIDTH = 256;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (leaf) => sha256(concat(LEAF, leaf));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));

export class Tree {
  // `levels[k][i]`: the hash of the whole subtree over the leaves from i * 2**k on.
  constructor(hashes) {
    this.levels = [hashes];
    for (let below = hashes; below.length > 1; ) {
      const level = Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i], below[2 * i + 1]));
      this.levels.push(level);
      below = level;
    }
  }

  get size() {
    return this.levels[0].length;
  }

  // The root of the first `size` leaves.
  root(size = this.size) {
    let found = null;
    for (let level = 0, rest = size; rest; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) {
        const left = this.levels[level][rest - 1];
        found = found ? nodeHash(left, found) : left;
      }
    }
    return found ?? sha256(new Uint8Array(0));
  }
}

// The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2); null if it has the wrong length.
export function rootOfProof(hash, index, size, proof) {
  if (index >= size) return null;
  let [node, last, found] = [index, size - 1, hash];
  for (const sibling of proof) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      found = nodeHash(sibling, found);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else {
      found = nodeHash(found, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? found : null;
}

function tilePath(level, n, width) {
  const digits = String(n);
  const groups = digits.padStart(3 * Math.ceil(digits.length / 3), "0").match(/.{3}/g);
  const index = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `log/tile/${level}/${index}${width < WIDTH ? `.p/${width}` : ""}`;
}

// Path and [first, behind the last) of every tile of a level with `count` hashes.
function* tiles(level, count) {
  for (let n = 0; n * WIDTH < count; n += 1) {
    const width = Math.min(WIDTH, count - n * WIDTH);
    yield [tilePath(level, n, width), n * WIDTH, n * WIDTH + width];
  }
}

function file(files, path) {
  const found = files.get(path);
  if (!found) throw new Fault("is not there", path);
  return found;
}

// The leaves and the tree of a log of `size` leaves. A Fault where tiles, leaves and `root` do not belong together, or
// there are other tiles than that size has.
export function readLog(files, size, root) {
  const used = new Set();
  const leaves = [];
  for (const [path, first, behind] of tiles("entries", size)) {
    used.add(path);
    leaves.push(...entries(file(files, path), behind - first, path));
  }
  const tree = new Tree(leaves.map(leafHash));
  for (let level = 0, count = size; count; level += 1, count = Math.floor(count / WIDTH)) {
    for (const [path, first, behind] of tiles(level, count)) {
      used.add(path);
      demand(equal(file(files, path), concat(...tree.levels[8 * level].slice(first, behind))), "has other hashes", path);
    }
  }
  for (const path of files.keys()) {
    demand(!path.startsWith("log/tile/") || used.has(path), "is no part of a log of this size", path);
  }
  demand(equal(tree.root(), root), "the leaves do not lead to this root", "log/checkpoint");
  return { leaves, tree };
}

function entries(bundle, count, path) {
  const found = [];
  let at = 0;
  while (at < bundle.length) {
    const behind = at + 2 + ((bundle[at] << 8) | bundle[at + 1]);
    demand(behind <= bundle.length, "is cut off", path);
    found.push(bundle.subarray(at + 2, behind));
    at = behind;
  }
  demand(found.length === count, `has ${found.length} leaves instead of ${count}`, path);
  return found;
}
