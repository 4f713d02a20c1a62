// Signed notes, verifier keys, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

import { concat, decode, encode, equal, hex, unbase64, unhex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { sha256 } from "./sha256.js";

export const SIGNER = 0x01;
export const COSIGNER = 0x04;

const KEY = /^([^\p{White_Space}\u0000-\u001f+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u;
const SIGNATURE = /^\u2014 ([^\p{White_Space}\u0000-\u001f+]+) ([A-Za-z0-9+/=]+)$/u;
const MOST_SIGNATURES = 64;
const FIELD = 2n ** 255n - 19n;
const ORDER_8 = [
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];

// A verifier key of the given type, as {text, name, id, type, key}.
export function parseKey(text, type, place) {
  const found = typeof text === "string" ? KEY.exec(text) : null;
  demand(found, "is not a verifier key", place);
  const [, name, id, encoded] = found;
  const material = unbase64(encoded, place);
  demand(material[0] === type && material.length === 33, "is a verifier key of another type", place);
  demand(!isWeak(material.slice(1)), "is a key for which anybody can sign", place);
  const digest = sha256(concat(encode(`${name}\n`), material));
  demand(equal(digest.subarray(0, 4), unhex(id)), "is a verifier key with another key's identifier", place);
  return { text, name, id: unhex(id), type, key: material.slice(1) };
}

// A point of small order, or not in its one encoding.
function isWeak(key) {
  const y = BigInt(`0x${hex(key.toReversed())}`) & ((1n << 255n) - 1n);
  return y <= 1n || y >= FIELD - 1n || ORDER_8.includes(y);
}

// {text, lines: [{name, id, signature}]}; `place` is told in faults.
export function parseNote(bytes, place) {
  const note = decode(bytes, place);
  demand(!/[\u0000-\u0009\u000b-\u001f]/.test(note), "holds control characters", place);
  const gap = note.lastIndexOf("\n\n");
  demand(gap > 0 && note.endsWith("\n"), "is not a signed note", place);
  const written = note.slice(gap + 2, -1).split("\n");
  demand(written.length <= MOST_SIGNATURES, "has too many signatures", place);
  const lines = written.map((line) => {
    const found = SIGNATURE.exec(line);
    demand(found, "has a damaged signature line", place);
    const signature = unbase64(found[2], place);
    demand(signature.length > 4, "has a damaged signature line", place);
    return { name: found[1], id: signature.subarray(0, 4), signature: signature.subarray(4) };
  });
  return { text: note.slice(0, gap + 1), lines };
}

// {origin, size, root, text, lines}: exactly three lines.
export function parseCheckpoint(bytes, place) {
  const { text, lines } = parseNote(bytes, place);
  const [origin, size, root, ...rest] = text.split("\n");
  demand(rest.length === 1 && rest[0] === "" && origin, "is not a checkpoint of three lines", place);
  demand(/^(0|[1-9][0-9]*)$/.test(size) && Number.isSafeInteger(Number(size)), "has a damaged size", place);
  const hash = unbase64(root, place);
  demand(hash.length === 32, "has a damaged root", place);
  return { origin, size: Number(size), root: hash, text, lines };
}

// The keys among `known` that signed the note. A line of a known key that does not verify is a Fault.
export async function signers(note, known, place) {
  const found = new Set();
  for (const line of note.lines) {
    for (const key of known.filter((one) => one.name === line.name && equal(one.id, line.id))) {
      demand(await verified(note.text, line.signature, key), `the signature of ${key.name} is wrong`, place);
      found.add(key.text);
    }
  }
  return found;
}

async function verified(text, signature, key) {
  if (key.type === SIGNER) return ed25519(key.key, signature, encode(text));
  if (signature.length !== 72 || signature[0] > 127) return false;
  let time = 0n;
  for (const byte of signature.subarray(0, 8)) time = time * 256n + BigInt(byte);
  return ed25519(key.key, signature.subarray(8), encode(`cosignature/v1\ntime ${time}\n${text}`));
}

// Whether the 32 bytes of a key, the signature and the message fit.
export async function ed25519(key, signature, message) {
  if (signature.length !== 64) return false;
  let imported = null;
  try {
    imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Fault("this browser cannot check Ed25519 signatures");
    return false; // not a point of the curve
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}
