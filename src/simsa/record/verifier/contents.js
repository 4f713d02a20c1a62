// What stands in a statement beside its head, by kind.

import { demand } from "./faults.js";
import { COSIGNER, parseKey } from "./notes.js";
import { parseNumber } from "./rationals.js";
import { resultShape } from "./resultshape.js";
import { ascending, isBoolean, isCount, isDigest, isFilled, isList, isObject, isText, keys, rows, texts } from "./shapes.js";

const isSlot = (value) => isText(value) && /^[0-9a-f]{32}$/.test(value);
const isCommitment = isDigest;
const STATUSES = ["submitted", "missing", "recused", "replaced"];

const MOST_DIGITS = 40; // of a reported number, its signs among them
const MOST_DRAWN = 1000;
const DRAWN = /^((0|[1-9][0-9]*)( (0|[1-9][0-9]*))*|[0-9a-f]{64})$/; // numbers, or 64 hexadecimal digits

function isDrawn(value) {
  if (!isText(value) || value.length > MOST_DRAWN || !DRAWN.test(value)) return false;
  const numbers = value.includes(" ") ? value.split(" ").map(BigInt) : [];
  return numbers.every((number, n) => n === 0 || numbers[n - 1] <= number);
}

const filled = (value, place, name) => demand(isFilled(value), `${name} is empty`, place);
const digest = (value, place, name) => demand(isDigest(value), `${name} is no SHA-256`, place);

function names(value, place) {
  demand(isObject(value) && Object.keys(value).length, "has no name", place);
  for (const name of Object.values(value)) filled(name, place, "a name");
}

export const CONTENT = {
  freeze(it, place) {
    keys(it, ["engine", "rules_hash", "seed", "synthetic", "auditors"], place);
    filled(it.engine, place, "engine");
    digest(it.rules_hash, place, "rules_hash");
    const further = new Map([["none", []], ["given", ["value"]], ["beacon", ["source"]]]).get(it.seed?.kind);
    demand(further, "has a seed of no known kind", place);
    keys(it.seed, ["kind", ...further], `${place}, seed`);
    demand(further.every((key) => isFilled(it.seed[key])), "has a seed that is no text, or empty", place);
    demand(isText(it.synthetic), "does not say whether data is invented", place);
    texts(it.auditors, `${place}, auditors`);
    for (const key of it.auditors) parseKey(key, COSIGNER, `${place}, auditors`);
  },
  entries(it, place) {
    keys(it, ["entries", "reported"], place);
    demand(isList(it.entries) && it.entries.length, "has no entries", place);
    it.entries.forEach((entry, n) => {
      keys(entry, ["group", "id", "name"], `${place}, entry ${n}`);
      demand(isFilled(entry.group) && isFilled(entry.id), "has no group or identifier", `${place}, entry ${n}`);
      names(entry.name, `${place}, entry ${entry.id}`);
    });
    ascending(it.entries.map(({ id }) => [id]), 1, `${place}, entries`);
    rows(it.reported, [isText, isText, isFilled, isText], `${place}, reported`);
    ascending(it.reported, 3, `${place}, reported`);
    const known = new Set(it.entries.map(({ id }) => id));
    for (const [entry, , field, number] of it.reported) {
      demand(known.has(entry), `reports ${field} of the unknown entry ${entry}`, place);
      demand(number.length <= MOST_DIGITS, `reports a number of more than ${MOST_DIGITS} characters`, place);
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
    rows(it.replaces, [isSlot, isSlot, isFilled], `${place}, replaces`);
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
    demand(isDrawn(it.value), "has a value in another spelling or order", place);
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
    demand(it.components === null || isDigest(it.components), "components is no commitment", place);
    resultShape(it, place);
  },
  vote(it, place) {
    keys(it, ["entries", "ballots", "counted", "asides", "sha256"], place);
    texts(it.entries, `${place}, entries`);
    demand(it.entries.every(isFilled), "has an entry without a name", place);
    demand(isCount(it.ballots) && isCount(it.counted), "does not say how many ballots there are", place);
    rows(it.asides, [isFilled, isCount, isBoolean], `${place}, asides`);
    digest(it.sha256, place, "sha256");
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
