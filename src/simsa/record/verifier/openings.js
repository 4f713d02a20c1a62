// Opened commitments: sheets.json, and what auditors are shown.

import { checkBatches } from "./ballots.js";
import { commitment, unhex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { canonicalText, parseCanonical } from "./json.js";
import { parseDecimal } from "./rationals.js";
import { WORDS } from "./rulesshape.js";
import { ascending, isCount, isDigest, isFilled, isObject, isText, keys, rows } from "./shapes.js";

const RECUSED = "recused";

export const allRecused = (marks) => Object.values(marks).every((mark) => mark === RECUSED);

// The slots' opened closing rows, {slot: marks}.
export function readSheets(bytes, record, rules) {
  const place = "sheets.json";
  const opened = parseCanonical(bytes, place);
  rows(opened, [isText, isDigest, isObject], place);
  ascending(opened, 1, place);
  const closing = record.last.close.slots.filter(([, status]) => status === "submitted" || status === "recused");
  demand(opened.length === closing.length, "does not open every sheet that counts", place);
  const known = new Set();
  const found = new Map();
  opened.forEach(([slot, secret, marks], n) => {
    const where = `${place}, slot ${slot}`;
    const [own, status, committed] = closing[n];
    demand(slot === own, "is not the slot whose turn it is", where);
    keys(marks, rules.leaves.map(({ id }) => id), where);
    for (const leaf of rules.leaves) checkMark(rules, leaf, marks[leaf.id], where, known);
    demand(commitment(record.round, "sheet", unhex(secret), canonicalText(marks)) === committed, "does not open", where);
    demand((status === RECUSED) === allRecused(marks), `is not ${status}`, where);
    found.set(slot, marks);
  });
  return found;
}

function checkMark(rules, leaf, text, place, known) {
  demand(isText(text), `has a mark at ${leaf.id} that is no text`, place);
  const key = `${leaf.id}\n${text}`;
  if (known.has(key)) return;
  if (!WORDS.includes(text)) {
    const mark = parseDecimal(text, `${place}, ${leaf.id}`);
    demand(rules.onScale(leaf, mark), `the mark ${text} at ${leaf.id} is not on its scale`, place);
  }
  known.add(key);
}

// What stands in openings/, held against the log: {slot: reviewer}. `closing`: the closing rows, null before a close;
// `ballots`: of a vote that was counted.
export async function readOpenings({ files, record, closing, ballots, progress }) {
  const reviewers = openPanel(files, record);
  const bySlot = openSlots(files, record, reviewers.codes);
  await openSheets(files, record, closing, progress);
  checkBatches(files, record, ballots, openEvents(files, record));
  for (const [entry, reviewer] of reviewers.conflicts) {
    for (const [slot, { entry: own, replaced }] of record.slotsById) {
      if (own !== entry || bySlot.get(slot) !== reviewer || replaced || !closing?.has(slot)) continue;
      demand(allRecused(closing.get(slot)), "was filled in spite of a conflict", `the slot ${slot}`);
    }
  }
  return bySlot;
}

const parsed = (files, path) => parseCanonical(files.get(path), path);

function openPanel(files, record) {
  const place = "openings/panel.json";
  const panel = parsed(files, place);
  keys(panel, ["reviewers", "conflicts"], place);
  rows(panel.reviewers, [isDigest, isFilled], `${place}, reviewers`);
  rows(panel.conflicts, [isDigest, isFilled, isFilled], `${place}, conflicts`);
  ascending(panel.reviewers, 2, `${place}, reviewers`);
  ascending(panel.conflicts, 3, `${place}, conflicts`);
  const opened = (name, list, valueOf, committed) => {
    const wanted = [...committed].sort();
    const found = list.map((row) => commitment(record.round, name, unhex(row[0]), valueOf(row))).sort();
    demand(wanted.join() === found.join(), `does not open the panel's ${name} commitments`, place);
  };
  opened("reviewer", panel.reviewers, (row) => row[1], record.reviewers);
  opened("conflict", panel.conflicts, (row) => canonicalText(row.slice(1)), record.conflicts);
  return {
    codes: new Set(panel.reviewers.map((row) => row[1])),
    conflicts: panel.conflicts.map(([, entry, reviewer]) => [entry, reviewer]),
  };
}

function openSlots(files, record, panel) {
  const place = "openings/slots.json";
  const opened = parsed(files, place);
  rows(opened, [isText, isDigest, isFilled], place);
  ascending(opened, 1, place);
  demand(opened.length === record.slotsById.size, "does not open every slot", place);
  const bySlot = new Map();
  const taken = new Set();
  for (const [slot, secret, reviewer] of opened) {
    const own = record.slotsById.get(slot);
    const where = `${place}, slot ${slot}`;
    demand(own, "is a slot that is not in the log", where);
    demand(commitment(record.round, "reviewer", unhex(secret), reviewer) === own.commitment, "does not open", where);
    demand(panel.has(reviewer), `is of ${reviewer}, who is not on the panel`, where);
    const pair = JSON.stringify([own.entry, reviewer]);
    demand(own.replaced || !taken.has(pair), `gives ${own.entry} to ${reviewer} a second time`, where);
    if (!own.replaced) taken.add(pair);
    bySlot.set(slot, reviewer);
  }
  return bySlot;
}

const PAUSE = 500; // sheets between two signs of life

async function openSheets(files, record, closing, progress) {
  const place = "openings/sheets.json";
  const opened = parsed(files, place);
  rows(opened, [isCount, isDigest, isText, isCount, isObject], place);
  demand(opened.length === record.sheets.length, "does not open every sheet of the log", place);
  const versions = new Map(); // slot: {version: marks}
  const written = new Map(); // a mark is looked at once
  for (let n = 0; n < opened.length; n += 1) {
    const [index, secret, slot, version, marks] = opened[n];
    const { index: own, fields } = record.sheets[n];
    const where = `${place}, leaf ${own}`;
    demand(index === own, "is not opened in the order of the log", where);
    const key = unhex(secret);
    const opens = (name, value) => commitment(record.round, name, key, value) === fields[name];
    demand(opens("slot", slot) && opens("version", String(version)), "does not open", where);
    const names = Object.keys(marks);
    demand(names.length === Object.keys(fields).length - 2, "does not open all its marks", where);
    for (const name of names) {
      if (!written.has(marks[name])) {
        demand(isText(marks[name]), "has a mark that is no text", where);
        if (!WORDS.includes(marks[name])) parseDecimal(marks[name], where);
        written.set(marks[name], true);
      }
      demand(opens(`mark/${name}`, marks[name]), `does not open at ${name}`, where);
    }
    const before = record.slotsById.get(slot)?.index < index;
    demand(before, `is of the slot ${slot}, which was not open before it`, where);
    if (!versions.has(slot)) versions.set(slot, new Map());
    demand(!versions.get(slot).has(version), `is version ${version} of ${slot} once more`, where);
    versions.get(slot).set(version, marks);
    if (n % PAUSE === 0) await progress(n / opened.length);
  }
  for (const [slot, own] of versions) {
    for (let n = 1; n <= own.size; n += 1) demand(own.has(n), `has no version ${n}`, `the slot ${slot}`);
  }
  if (closing) checkLast(record, closing, versions);
}

// The last version of each slot is what the close says.
function checkLast(record, closing, versions) {
  for (const [slot, status] of record.last.close.slots) {
    if (status === "replaced") continue;
    const place = `the slot ${slot}`;
    const own = versions.get(slot);
    const marks = own?.get(own.size);
    demand((status === "missing") === (marks === undefined), `is ${status} in the close, but not in the log`, place);
    const same = status === "missing" || canonicalText(marks) === canonicalText(closing.get(slot));
    demand(same, "has other marks in the close than in its last version", place);
  }
}

// What was done, by leaf.
function openEvents(files, record) {
  const place = "openings/events.json";
  const opened = parsed(files, place);
  rows(opened, [isCount, isDigest, isObject], place);
  demand(opened.length === record.events.length, "does not open every event", place);
  opened.forEach(([index, secret, event], n) => {
    const own = record.events[n];
    const where = `${place}, leaf ${own.index}`;
    keys(event, ["actor", "at", "payload", "verb"], where);
    demand([event.actor, event.at, event.verb].every(isText), "does not say who did what, and when", where);
    const committed = commitment(record.round, "event", unhex(secret), canonicalText(event));
    if (index !== own.index || committed !== own.fields.event) throw new Fault("does not open", where);
  });
  return new Map(opened.map(([index, , event]) => [index, event]));
}

// The components that the result names; what they say is read where scores are computed from them.
export function readComponents(files, record) {
  const place = "openings/components.json";
  const opened = parsed(files, place);
  keys(opened, ["components", "secret"], place);
  const { components, secret } = opened;
  demand(isDigest(secret), "has no secret", place);
  const committed = commitment(record.round, "components", unhex(secret), canonicalText(components));
  demand(committed === record.last.result.components, "does not open", place);
  return components;
}
