// Leaves and statements, and the order in which they may stand.

import { base64, digestOf, hex } from "./bytes.js";
import { CONTENT } from "./contents.js";
import { Fault, demand } from "./faults.js";
import { parseCanonical } from "./json.js";
import { SIGNER, parseKey } from "./notes.js";
import { sha256 as sha } from "./sha256.js";
import { isDigest, isObject, isText, keys } from "./shapes.js";

const FIELDS_OF = {
  sheet: (fields) => "slot" in fields && "version" in fields,
  event: (fields) => Object.keys(fields).length === 1 && "event" in fields,
};

function readLeaf(bytes, round, index) {
  const place = `leaf ${index}`;
  const leaf = parseCanonical(bytes, place);
  demand(isObject(leaf) && isText(leaf.kind), "is of no known kind", place);
  const stated = !Object.hasOwn(FIELDS_OF, leaf.kind);
  keys(leaf, ["simsa_leaf", "round", "kind", ...(stated ? ["sha256", "index"] : ["fields"])], place);
  demand(leaf.simsa_leaf === 1 && leaf.round === round, "is of another round or version", place);
  if (stated) {
    demand(leaf.index === index, "says that it stands elsewhere", place);
    demand(Object.hasOwn(CONTENT, leaf.kind) && isDigest(leaf.sha256), "is of no known kind", place);
    return leaf;
  }
  demand(isObject(leaf.fields) && Object.values(leaf.fields).every(isDigest), "has no right fields", place);
  demand(FIELDS_OF[leaf.kind](leaf.fields), "has no right fields", place);
  const known = (name) => leaf.kind === "event" || ["slot", "version"].includes(name) || name.startsWith("mark/");
  demand(Object.keys(leaf.fields).every(known), "has an unknown field", place);
  return leaf;
}

function readStatement(files, { kind, sha256 }, round) {
  const place = `statements/${sha256}.json`;
  demand(files.has(place), "is not there", place);
  demand(hex(sha(files.get(place))) === sha256, "is another document than its leaf names", place);
  const { simsa_statement: version, kind: told, round: own, ...content } = parseCanonical(files.get(place), place);
  demand(version === 1 && told === kind && own === round, "is of another kind, round or version", place);
  CONTENT[kind](content, place);
  return content;
}

