// The tally: exact values of entries at the nodes of the criteria tree. A cell is a Rational, LEFT_OUT or NO_RESULT.

import { Fault, demand } from "./faults.js";
import { numberOf, pointsOf } from "./indicators.js";
import { ONE, Rational, ZERO, greatest, least, limited, parseDecimal, parseNumber, rounded, sum, whole } from "./rationals.js";
import { WORDS } from "./rulesshape.js";

export const LEFT_OUT = "left out";
export const NO_RESULT = "no result";

export const isNumber = (cell) => cell instanceof Rational;
const orNull = (cell) => (isNumber(cell) ? cell : null);

// Numbers that entries report.
export class Reported {
  constructor(rows) {
    this.numbers = new Map(rows.map(([entry, criterion, field, text]) => [this.key(entry, criterion, field), text]));
  }

  key(...parts) {
    return JSON.stringify(parts);
  }

  // At the criterion, else of the entry as a whole; null if not reported.
  get(entry, criterion, field) {
    const found = this.numbers.get(this.key(entry, criterion, field)) ?? this.numbers.get(this.key(entry, "", field));
    return found === undefined ? null : parseNumber(found, `the number ${field} of ${entry}`);
  }
}

export class Tally {
  // `entries`: [{id, group}]; `sheets`: [{entry (position), marks: {leaf: text}, place}]; `reported`: rows.
  constructor(rules, entries, sheets, reported) {
    this.rules = rules;
    this.entries = entries;
    this.sheets = sheets;
    this.reported = new Reported(reported);
    this.ofEntry = entries.map(() => []);
    for (const sheet of sheets) this.ofEntry[sheet.entry].push(sheet);
    this.marks = new Map();
    this.factorCells = new Map();
    this.values = new Map();
    this.exact = new Map();
  }

  run() {
    this.entryValues(this.rules.root);
    return this;
  }

  value(node, entry) {
    return orNull(this.values.get(node)[entry]);
  }

  unrounded(node, entry) {
    return orNull(this.exact.get(node)[entry]);
  }

  // Values of entries: cells by entry.

  entryValues(node) {
    let cells = null;
    if (node.panel) cells = this.entries.map((_, entry) => this.overPanel(node, entry));
    else if (node.indicator) cells = this.indicator(node);
    else {
      const children = this.rules.children(node);
      const parts = children.map((child) => this.entryValues(child));
      cells = this.entries.map((_, entry) => combine(node.combine, children, parts.map((part) => part[entry])));
    }
    const found = this.adjusted(node, this.withFactor(node, cells));
    const within = (cell) => (isNumber(cell) ? limited(cell, node.at_least, node.at_most) : cell);
    this.exact.set(node.id, found.map(within));
    this.values.set(node.id, found.map((cell) => within(isNumber(cell) ? rounded(cell, node.round) : cell)));
    return this.values.get(node.id);
  }

  overPanel(node, entry) {
    const cells = this.ofEntry[entry].map((sheet) => this.sheetValue(node, sheet));
    const cell = aggregate(node.panel, cells, `entry ${this.entries[entry].id}, criterion ${node.id}`);
    return isNumber(cell) ? rounded(cell, node.panel.round) : cell;
  }

  indicator(node) {
    const numbers = this.entries.map(({ id }) => numberOf(this.rules, node.id, node.indicator, id, this.reported));
    return pointsOf(node.indicator, numbers, this.entries).map((points, entry) => {
      if (isNumber(points)) return points;
      return this.missing(node, points, `entry ${this.entries[entry].id}, indicator ${node.id}`);
    });
  }

  withFactor(node, cells) {
    if (!node.factor) return cells;
    return cells.map((cell, entry) => times(cell, this.factor(node, entry)));
  }

  // Computed for all entries at once: what is not reported is refused whether or not it is needed.
  factor(node, entry) {
    if (node.factor.value) return node.factor.value;
    if (!this.factorCells.has(node.id)) {
      this.factorCells.set(node.id, this.entries.map((one) => this.factorOf(node, one)));
    }
    return this.factorCells.get(node.id)[entry];
  }

  factorOf({ id, factor }, entry) {
    if (factor.field === null) return factor.by_group?.get(entry.group) ?? factor.by_group?.get("*") ?? NO_RESULT;
    const place = `entry ${entry.id}, criterion ${id}`;
    const number = this.reported.get(entry.id, id, factor.field);
    demand(number, `the factor ${factor.field} is not reported`, place);
    const allowed = !factor.allowed.length || factor.allowed.some((one) => one.equals(number));
    demand(allowed, `the factor ${number.text} is not allowed`, place);
    return number;
  }

  adjusted(node, cells) {
    let found = cells;
    for (const [kind, sign] of [["bonus", ONE], ["deduction", Rational.of(-1n)]]) {
      const rules = this.rules.adjustments.filter((rule) => rule.criterion === node.id && rule.kind === kind);
      if (!rules.length) continue;
      const cap = this.rules.adjustment_caps.get(kind) ?? null;
      const totals = this.entries.map(({ id }) => limited(sum(rules.map((rule) => this.adjustment(rule, id))), null, cap));
      found = found.map((cell, entry) => (isNumber(cell) ? cell.plus(totals[entry].times(sign)) : cell));
    }
    return found;
  }

