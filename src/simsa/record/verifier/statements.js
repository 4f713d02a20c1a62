// Leaves and statements: what each looks like, and the order in which they may stand.

import { base64, digestOf, hex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { parseCanonical } from "./json.js";
import { COSIGNER, SIGNER, parseKey } from "./notes.js";
import { parseNumber } from "./rationals.js";
import { resultShape } from "./resultshape.js";
import { ascending, isCount, isDigest, isList, isObject, isText, keys, rows, texts } from "./shapes.js";

const isSlot = (value) => isText(value) && /^[0-9a-f]{32}$/.test(value);
const isCommitment = isDigest;
const STATUSES = ["submitted", "missing", "recused", "replaced"];

const filled = (value, place, name) => demand(isText(value) && value !== "", `${name} is empty`, place);
const digest = (value, place, name) => demand(isDigest(value), `${name} is no SHA-256`, place);

function names(value, place) {
  demand(isObject(value) && Object.keys(value).length, "has no name", place);
  for (const name of Object.values(value)) filled(name, place, "a name");
}

// What stands in a statement beside its head, by kind.
const CONTENT = {
  freeze(it, place) {
    keys(it, ["engine", "rules_hash", "seed", "synthetic", "auditors"], place);
    filled(it.engine, place, "engine");
    digest(it.rules_hash, place, "rules_hash");
    const further = new Map([["none", []], ["given", ["value"]], ["beacon", ["source"]]]).get(it.seed?.kind);
    demand(further, "has a seed of no known kind", place);
    keys(it.seed, ["kind", ...further], `${place}, seed`);
    demand(further.every((key) => isText(it.seed[key])), "has a seed that is no text", place);
    demand(isText(it.synthetic), "does not say whether data is invented", place);
    texts(it.auditors, `${place}, auditors`);
    for (const key of it.auditors) parseKey(key, COSIGNER, `${place}, auditors`);
  },
  entries(it, place) {
    keys(it, ["entries", "reported"], place);
    demand(isList(it.entries) && it.entries.length, "has no entries", place);
    it.entries.forEach((entry, n) => {
      keys(entry, ["group", "id", "name"], `${place}, entry ${n}`);
      demand(isText(entry.group) && isText(entry.id), "is not as it should be", `${place}, entry ${n}`);
      names(entry.name, `${place}, entry ${entry.id}`);
    });
    ascending(it.entries.map(({ id }) => [id]), 1, `${place}, entries`);
    rows(it.reported, [isText, isText, isText, isText], `${place}, reported`);
    ascending(it.reported, 3, `${place}, reported`);
    const known = new Set(it.entries.map(({ id }) => id));
    for (const [entry, , field, number] of it.reported) {
      demand(known.has(entry), `reports ${field} of the unknown entry ${entry}`, place);
      parseNumber(number, `${place}, reported`);
    }
  },
  panel(it, place) {
    keys(it, ["reviewers", "conflicts"], place);
    for (const list of [it.reviewers, it.conflicts]) {
      texts(list, place);
      demand(list.every(isCommitment), "has what is no commitment", place);
    }
  },
  slots(it, place) {
    keys(it, ["slots", "replaces"], place);
    rows(it.slots, [isSlot, isText, isCommitment], `${place}, slots`);
    ascending(it.slots, 1, `${place}, slots`);
    rows(it.replaces, [isSlot, isSlot, (reason) => isText(reason) && reason !== ""], `${place}, replaces`);
    ascending(it.replaces, 1, `${place}, replaces`);
  },
  close(it, place) {
    keys(it, ["size", "root", "sheets", "slots"], place);
    demand(isCount(it.size) && isCount(it.sheets) && isText(it.root), "is not as it should be", place);
    rows(it.slots, [isSlot, (status) => STATUSES.includes(status), isText], `${place}, slots`);
    ascending(it.slots, 1, `${place}, slots`);
    for (const [slot, status, opening] of it.slots) {
      const counts = status === "submitted" || status === "recused";
      demand(counts ? isCommitment(opening) : opening === "", `the row of ${slot} has no right commitment`, place);
    }
  },
  seed(it, place) {
    keys(it, ["value", "seed"], place);
    filled(it.value, place, "value");
    digest(it.seed, place, "seed");
  },
  amendment(it, place) {
    keys(it, ["reason", "previous", "rules_hash"], place);
    filled(it.reason, place, "reason");
    digest(it.previous, place, "previous");
    digest(it.rules_hash, place, "rules_hash");
  },
  result(it, place) {
    keys(it, ["rules_hash", "seed", "standings", "groups", "lots", "components"], place);
    digest(it.rules_hash, place, "rules_hash");
    demand(it.seed === null || isText(it.seed), "has a seed that is no text", place);
    demand(it.components === null || isDigest(it.components), "components is no SHA-256", place);
    resultShape(it, place);
  },
  key(it, place) {
    keys(it, ["key"], place);
    filled(it.key, place, "key");
  },
  forgotten(it, place) {
    keys(it, ["what", "reason"], place);
    demand(it.what === "openings", "does not say what was forgotten", place);
    filled(it.reason, place, "reason");
  },
};

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
  demand(isObject(leaf.fields) && Object.values(leaf.fields).every(isCommitment), "has no right fields", place);
  demand(FIELDS_OF[leaf.kind](leaf.fields), "has no right fields", place);
  const known = (name) => leaf.kind === "event" || ["slot", "version"].includes(name) || name.startsWith("mark/");
  demand(Object.keys(leaf.fields).every(known), "has an unknown field", place);
  return leaf;
}

function readStatement(files, { kind, sha256 }, round) {
  const place = `statements/${sha256}.json`;
  demand(files.has(place), "is not there", place);
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
    this.last = { entries: null, close: null, seed: null, result: null, forgotten: null };
    this.results = [];
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
    const changed = this.last.close && (this.last.amendment?.index ?? -1) > this.last.close.index;
    demand(!this.last.close || changed, "changes the entries after the close without an amendment", place);
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
    for (const [slot, old] of it.replaces) {
      const [fresh, former] = [this.slotsById.get(slot), before.get(old)];
      const sound = fresh?.index === index && former && !former.replaced && former.entry === fresh.entry;
      demand(sound, `the slot ${slot} cannot take the place of ${old}`, place);
      former.replaced = true;
    }
  }

  close(index, it, place) {
    this.open(place);
    demand(it.size <= index, "closes a log that is longer than it was", place);
    this.keep("close", index, it);
  }

  seed(index, it, place) {
    const wanted = this.last.freeze.seed.kind === "beacon" && this.last.close && !this.last.seed;
    demand(wanted, "is a seed where none was to come", place);
    this.keep("seed", index, it);
  }

  amendment(index, it) {
    this.ruleChanges.push({ index, hash: it.rules_hash, previous: it.previous });
    this.keep("amendment", index, it);
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
    const root = record.log.tree.root(close.size);
    const derived = hex(digestOf("simsa seed v1", root, seed.value));
    demand(derived === seed.seed, "does not follow from the log and what the source gave", `leaf ${seed.index} (seed)`);
  }
  const texted = freeze.seed.kind === "none" ? null : record.seedText;
  for (const result of record.results) {
    demand(result.seed === texted, "was made with another seed", `leaf ${result.index} (result)`);
  }
}
