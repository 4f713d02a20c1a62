// The result as it is stated, and as it follows from rules and sheets.

import { Fault, demand } from "./faults.js";
import { canonicalText } from "./json.js";
import { parseNumber } from "./rationals.js";
import { select } from "./selection.js";
import { isObject, keys } from "./shapes.js";
import { Tally } from "./tally.js";

const place = (index) => `leaf ${index} (result)`;

// Nodes of which a tie-break asks the value before rounding.
const exactNodes = (rules) => new Set(rules.tie_breaks.filter((step) => step.exact).map((step) => step.criterion));

// What the result says of each entry that `select` starts from: [{id, group, score, values, exact, zone, calibrated}].
export function statedEntries(rules, result, entries) {
  const where = place(result.index);
  const nodes = rules.entryNodes.map(({ id }) => id);
  const asked = [...exactNodes(rules)];
  const stated = new Map();
  for (const standing of result.standings) {
    demand(!stated.has(standing.entry), "an entry stands there twice", where);
    const own = `${where}, entry ${standing.entry}`;
    const number = (text) => (text === null ? null : parseNumber(text, own));
    const numbers = (given, names) => {
      keys(given, names, own);
      return Object.fromEntries(names.map((name) => [name, number(given[name])]));
    };
    demand(rules.lottery || standing.zone === null, "has a zone where no lots are drawn by it", own);
    const { official } = rules.calibration;
    const calibrated = number(standing.calibrated);
    demand(official || calibrated === null, "has a calibrated score where the tally is official", own);
    const values = numbers(standing.values, nodes);
    const tally = values[rules.rank_by];
    const score = official && tally !== null ? calibrated : tally;
    const exact = numbers(standing.exact, asked);
    stated.set(standing.entry, { values, exact, zone: standing.zone, calibrated, score });
  }
  demand(stated.size === entries.length, "does not name every entry", where);
  return entries.map(({ id, group }) => {
    demand(stated.has(id), `does not name the entry ${id}`, where);
    return { id, group, ...stated.get(id) };
  });
}

// The sheets that count: a `missing` slot is one with nothing on it. {slot, entry (position), marks, place}.
export function countingSheets(rules, record, closing) {
  const position = new Map(record.last.entries.entries.map(({ id }, n) => [id, n]));
  const nothing = Object.fromEntries(rules.leaves.map(({ id }) => [id, "not_submitted"]));
  return record.last.close.slots
    .filter(([, status]) => status !== "replaced")
    .map(([slot, status]) => ({
      slot,
      entry: position.get(record.slotsById.get(slot).entry),
      marks: status === "missing" ? nothing : closing.get(slot),
      place: `the slot ${slot}`,
    }));
}

export function checkTally(rules, record, sheets, stated) {
  const { entries, reported } = record.last.entries;
  for (const { group } of entries) demand(rules.group(group), "is not in the rules", `the group ${group}`);
  const tally = new Tally(rules, entries, sheets, reported).run();
  const asked = exactNodes(rules);
  stated.forEach((entry, n) => {
    for (const { id: node } of rules.entryNodes) {
      compare(entry.values[node], tally.value(node, n), entry, node);
      if (asked.has(node)) compare(entry.exact[node], tally.unrounded(node, n), entry, `${node} before rounding`);
    }
  });
}

function compare(stated, computed, entry, what) {
  if (stated === null ? computed === null : stated.equals(computed)) return;
  const [said, found] = [stated, computed].map((number) => (number === null ? "no result" : number.text));
  throw new Fault(`the result says ${said}, the sheets ${found} at ${what}`, `the entry ${entry.id}`);
}

export function checkSelection(rules, result, stated) {
  const where = place(result.index);
  const found = select(rules, stated, result.seed);
  const own = ["entry", "group", "outcome", "rank", "score", "reason"];
  result.standings.forEach((standing, n) => {
    const expected = found.standings[n];
    for (const key of own) {
      const same = canonicalText(standing[key]) === canonicalText(expected[key]);
      if (!same) throw new Fault(difference(standing[key], expected[key], key), `${where}, entry ${standing.entry}`);
    }
  });
  for (const key of ["groups", "lots"]) {
    demand(canonicalText(result[key]) === canonicalText(found[key]), `${key} do not follow from the values`, where);
  }
}

function difference(said, computed, key) {
  if (isObject(said) && isObject(computed)) {
    const inner = Object.keys(computed).find((one) => canonicalText(said[one] ?? null) !== canonicalText(computed[one]));
    if (inner) return difference(said[inner], computed[inner], `${key}.${inner}`);
  }
  return `${key} is ${canonicalText(said ?? null).slice(0, 80)}; it follows ${canonicalText(computed).slice(0, 80)}`;
}

export function checkCalibrated(result, stated, scores) {
  stated.forEach((entry, n) => compare(entry.calibrated, scores[n], entry, "the calibrated score"));
}

// The selected as they are stated, by group, for whoever looks at the outcome.
export function winnersOf(result, entries) {
  const names = new Map(entries.map(({ id, name }) => [id, name]));
  const selected = result.standings.filter(({ outcome }) => outcome === "selected");
  return selected.map(({ entry, group, rank, score }) => ({ entry, group, rank, score, name: names.get(entry) ?? {} }));
}