// The keys by the `key` leaves, [{index, key}].
export function keyChanges(leaves, files, round, origin) {
  const found = [];
  leaves.forEach((bytes, index) => {
    if (!/^\{"index":[0-9]+,"kind":"key",/.test(String.fromCharCode(...bytes.subarray(0, 50)))) return;
    const leaf = readLeaf(bytes, round, index);
    const key = parseKey(readStatement(files, leaf, round).key, SIGNER, `leaf ${index}`);
    demand(key.name === origin, "has a key of another log", `leaf ${index}`);
    found.push({ index, key });
  });
  return found;
}

// All leaves and statements, in order, as one record of the round. A Fault where the order is not that of the format.
export function readRecord(log, files, round, keysBefore) {
  const record = new Record(log, round);
  const seen = new Set();
  const named = new Set();
  log.leaves.forEach((bytes, index) => {
    const place = `leaf ${index}`;
    const hash = hex(log.tree.levels[0][index]);
    demand(!seen.has(hash), "is there twice", place);
    seen.add(hash);
    const leaf = readLeaf(bytes, round, index);
    demand((index === 0) === (leaf.kind === "freeze"), "the freeze is leaf 0, and only there", place);
    if ("fields" in leaf) record[leaf.kind](index, leaf.fields, place);
    else {
      named.add(`statements/${leaf.sha256}.json`);
      record[leaf.kind](index, readStatement(files, leaf, round), place, keysBefore);
    }
  });
  for (const path of files.keys()) {
    demand(!path.startsWith("statements/") || named.has(path), "is in no leaf", path);
  }
  demand(log.leaves.length, "the log is empty", "log/checkpoint");
  record.finish();
  return record;
}

class Record {
  constructor(log, round) {
    Object.assign(this, { log, round });
    this.sheets = []; // {index, fields}
    this.events = [];
    this.ruleChanges = []; // {index, hash, previous}
    this.reviewers = []; // commitments
    this.conflicts = [];
    this.slotsById = new Map(); // slot: {entry, commitment, index, replaced}
    this.last = { entries: null, close: null, seed: null, amendment: null, result: null, forgotten: null, vote: null };
    this.results = [];
    this.changes = []; // on the way: {kind, leaf, reason, entry, rules}
  }

  // The rules in force before the leaf at `index` (by default at the end).
  rulesAt(index = Infinity) {
    return this.ruleChanges.filter((change) => change.index < index).at(-1)?.hash ?? null;
  }

  get seedText() {
    const { kind, value } = this.last.freeze.seed;
    return kind === "given" ? value : kind === "beacon" ? (this.last.seed?.seed ?? null) : null;
  }

  open(place) {
    demand(!this.last.close, "stands after the close", place);
  }

  keep(kind, index, it) {
    this.last[kind] = { ...it, index };
  }

  change(kind, leaf, told = {}) {
    this.changes.push({ kind, leaf, reason: "", entry: "", rules: false, ...told });
  }

  sheet(index, fields, place) {
    this.open(place);
    this.sheets.push({ index, fields });
  }

  event(index, fields) {
    this.events.push({ index, fields });
  }

  freeze(index, it) {
    this.keep("freeze", index, it);
    this.ruleChanges.push({ index, hash: it.rules_hash, previous: null });
  }

  entries(index, it, place) {
    const { amendment, entries, close } = this.last;
    const amended = (since) => amendment !== null && amendment.index > (since?.index ?? -1);
    demand(!close || amended(close), "changes the entries after the close without an amendment", place);
    demand(!this.sheets.length || amended(entries), "changes the entries after a sheet without an amendment", place);
    this.keep("entries", index, it);
  }

  panel(index, it, place) {
    this.open(place);
    this.reviewers.push(...it.reviewers);
    this.conflicts.push(...it.conflicts);
  }

  slots(index, it, place) {
    this.open(place);
    demand(this.last.entries, "opens slots before there are entries", place);
    const known = new Set(this.last.entries.entries.map(({ id }) => id));
    const before = new Map(this.slotsById);
    for (const [slot, entry, own] of it.slots) {
      demand(!before.has(slot), `uses the slot ${slot} again`, place);
      demand(known.has(entry), `has a slot of the unknown entry ${entry}`, place);
      this.slotsById.set(slot, { entry, commitment: own, index, replaced: false });
    }
    for (const [slot, old, reason] of it.replaces) {
      const [fresh, former] = [this.slotsById.get(slot), before.get(old)];
      const sound = fresh?.index === index && former && !former.replaced && former.entry === fresh.entry;
      demand(sound, `the slot ${slot} cannot take the place of ${old}`, place);
      former.replaced = true;
      this.change("replaced", index, { reason, entry: fresh.entry });
    }
  }

  close(index, it, place) {
    this.open(place);
    demand(it.size <= index, "closes a log that is longer than it was", place);
    this.keep("close", index, it);
  }

  vote(index, it, place) {
    this.open(place);
    demand(!this.last.vote, "counts the vote a second time", place);
    this.keep("vote", index, it);
  }

  seed(index, it, place) {
    const wanted = this.last.freeze.seed.kind === "beacon" && this.last.close && !this.last.seed;
    demand(wanted, "is a seed where none was to come", place);
    this.keep("seed", index, it);
  }

  amendment(index, it) {
    this.ruleChanges.push({ index, hash: it.rules_hash, previous: it.previous });
    this.keep("amendment", index, it);
    this.change("amendment", index, { reason: it.reason, rules: it.previous !== it.rules_hash });
    this.last.result = null; // until there is a new one
  }

  result(index, it, place) {
    demand(this.last.close, "is a result before the close", place);
    demand(this.last.freeze.seed.kind !== "beacon" || this.last.seed, "is a result before the seed", place);
    demand(!this.last.result, "is a second result without an amendment", place);
    this.results.push({ ...it, index });
    this.keep("result", index, it);
  }

  key(index, it, place, keysBefore) {
    demand(keysBefore(index).every((key) => key.text !== it.key), "is a key that was used before", place);
    this.change("key", index);
  }

  forgotten(index, it, place) {
    demand(this.results.length, "forgets before there is a result", place);
    this.keep("forgotten", index, it);
  }

  finish() {
    const known = new Set(this.last.entries?.entries.map(({ id }) => id));
    for (const [slot, { entry }] of this.slotsById) {
      demand(known.has(entry), `is of the entry ${entry}, which does not take part`, `the slot ${slot}`);
    }
  }
}

// Whether the close accounts for every slot, and the log for the close.
export function checkSlots(record) {
  const { close } = record.last;
  if (!close) return;
  const place = `leaf ${close.index} (close)`;
  const status = new Map(close.slots.map((row) => [row[0], row[1]]));
  for (const [slot, { replaced }] of record.slotsById) {
    demand(status.has(slot), `says nothing of the slot ${slot}`, place);
    demand((status.get(slot) === "replaced") === replaced, `the slot ${slot} is not what it was replaced for`, place);
  }
  for (const slot of status.keys()) demand(record.slotsById.has(slot), `knows the slot ${slot}, which is not open`, place);
  const late = record.sheets.find(({ index }) => index >= close.size);
  if (late) throw new Fault("is a sheet that came too late", `leaf ${late.index}`);
  demand(record.sheets.length === close.sheets, `counts ${close.sheets} of ${record.sheets.length} sheets`, place);
  const counted = close.slots.filter((row) => row[2] !== "").length;
  demand(close.sheets >= counted, "has fewer sheets than slots that were filled", place);
  demand(base64(record.log.tree.root(close.size)) === close.root, "has another root of the log", place);
}

export function checkSeed(record) {
  const { freeze, close, seed } = record.last;
  if (seed) {
    const root = record.log.tree.root(close.index + 1);
    const derived = hex(digestOf("simsa seed v1", root, seed.value));
    demand(derived === seed.seed, "does not follow from the log and what the source gave", `leaf ${seed.index} (seed)`);
  }
  const texted = freeze.seed.kind === "none" ? null : record.seedText;
  for (const result of record.results) {
    demand(result.seed === texted, "was made with another seed", `leaf ${result.index} (result)`);
  }
}
