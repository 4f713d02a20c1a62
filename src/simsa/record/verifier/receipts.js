// Receipts and promises that people hold, against the log.

import { commitment, decode, encode, equal, unbase64, unhex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { canonicalBytes, canonicalText, parseCanonical } from "./json.js";
import { leafHash, rootOfProof } from "./merkle.js";
import { parseCheckpoint, parseNote, signers } from "./notes.js";
import { allRecused } from "./openings.js";
import { isDigest, isObject, isText, keys } from "./shapes.js";

const PROOF = "c2sp.org/tlog-proof@v1";
const PROMISE = "simsa.promise@v1";
const SHEET = ["slot", "version"];

// Checks all receipts a user holds; returns what has to be said of those that are right. `known`: the log's keys.
export async function checkReceipts(receipts, { log, origin, round, known, record, closing }) {
  const held = receipts.map((bytes, n) => readReceipt(bytes, round, `receipt ${n + 1}`));
  const remarks = [];
  for (const receipt of held) {
    if (receipt.promise) await checkPromise(receipt, log, origin, known);
    else await checkProof(receipt, log, origin, known);
    if (receipt.extra.kind === "sheet") remarks.push(checkSheet(receipt, held, record, closing));
  }
  return remarks.filter(Boolean);
}

function readReceipt(bytes, round, place) {
  const text = decode(bytes, place);
  const gap = text.indexOf("\n\n");
  demand(gap > 0, "is no receipt", place);
  const [first, written = "", ...rest] = text.slice(0, gap).split("\n");
  demand(first === PROOF || first === PROMISE, "is no receipt", place);
  demand(written.startsWith("extra "), "says nothing of what was submitted", place);
  const extra = parseCanonical(unbase64(written.slice(6), place), place);
  const sheet = extra?.kind === "sheet";
  keys(extra, ["simsa_receipt", "round", "kind", "secret", "fields", ...(sheet ? ["reviewer"] : [])], place, sheet ? ["closing"] : []);
  demand(!("closing" in extra) || isDigest(extra.closing), "is not understood", place);
  demand(extra.simsa_receipt === 1 && extra.round === round, "is of another round or version", place);
  demand((sheet || extra.kind === "event") && isDigest(extra.secret), "is of no known kind", place);
  demand(isObject(extra.fields) && Object.values(extra.fields).every(isText), "has no right fields", place);
  if (sheet) {
    const { fields, reviewer } = extra;
    demand(SHEET.every((name) => name in fields), "has no right fields", place);
    demand(/^[1-9][0-9]*$/.test(fields.version), "has no right version", place);
    keys(reviewer, ["secret", "entry", "code"], place);
    demand(isDigest(reviewer.secret) && isText(reviewer.entry) && isText(reviewer.code), "is not understood", place);
  }
  const receipt = { place, extra, hash: leafOf(extra), note: encode(text.slice(gap + 2)) };
  if (first === PROMISE) {
    demand(!rest.length, "is no promise", place);
    return { ...receipt, promise: true };
  }
  const [index = "", ...proof] = rest;
  demand(/^index (0|[1-9][0-9]*)$/.test(index), "names no place in the log", place);
  const hashes = proof.map((line) => unbase64(line, place));
  demand(hashes.every((hash) => hash.length === 32), "has a damaged proof", place);
  return { ...receipt, index: Number(index.slice(6)), proof: hashes };
}

// The hash of the leaf that a receipt leads to.
function leafOf({ round, kind, secret, fields }) {
  const key = unhex(secret);
  const committed = Object.create(null);
  for (const name of Object.keys(fields)) committed[name] = commitment(round, name, key, fields[name]);
  return leafHash(canonicalBytes({ simsa_leaf: 1, round, kind, fields: committed }));
}

async function checkProof({ place, hash, index, proof, note }, log, origin, known) {
  const checkpoint = parseCheckpoint(note, place);
  demand(checkpoint.origin === origin, "is of another log", place);
  demand((await signers(checkpoint, known, place)).size, "is not signed by this log", place, "receipt-unsigned");
  const root = rootOfProof(hash, index, checkpoint.size, proof);
  demand(root && equal(root, checkpoint.root), "its proof does not hold", place, "receipt-proof");
  demand(checkpoint.size <= log.tree.size, "is of a longer log; get a later bundle", place, "receipt-later");
  const forked = "the log was forked: two people were shown different logs";
  demand(equal(log.tree.root(checkpoint.size), checkpoint.root), forked, place, "receipt-forked");
  demand(equal(log.tree.levels[0][index], hash), "this submission was dropped", place, "receipt-dropped");
}

async function checkPromise({ place, hash, note }, log, origin, known) {
  const promise = parseNote(note, place);
  const [head, own, encoded, moment, ...rest] = promise.text.split("\n");
  const sound = head === "simsa promise v1" && rest.length === 1 && rest[0] === "" && /^(0|[1-9][0-9]*)$/.test(moment);
  demand(sound, "is no promise", place);
  demand(own === origin, "is of another log", place);
  demand((await signers(promise, known, place)).size, "is not signed by this log", place, "receipt-unsigned");
  demand(equal(unbase64(encoded, place), hash), "promises another submission", place);
  if (log.tree.levels[0].some((one) => equal(one, hash))) return;
  const until = new Date(Number(moment) * 1000).toISOString();
  const broken = `the log broke its promise (${until}); if this bundle is older, get a later one`;
  throw new Fault(broken, place, "receipt-promise");
}

const versionOf = ({ extra }) => BigInt(extra.fields.version);

function checkSheet(receipt, held, record, closing) {
  const { place, extra } = receipt;
  const { slot } = extra.fields;
  const opened = record.slotsById.get(slot);
  const { entry, secret, code } = extra.reviewer;
  const assigned = opened?.entry === entry && opened.commitment === commitment(record.round, "reviewer", unhex(secret), code);
  demand(assigned, "its slot is not in the log for this entry and reviewer", place, "receipt-slot");
  if (opened.replaced) return { place, reason: "receipt-replaced" };
  const versions = held.filter((other) => other.extra.fields.slot === slot).map(versionOf);
  const last = versions.every((version) => version <= versionOf(receipt));
  if (!record.last.close || !last) return null;
  const marks = Object.create(null);
  for (const [name, value] of Object.entries(extra.fields)) {
    if (!SHEET.includes(name)) marks[name.slice("mark/".length)] = value;
  }
  const [, status, row] = record.last.close.slots.find(([id]) => id === slot);
  const counted = status !== "missing" && (status !== "recused" || allRecused(marks));
  demand(counted, "this sheet was not counted", place, "receipt-uncounted");
  const own = canonicalText(marks);
  const opens = !extra.closing || commitment(record.round, "sheet", unhex(extra.closing), own) === row;
  demand(opens && (!closing || canonicalText(closing.get(slot)) === own), "the marks were changed", place, "receipt-changed");
  return null;
}
