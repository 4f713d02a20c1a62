// Receipts and promises that people hold, against the log.

import { commitment, decode, encode, equal, parts, unbase64, unhex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { canonicalBytes, canonicalText, parseCanonical } from "./json.js";
import { leafHash, rootOfProof } from "./merkle.js";
import { ed25519, parseCheckpoint, parseNote, signers } from "./notes.js";
import { allRecused } from "./openings.js";
import { parseNumber } from "./rationals.js";
import { isCount, isDigest, isFilled, isList, isObject, isText, keys, rows } from "./shapes.js";

const PROOF = "c2sp.org/tlog-proof@v1";
const PROMISE = "simsa.promise@v1";
const SHEET = ["slot", "version"];
const BRACE = 0x7b; // begins the receipt of a ballot
const FORKED = "the log was forked: two people were shown different logs";

// A receipt that may be right, and proves nothing of this log.
class Unproven extends Fault {}

// Checks all receipts a user holds: those that prove nothing, as Faults, and what has to be said of the others. A Fault
// is thrown where one proves that something is wrong. `keys`: of the log; `keyOf(size)`: that of a checkpoint.
export async function checkReceipts(receipts, { log, origin, round, keys: known, keyOf, record, closing, ballots }) {
  const genuine = [];
  const unproven = [];
  for (const [n, bytes] of receipts.entries()) {
    try {
      const read = bytes[0] === BRACE ? readBallot : readReceipt;
      const receipt = read(bytes, round, `receipt ${n + 1}`);
      await checkGenuine(receipt, origin, known, keyOf);
      genuine.push(receipt);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      unproven.push(error);
    }
  }
  const remarks = [];
  for (const receipt of genuine) {
    try {
      if (receipt.ballot) {
        remarks.push(checkBallot(receipt, log, record, ballots));
        continue;
      }
      checkLogged(receipt, log, record);
      const sheets = genuine.filter(({ ballot }) => !ballot);
      if (receipt.extra.kind === "sheet") remarks.push(checkSheet(receipt, sheets, record, closing));
    } catch (error) {
      if (!(error instanceof Unproven)) throw error;
      unproven.push(error);
    }
  }
  return { unproven, remarks: remarks.filter(Boolean) };
}

// Whether a receipt is genuine. One that is not proves nothing for or against the log.

async function checkGenuine(receipt, origin, known, keyOf) {
  if (receipt.ballot) {
    await checkSealed(receipt, origin, known);
    if (receipt.event) await checkGenuine(receipt.event, origin, known, keyOf);
    return;
  }
  await checkSigned(receipt, origin, known);
  if (receipt.promise) await checkPromise(receipt, origin, known);
  else receipt.checkpoint = await checkProof(receipt, origin, known, keyOf);
}

function readReceipt(bytes, round, place) {
  const text = decode(bytes, place);
  const gap = text.indexOf("\n\n");
  demand(gap > 0, "is no receipt", place);
  const [first, written = "", ...rest] = text.slice(0, gap).split("\n");
  demand(first === PROOF || first === PROMISE, "is no receipt", place);
  demand(written.startsWith("extra "), "says nothing of what was submitted", place);
  const extra = parseCanonical(unbase64(written.slice(6), place), place);
  checkExtra(extra, round, place);
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

function checkExtra(extra, round, place) {
  const sheet = extra?.kind === "sheet";
  const needed = ["simsa_receipt", "round", "kind", "secret", "fields", "signature"];
  keys(extra, sheet ? [...needed, "reviewer"] : needed, place, sheet ? ["closing"] : []);
  demand(!("closing" in extra) || isDigest(extra.closing), "is not understood", place);
  demand(extra.simsa_receipt === 1 && extra.round === round, "is of another round or version", place);
  demand((sheet || extra.kind === "event") && isDigest(extra.secret), "is of no known kind", place);
  demand(isObject(extra.fields) && Object.values(extra.fields).every(isText), "has no right fields", place);
  if (!sheet) return;
  const { fields, reviewer } = extra;
  demand(SHEET.every((name) => name in fields), "has no right fields", place);
  demand(/^[1-9][0-9]*$/.test(fields.version), "has no right version", place);
  keys(reviewer, ["secret", "entry", "code"], place);
  demand(isDigest(reviewer.secret) && isFilled(reviewer.entry) && isFilled(reviewer.code), "is not understood", place);
}

// The hash of the leaf that a receipt leads to.
function leafOf({ round, kind, secret, fields }) {
  const key = unhex(secret);
  const committed = Object.create(null);
  for (const name of Object.keys(fields)) committed[name] = commitment(round, name, key, fields[name]);
  return leafHash(canonicalBytes({ simsa_leaf: 1, round, kind, fields: committed }));
}

async function checkSigned({ place, extra: { signature, ...told } }, origin, known) {
  await checkSignature(signature, parts("simsa receipt v1", origin, canonicalText(told)), known, place);
}

async function checkSignature(signature, signed, known, place) {
  demand(isText(signature), "has no signature", place);
  const bytes = unbase64(signature, place);
  const by = await Promise.all(known.map(({ key }) => ed25519(key, bytes, signed)));
  demand(by.some(Boolean), "was changed, or does not come from this log", place);
}

async function checkPromise({ place, hash, note }, origin, known) {
  const promise = parseNote(note, place);
  const [head, own, encoded, moment, ...rest] = promise.text.split("\n");
  const sound = head === "simsa promise v1" && rest.length === 1 && rest[0] === "" && /^(0|[1-9][0-9]*)$/.test(moment);
  demand(sound, "is no promise", place);
  demand(own === origin, "is of another log", place);
  demand((await signers(promise, known, place)).size, "is not signed by this log", place);
  demand(equal(unbase64(encoded, place), hash), "promises another submission", place);
}

async function checkProof({ place, hash, index, proof, note }, origin, known, keyOf) {
  const checkpoint = parseCheckpoint(note, place);
  const { size, root } = checkpoint;
  demand(checkpoint.origin === origin, "is of another log", place);
  const signed = await signers(checkpoint, known, place);
  const found = rootOfProof(hash, index, size, proof);
  demand(found && equal(found, root), "its proof does not hold", place);
  demand(signed.has(keyOf(size).text), "is not signed by the log's key of its time", place);
  return checkpoint;
}

// The receipt of a ballot: `own` is its commitment, `says` its text; `event`: the receipt of what sealed it.
function readBallot(bytes, round, place) {
  const read = parseCanonical(bytes, place);
  keys(read, ["simsa_ballot", "round", "ballot", "secret", "signature"], place, ["sealed"]);
  demand(read.simsa_ballot === 1 && read.round === round, "is of another round or version", place);
  rows(read.ballot, [isFilled, isText], place);
  for (const [, points] of read.ballot) parseNumber(points, place);
  demand(isDigest(read.secret), "is of no known kind", place);
  const says = canonicalText(read.ballot);
  const own = commitment(round, "ballot", unhex(read.secret), says);
  const receipt = { place, ballot: true, own, says, signature: read.signature, sealed: read.sealed ?? null };
  if (!receipt.sealed) return receipt;
  keys(read.sealed, ["index", "size", "proof", "event"], place);
  const { index, size, proof, event } = read.sealed;
  demand([index, size].every(isCount) && isList(proof) && isText(event), "is not understood", place);
  return { ...receipt, event: readReceipt(unbase64(event, place), round, place) };
}

async function checkSealed({ place, own, signature, sealed, event }, origin, known) {
  await checkSignature(signature, parts("simsa ballot v1", origin, own), known, place);
  if (!sealed) return;
  demand(event.extra.kind === "event" && !event.promise && "event" in event.extra.fields, "is sealed by nothing", place);
  const { verb, payload } = parseCanonical(encode(event.extra.fields.event), place) ?? {};
  const sound = verb === "ballots.sealed" && payload?.ballots === sealed.size && isDigest(payload.root);
  demand(sound, "is sealed by an event about something else", place);
  const proof = sealed.proof.map((hash) => unbase64(hash, place));
  const found = rootOfProof(leafHash(unhex(own)), sealed.index, sealed.size, proof);
  demand(found && equal(found, unhex(payload.root)), "is not among the ballots that were sealed", place);
}

// What a genuine receipt says of the log.

// Whether a ballot was counted as it was cast. `ballots`: of the vote, null where they are not shown.
function checkBallot({ place, own, says, event }, log, record, ballots) {
  const kept = ballots?.get(own);
  if (ballots) {
    demand(kept, "this ballot was dropped", place, "ballot-dropped");
    demand(kept.says === says, "this ballot was changed", place, "ballot-changed");
  }
  if (event) checkLogged(event, log, record);
  if (kept) return kept.counts ? null : { place, reason: "ballot-aside" };
  if (record.last.vote) throw new Unproven("the ballots are not in this file", place, "ballot-hidden");
  if (!event) throw new Unproven("is not sealed yet; get a later bundle", place, "receipt-later");
  return null;
}

// Whether the log has its leaf. After a close it has all sheets; before, it need not go as far as the receipt.
function checkLogged({ place, hash, extra, index, checkpoint }, { tree }, record) {
  const leaves = tree.levels[0];
  const later = () => new Unproven("goes further than this log; get a later bundle", place, "receipt-later");
  const complete = extra.kind === "sheet" && record.last.close;
  const missing = (message, reason) => (complete ? new Fault(message, place, reason) : later());
  if (!checkpoint) {
    if (leaves.some((leaf) => equal(leaf, hash))) return;
    throw missing("the log broke its promise", "receipt-promise");
  }
  if (index >= tree.size) throw missing(FORKED, "receipt-forked");
  const { size, root } = checkpoint;
  demand(size > tree.size || equal(tree.root(size), root), FORKED, place, "receipt-forked");
  demand(equal(leaves[index], hash), "this submission was dropped", place, "receipt-dropped");
  if (size > tree.size && !record.last.close) throw later();
}

const versionOf = ({ extra }) => BigInt(extra.fields.version);

function checkSheet(receipt, genuine, record, closing) {
  const { place, extra } = receipt;
  const { slot } = extra.fields;
  const opened = record.slotsById.get(slot);
  const { entry, secret, code } = extra.reviewer;
  const assigned = opened?.entry === entry && opened.commitment === commitment(record.round, "reviewer", unhex(secret), code);
  demand(assigned, "its slot is not in the log for this entry and reviewer", place, "receipt-slot");
  const versions = genuine.filter((other) => other.extra.fields.slot === slot).map(versionOf);
  if (!record.last.close || versions.some((version) => version > versionOf(receipt))) return null;
  if (opened.replaced) return { place, reason: "receipt-replaced" };
  const marks = Object.create(null);
  for (const [name, value] of Object.entries(extra.fields)) {
    if (!SHEET.includes(name)) marks[name.slice("mark/".length)] = value;
  }
  const [, status, row] = record.last.close.slots.find(([id]) => id === slot);
  const counted = status === (allRecused(marks) ? "recused" : "submitted");
  demand(counted, "this sheet was not counted", place, "receipt-uncounted");
  const own = canonicalText(marks);
  const same = extra.closing
    ? commitment(record.round, "sheet", unhex(extra.closing), own) === row
    : !closing || canonicalText(closing.get(slot)) === own;
  demand(same, "the marks were changed", place, "receipt-changed");
  if (!extra.closing && !closing) {
    throw new Unproven("no sheets are shown, and it does not open the close", place, "receipt-marks");
  }
  return null;
}