  adjustment(rule, entry) {
    const number = numberOf(this.rules, rule.criterion, rule, entry, this.reported);
    const place = `entry ${entry}, ${rule.kind} ${rule.id}`;
    demand(isNumber(number) || rule.missing === "none", `${number}, which the rules refuse`, place);
    demand(!isNumber(number) || number.n >= 0n, "is below 0", place);
    return rounded(limited((isNumber(number) ? number : ZERO).times(rule.each), null, rule.cap), rule.round);
  }

  // Values of one sheet.

  sheetValue(node, sheet) {
    const children = this.rules.children(node);
    if (!children.length) return this.mark(node, sheet);
    const cells = children.map((child) => this.sheetNode(child, sheet));
    const absent = cells.filter((cell) => cell === LEFT_OUT).length;
    const partial = node.combine.method === "sum" && absent && absent < cells.length;
    demand(!partial, `fills only a part of the sum ${node.id}`, sheet.place);
    return combine(node.combine, children, cells);
  }

  sheetNode(node, sheet) {
    let cell = this.sheetValue(node, sheet);
    if (node.factor) cell = times(cell, this.factor(node, sheet.entry));
    return isNumber(cell) ? limited(rounded(cell, node.round), node.at_least, node.at_most) : cell;
  }

  mark(leaf, sheet) {
    const text = sheet.marks[leaf.id];
    if (WORDS.includes(text)) return this.missing(leaf, text, `${sheet.place}, criterion ${leaf.id}`);
    if (!this.marks.has(text)) this.marks.set(text, parseDecimal(text, sheet.place));
    return this.marks.get(text);
  }

  missing(leaf, word, place) {
    const { kind, value } = this.rules.effect(leaf, word);
    if (kind === "refuse") throw new Fault(`${word}, which the rules refuse`, place);
    return kind === "value" ? value : kind === "leave_out" ? LEFT_OUT : NO_RESULT;
  }

  // A sheet's total as if its reviewer were the whole panel, nothing rounded.
  sheetTotal(sheet, node = this.rules.root) {
    const all = this.rules.children(node);
    const children = all.filter((child) => this.rules.marked(child));
    let cell = LEFT_OUT;
    if (all.length) {
      const parts = children.map((child) => this.sheetTotal(sheet, child));
      if (parts.length) cell = combine({ ...node.combine, round: null }, children, parts);
    } else if (!node.indicator) {
      cell = this.mark(node, sheet);
    }
    return node.factor ? times(cell, this.factor(node, sheet.entry)) : cell;
  }
}

const times = (cell, factor) => (isNumber(cell) ? (isNumber(factor) ? cell.times(factor) : NO_RESULT) : cell);

const inOrder = (numbers) => [...numbers].sort((a, b) => a.compare(b));
const mean = (numbers) => sum(numbers).over(whole(numbers.length));

function median(numbers) {
  const ordered = inOrder(numbers);
  const middle = [ordered[(ordered.length - 1) >> 1], ordered[ordered.length >> 1]];
  return mean(middle);
}

function combine(rule, children, cells) {
  if (cells.includes(NO_RESULT)) return NO_RESULT;
  const there = cells.filter(isNumber);
  if (!there.length) return LEFT_OUT;
  if (rule.method === "sum" && there.length < cells.length) return NO_RESULT;
  const cell = combined(rule, children, cells, there);
  return isNumber(cell) ? rounded(cell, rule.round) : cell;
}

function combined(rule, children, cells, there) {
  if (rule.method === "sum") return sum(there);
  if (rule.method === "mean") return mean(there);
  if (rule.method === "median") return median(there);
  if (rule.method === "min") return there.reduce(least);
  if (rule.method === "max") return there.reduce(greatest);
  let total = ZERO;
  let present = ZERO;
  cells.forEach((cell, n) => {
    if (!isNumber(cell)) return;
    total = total.plus(cell.times(children[n].weight));
    present = present.plus(children[n].weight);
  });
  if (present.zero) return NO_RESULT;
  return present.equals(rule.weights_sum) ? total : total.times(rule.weights_sum).over(present);
}

// The panel's value of one entry.
function aggregate(rule, cells, place) {
  if (cells.includes(NO_RESULT)) return NO_RESULT;
  const numbers = inOrder(cells.filter(isNumber));
  const kept = rule.method === "trimmed_mean" ? trimmed(rule, numbers) : numbers;
  let what = rule.method === "median" ? "median" : "mean";
  let over = kept;
  const apart = numbers.length && numbers.at(-1).minus(numbers[0]).compare(rule.spread) > 0;
  if (rule.method === "consensus" && apart) what = rule.otherwise;
  if (numbers.length < rule.minimum || (rule.method === "trimmed_mean" && !kept.length)) {
    what = rule.below_minimum;
    over = numbers;
  }
  demand(what !== "refuse", "the panel's marks do not meet the rules", place);
  if (what === "no_result" || !over.length) return NO_RESULT;
  return what === "median" ? median(over) : mean(over);
}

function trimmed(rule, ordered) {
  let low = Math.min(rule.drop_low, ordered.length);
  let high = Math.max(ordered.length - rule.drop_high, low);
  if (rule.ties === "all") {
    const [first, last] = [low, high];
    if (first) while (low < ordered.length && ordered[low].equals(ordered[first - 1])) low += 1;
    if (last < ordered.length) while (high > 0 && ordered[high - 1].equals(ordered[last])) high -= 1;
  }
  return ordered.slice(low, Math.max(low, high));
}
